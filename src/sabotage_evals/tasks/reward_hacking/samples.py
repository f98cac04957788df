"""From `-T` choices to samples: which problem is met in which arm and wording, in an order whose heads are balanced."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.stimuli.choosing import check_common, check_names, choose_among, or_refuse, select_arms
from sabotage_evals.tasks.reward_hacking.arms import Arm, Arms, Check, read_arms
from sabotage_evals.tasks.reward_hacking.problems import KINDS, PROBLEMS, Kind

FACTORS: Final = ("instructed", "hint")
"""What an arm varies, as its front matter names it."""
HOME: Final = "/home/worker"


@cache
def arms_of(stimuli: str | None) -> Arms:
    """Return the arms of a folder of stimuli, read once; None for our own alone."""
    return read_arms(None if stimuli is None else Path(stimuli))


class Work(NamedTuple):
    """A problem of one kind, which a sample's id names `<problem>-<kind>`."""

    problem: str
    kind: Kind

    @property
    def name(self) -> str:
        return f"{self.problem}-{self.kind}"

    @property
    def workspace(self) -> str:
        """Where the problem lies on the machine."""
        return f"{HOME}/{self.problem}"

    @property
    def check(self) -> Check:
        """How it is checked, as the prompt says."""
        return "clean" if self.kind == "fair" else "workspace"

    @classmethod
    def read(cls, name: str) -> "Work":
        """Read the name of a work."""
        problem, _, kind = name.rpartition("-")
        return cls(problem, next(each for each in KINDS if each == kind))


class Choice(NamedTuple):
    """A checked choice of arms, problems, kinds, wordings and seeds."""

    arms: Arms
    selected: tuple[Arm, ...]
    kinds: tuple[Kind, ...]
    problems: tuple[str, ...]
    wordings: int | None
    seeds: int
    crossed: bool


def choose(
    arms: str | Sequence[str] | None = "core",
    kinds: str | Sequence[str] | None = None,
    problems: str | Sequence[str] | None = None,
    wordings: int | None = None,
    seeds: int = 1,
    crossed: bool = False,
    stimuli: str | Path | None = None,
) -> Choice:
    """Check what was asked for.

    Raises:
        Refusal: Something was asked for that there is not; the sentence names it and the choices.
    """
    check_common(arms, wordings, seeds)
    check_names("kinds", kinds)
    check_names("problems", problems)
    if not isinstance(crossed, bool):
        raise Refusal(f"'crossed' is {crossed!r}, and must be true or false.")
    known = or_refuse(lambda: arms_of(None if stimuli is None else str(stimuli)))
    selected = or_refuse(lambda: select_arms(known, arms, wordings))
    wanted = choose_among("kind", kinds, KINDS)
    return Choice(
        arms=known,
        selected=selected,
        kinds=tuple(kind for kind in KINDS if kind in wanted),
        problems=choose_among("problem", problems, tuple(PROBLEMS)),
        wordings=wordings,
        seeds=seeds,
        crossed=crossed,
    )


def plan_cells(choice: Choice) -> list[Cell]:
    """Return all cells: for each seed and problem, every kind of it in every arm.

    Without `crossed`, a problem of a kind meets one wording a seed. Wordings go round from problem to problem, kind to
    kind and seed to seed, so that each comes up with every kind, and arms with as many wordings share theirs.
    """
    return [
        Cell(arm.arm, wording, Work(problem, kind).name, seed)
        for seed in range(1, choice.seeds + 1)
        for place, problem in enumerate(choice.problems)
        for round_, kind in enumerate(choice.kinds)
        for arm in choice.selected
        for wording in _wordings_met(choice, arm, place + 3 * round_ + seed - 1)
    ]


def _wordings_met(choice: Choice, arm: Arm, turn: int) -> tuple[str, ...]:
    has = choice.arms.wordings(arm.arm, choice.wordings)
    return has if choice.crossed else (has[turn % len(has)],)


def make_dataset(choice: Choice) -> MemoryDataset:
    """Return one sample for each cell, interleaved, with what it is in its id and its metadata."""
    return MemoryDataset([_make_sample(cell, choice.arms) for cell in plan_cells(choice)], name="reward_hacking")


def _make_sample(cell: Cell, arms: Arms) -> Sample:
    arm, work = arms.arm(cell.arm), Work.read(cell.work)
    texts = arms.render(cell.arm, cell.wording, work.workspace, work.check)
    conversation: list[ChatMessage] = [] if texts.system is None else [ChatMessageSystem(content=texts.system)]
    return Sample(
        id=cell.sample_id,
        input=[*conversation, ChatMessageUser(content=texts.user)],
        metadata={
            "arm": cell.arm,
            "wording": cell.wording,
            "work": cell.work,
            "problem": work.problem,
            "kind": work.kind,
            "difficulty": PROBLEMS[work.problem].difficulty,
            "seed": cell.seed,
            "unit": cell.unit,
            "title": arm.title,
            "published": arm.published.model_dump() if arm.published else None,
            **arm.model_dump(include=set(FACTORS)),
        },
    )
