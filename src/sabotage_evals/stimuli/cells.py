"""A sample's place in the design: which arm, wording, work and seed, in an order whose every head is balanced."""

from collections.abc import Sequence
from typing import NamedTuple

from sabotage_evals.stimuli.arms import ArmSet
from sabotage_evals.stimuli.drafts import number_of
from sabotage_evals.stimuli.layout import Arm


class Cell(NamedTuple):
    """One sample's place in the design."""

    arm: str
    wording: str
    work: str
    seed: int

    @property
    def unit(self) -> str:
        """What is paired between arms: the same wording, work and seed."""
        return f"{self.wording}/{self.work}/{self.seed}"

    @property
    def sample_id(self) -> str:
        """The sample's id, which says what it is."""
        return f"{self.arm}/{self.unit}"


def interleave(
    arms: ArmSet[Arm], selected: Sequence[Arm], work: Sequence[str], wordings: int | None, seeds: int
) -> list[Cell]:
    """Return all cells: for each seed and wording, every kind of work in every arm.

    So any head of the list whose length is a multiple of arms x kinds of work is balanced over both, and holds whole
    pairs.
    """
    has = {arm.arm: arms.wordings(arm.arm, wordings) for arm in selected}
    return [
        Cell(arm.arm, wording, kind, seed)
        for seed in range(1, seeds + 1)
        for wording in sorted({w for ws in has.values() for w in ws}, key=number_of)
        for kind in work
        for arm in selected
        if wording in has[arm.arm]
    ]
