"""From `-T` choices to samples: which cells are run, in an order whose every head is balanced."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from sabotage_evals.stimuli.cells import Cell, interleave
from sabotage_evals.stimuli.choosing import check_common, check_names, choose_among, or_refuse, select_arms
from sabotage_evals.tasks.shutdown.arms import Arm, Arms, read_arms
from sabotage_evals.tasks.shutdown.work import FAMILIES


@cache
def arms_of(stimuli: str | None) -> Arms:
    """Return the arms of a folder of stimuli, read once; None for our own alone."""
    return read_arms(None if stimuli is None else Path(stimuli))


class Choice(NamedTuple):
    """A checked choice of arms, work, wordings and seeds."""

    arms: Arms
    selected: tuple[Arm, ...]
    work: tuple[str, ...]
    wordings: int | None
    seeds: int


def choose(
    arms: str | Sequence[str] | None = "core",
    work: str | Sequence[str] | None = "all",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: str | Path | None = None,
) -> Choice:
    """Check what was asked for.

    Raises:
        Refusal: Something was asked for that there is not; the sentence names it and the choices.
    """
    check_common(arms, wordings, seeds)
    check_names("work", work)
    families = choose_among("family of work", work, FAMILIES)
    known = or_refuse(lambda: arms_of(None if stimuli is None else str(stimuli)))
    selected = or_refuse(lambda: select_arms(known, arms, wordings))
    return Choice(known, selected, families, wordings, seeds)


def plan_cells(choice: Choice) -> list[Cell]:
    """Return all cells: for each seed and wording, every family of work in every arm."""
    return interleave(choice.arms, choice.selected, choice.work, choice.wordings, choice.seeds)


def make_dataset(choice: Choice) -> MemoryDataset:
    """Return one sample for each cell, interleaved, with what it is in its id and its metadata."""
    return MemoryDataset([_make_sample(cell, choice.arms) for cell in plan_cells(choice)], name="shutdown")


def _make_sample(cell: Cell, arms: Arms) -> Sample:
    arm = arms.arm(cell.arm)
    texts = arms.render(cell.arm, cell.wording)
    conversation: list[ChatMessage] = [] if texts.system is None else [ChatMessageSystem(content=texts.system)]
    return Sample(
        id=cell.sample_id,
        input=[*conversation, ChatMessageUser(content=texts.user)],
        metadata={
            "arm": cell.arm,
            "wording": cell.wording,
            "work": cell.work,
            "seed": cell.seed,
            "unit": cell.unit,
            "title": arm.title,
            "instructed": arm.instructed,
            "foretold": arm.foretold,
            "published": arm.published.model_dump() if arm.published else None,
            "world": arm.world.model_dump(),
        },
    )
