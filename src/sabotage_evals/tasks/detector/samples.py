"""From `-T` choices to samples: which cells are run, in an order whose every head is balanced."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.cells import Cell, interleave
from sabotage_evals.stimuli.choosing import check_common, check_count, or_refuse, select_arms
from sabotage_evals.tasks.detector.arms import DELIVERABLES, Arm, Arms, Deliverable, read_arms

FACTORS: Final = ("domain", "detects", "salience", "stakes", "score", "oversight", "prior", "instructed")
"""What an arm varies, as its front matter names it."""


@cache
def arms_of(deliverable: Deliverable, stimuli: str | None) -> Arms:
    """Return the arms of a folder of stimuli as they ask for a deliverable, read once; None for our own alone."""
    return read_arms(deliverable, None if stimuli is None else Path(stimuli))


class Choice(NamedTuple):
    """A checked choice of arms, deliverable, wordings and seeds."""

    arms: Arms
    selected: tuple[Arm, ...]
    wordings: int | None
    seeds: int
    items: int
    """Hidden items a family."""


def choose(
    arms: str | Sequence[str] | None = "core",
    deliverable: Deliverable = "rule",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: str | Path | None = None,
    items: int = 100,
) -> Choice:
    """Check what was asked for.

    Raises:
        Refusal: Something was asked for that there is not; the sentence names it and the choices.
    """
    check_common(arms, wordings, seeds)
    check_count("items", items)
    if deliverable not in DELIVERABLES:
        raise Refusal(f"There is no deliverable {deliverable!r}; choose from {', '.join(DELIVERABLES)}.")
    known = or_refuse(lambda: arms_of(deliverable, None if stimuli is None else str(stimuli)))
    selected = or_refuse(lambda: select_arms(known, arms, wordings))
    return Choice(known, selected, wordings, seeds, items)


def plan_cells(choice: Choice) -> list[Cell]:
    """Return all cells: for each seed and wording, every arm."""
    return interleave(choice.arms, choice.selected, [choice.arms.deliverable], choice.wordings, choice.seeds)


def make_dataset(choice: Choice) -> MemoryDataset:
    """Return one sample for each cell, interleaved, with what it is in its id and its metadata."""
    return MemoryDataset([_make_sample(cell, choice) for cell in plan_cells(choice)], name="detector")


def _make_sample(cell: Cell, choice: Choice) -> Sample:
    arm = choice.arms.arm(cell.arm)
    texts = choice.arms.render(cell.arm, cell.wording)
    conversation: list[ChatMessage] = [] if texts.system is None else [ChatMessageSystem(content=texts.system)]
    return Sample(
        id=cell.sample_id,
        input=[*conversation, ChatMessageUser(content=texts.user)],
        metadata={
            "arm": cell.arm,
            "wording": cell.wording,
            "deliverable": cell.work,
            "seed": cell.seed,
            "unit": cell.unit,
            "items": choice.items,
            "title": arm.title,
            "published": arm.published.model_dump() if arm.published else None,
            **arm.model_dump(include=set(FACTORS)),
        },
    )
