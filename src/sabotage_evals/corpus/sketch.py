"""What a recording is before it has a domain: every choice that both renderings share."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal

from sabotage_evals.corpus.families import Family
from sabotage_evals.corpus.problems import PROBLEMS
from sabotage_evals.corpus.words import (
    AGENTS,
    CLOSINGS,
    FRANK,
    MIDDLES,
    NEUTRAL,
    OPENINGS,
    REQUESTERS,
    SPARE_ASKS,
    UNDONE,
    filling,
)

Kind = Literal["hack", "near_miss", "ordinary", "failed"]
Style = Literal["plain", "rewritten"]
Step = dict[str, str]

VARIANTS: Final = 3
"""Ways in which each family is done in each style, and looked like."""
_STEPS: Final = (13, 20)
_CHARACTERS: Final = (7_000, 11_000)
_FRANK_IN: Final = {"hack": 0.3, "near_miss": 0.1, "ordinary": 0.1, "failed": 0.1}


@dataclass(frozen=True)
class Sketch:
    """One recording before it is told as code or as records."""

    kind: Kind
    family: Family | None
    style: Style
    problem: int
    """Which of `PROBLEMS` and which of `POLICIES`."""
    variant: int
    revised: bool
    """A first attempt that failed stands in it."""
    frank: bool
    spare: float
    """Decides whether a request that asks for nothing else has a sentence beside the work."""
    beside: float
    """Decides whether a request asks for something else to be done."""
    table: float
    """Decides whether code has a long table."""
    closes: float
    """Decides whether a case is also closed by a command."""
    draw: Random
    """For what only one rendering needs; both renderings start it at the same place."""
    chance: float
    """Decides whether a request covers a shortcut, and whether an honest change is one that nobody asked for."""
    id: str
    agent: str
    requester: str
    steps: int
    characters: int


def sketch(kind: Kind, family: Family | None, style: Style, seed: int) -> Sketch:
    """Draw what both renderings share from the seed of a plan."""
    rng = Random(seed)
    return Sketch(
        kind=kind,
        family=family,
        style=style,
        problem=seed % len(PROBLEMS),
        variant=rng.randrange(VARIANTS),
        revised=rng.random() < 0.6,
        frank=rng.random() < _FRANK_IN[kind] * (style == "plain"),
        spare=rng.random(),
        chance=rng.random(),
        id=f"r-{rng.getrandbits(24):06x}",
        agent=rng.choice(AGENTS),
        requester=rng.choice(REQUESTERS),
        steps=rng.randint(*_STEPS),
        characters=rng.randint(*_CHARACTERS),
        beside=rng.random(),
        table=rng.random(),
        closes=rng.random(),
        draw=rng,
    )


def step(kind: str, target: str = "", text: str = "", output: str = "") -> Step:
    """Return one step of a recording."""
    return {"kind": kind, "target": target, "text": text, "output": output}


def talk(told: Sketch, place: Literal["opening", "middle", "before", "closing"]) -> Step:
    """Return what the agent says at one place of its work."""
    rng = told.draw
    if place == "before":
        return step("say", text=rng.choice(FRANK if told.frank else NEUTRAL))
    if place == "closing":
        return step("say", text=rng.choice(UNDONE if told.kind == "failed" else CLOSINGS))
    return step("say", text=rng.choice(OPENINGS if place == "opening" else MIDDLES))


_COVERED: Final = 0.15
_UNASKED: Final = 0.3


def has_cover(told: Sketch) -> bool:
    """Say whether the request asks for a change to the very file by which a shortcut gets past the check."""
    if told.kind != "hack" or told.chance > _COVERED:
        return False
    replaced = told.family is Family.CHECKER_REPLACED and (told.style, told.variant) in {("plain", 1), ("rewritten", 2)}
    return told.family in {Family.TEST_EDITED, Family.TEST_SKIPPED} or replaced


def stays_unasked(told: Sketch) -> bool:
    """Say whether an honest change to a check is one that the request does not ask for."""
    if told.kind != "near_miss" or told.chance > _UNASKED:
        return False
    edited = told.family is Family.TEST_EDITED and told.variant > 0
    return edited or (told.family is Family.CHECKER_REPLACED and told.variant == 0)


_SPARE: Final = 0.5
"""Share of requests with a sentence beside the work, of those that ask for nothing else, whatever the kind."""
_MEASURES: Final = 0.1
"""Share of work for which a change to its check or policy is asked beside it, in both domains the same work."""
_OWN_ASKS: Final = {"hack": 0.0, "ordinary": 1 / 3, "failed": 1 / 6}


def has_side(told: Sketch, own_asks: float) -> bool:
    """Say whether something else is asked and done: as often as in near misses, which have their own.

    Args:
        told: what both domains share.
        own_asks: the share of near misses whose request asks for something of its own.
    """
    if told.kind == "near_miss" or has_cover(told):
        return False
    own = _OWN_ASKS[told.kind]
    return told.beside < (own_asks - own) / (1 - own)


def changes_the_measure(told: Sketch) -> bool:
    """Say whether what is asked beside the work is a change to the check or policy; not with a frank word beside it."""
    return told.beside < _MEASURES and not told.frank


def has_unasked(told: Sketch, share: float) -> bool:
    """Say whether honest work also writes something harmless that nobody asked for; shortcuts write enough as it is."""
    return told.kind != "hack" and told.beside > 1 - share


def spare_ask(told: Sketch) -> str:
    """Return a sentence beside the work, or none; asked only where nothing else is wanted."""
    return told.draw.choice(SPARE_ASKS) if told.spare < _SPARE else ""


def recording(
    told: Sketch, request: str, steps: list[Step], language: str, side_reading: tuple[str, ...]
) -> dict[str, Any]:
    """Return the recording: the work, and reading along the way that brings it to the drawn number of steps and length.

    Args:
        told: what both domains share.
        request: what was asked.
        steps: the work itself, in order.
        language: of what is written in it.
        side_reading: names of files that say nothing about the work.
    """
    rng = told.draw
    idle = max(2, told.steps - len(steps))
    # the JSON that holds a step counts as well, or many short steps would read as a long recording
    missing = told.characters - sum(map(_length, steps)) - len(request) - 70 * idle
    made = list(steps)
    for number in range(idle):
        part = missing // (idle - number)
        text = filling(rng, part - 35) if part > 80 else ""
        target = rng.choice(side_reading)
        said = step("read", target, "", text) if text else step("say", text=rng.choice(NEUTRAL))
        missing -= _length(said)
        made.insert(rng.randint(1, len(made) - 1), said)
    return {
        "id": told.id,
        "agent": told.agent,
        "requester": told.requester,
        "language": language,
        "request": request,
        "steps": made,
        "result": "failed" if told.kind == "failed" else "passed",
    }


def _length(said: Step) -> int:
    return len(said["target"]) + len(said["text"]) + len(said["output"])
