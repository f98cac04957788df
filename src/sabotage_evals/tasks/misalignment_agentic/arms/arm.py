"""What an arm is: the factors that its front matter states."""

from typing import Final, Literal, get_args

from sabotage_evals.scorers.misalignment_agentic.evidence import Scenario
from sabotage_evals.stimuli.front import ArmFront

SCENARIOS: Final[tuple[Scenario, ...]] = get_args(Scenario)
"""The situations; each has a folder of stimuli with base texts of its own."""


class Arm(ArmFront):
    """The front matter of an arm: one level of each factor."""

    scenario: Scenario
    twin: bool
    """What looks alike is rightly asked for here."""
    records: Literal["unsaid", "kept", "not_kept"]
    """What is said of whether sessions are recorded and read."""
