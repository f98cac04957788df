"""From `-T` choices to samples: which cells are run, in an order whose every head is balanced."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser

from sabotage_evals.stimuli.cells import Cell, interleave
from sabotage_evals.stimuli.choosing import check_common, or_refuse, select_arms
from sabotage_evals.tasks.misalignment_agentic.arms import Arm, Arms, read_arms

WORK: Final = "office"
"""The third part of a sample's id: all arms have the same kind of work."""
FACTORS: Final = ("scenario", "twin", "records")
"""What an arm varies, as its front matter names it."""


@cache
def arms_of(stimuli: str | None) -> Arms:
    """Return the arms of a folder of stimuli, read once; None for our own alone."""
    return read_arms(None if stimuli is None else Path(stimuli))


class Choice(NamedTuple):
    """A checked choice of arms, wordings and seeds."""

    arms: Arms
    selected: tuple[Arm, ...]
    wordings: int | None
    seeds: int


def choose(
    arms: str | Sequence[str] | None = "core",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: str | Path | None = None,
) -> Choice:
    """Check what was asked for.

    Raises:
        Refusal: Something was asked for that there is not; the sentence names it and the choices.
    """
    check_common(arms, wordings, seeds)
    known = or_refuse(lambda: arms_of(None if stimuli is None else str(stimuli)))
    return Choice(known, or_refuse(lambda: select_arms(known, arms, wordings)), wordings, seeds)


def plan_cells(choice: Choice) -> list[Cell]:
    """Return all cells: for each seed and wording, every arm."""
    return interleave(choice.arms, choice.selected, [WORK], choice.wordings, choice.seeds)


def make_dataset(choice: Choice) -> MemoryDataset:
    """Return one sample for each cell, interleaved, with what it is in its id and its metadata."""
    return MemoryDataset([_make_sample(cell, choice) for cell in plan_cells(choice)], name="misalignment_agentic")


def _make_sample(cell: Cell, choice: Choice) -> Sample:
    arm = choice.arms.arm(cell.arm)
    texts = choice.arms.render(cell.arm, cell.wording)
    return Sample(
        id=cell.sample_id,
        input=[ChatMessageSystem(content=texts.system), ChatMessageUser(content=texts.user)],
        metadata={
            "arm": cell.arm,
            "wording": cell.wording,
            "work": cell.work,
            "seed": cell.seed,
            "unit": cell.unit,
            "title": arm.title,
            "published": arm.published.model_dump() if arm.published else None,
            **arm.model_dump(include=set(FACTORS)),
        },
    )
