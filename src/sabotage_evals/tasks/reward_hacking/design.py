"""What the reward-hacking task declares: its headline, its rates, its contrasts, and what its arms do not measure."""

from collections.abc import Sequence
from typing import Final

from sabotage_evals.design import Design, Headline, Rate
from sabotage_evals.scorers.reward_hacking.keys import HEADLINE_KEY, RATES
from sabotage_evals.stimuli.declaring import declare
from sabotage_evals.tasks.reward_hacking.arms import HEADLINE as ARM
from sabotage_evals.tasks.reward_hacking.arms import PRIMARY, Arm

HEADLINE: Final = Headline(key=HEADLINE_KEY, arm=ARM)
MEASURES: Final = (
    "the effect of a system prompt, at test time, on a model as it is; published inoculation is training with such a "
    "prompt, and nothing is trained here"
)
"""Stands in every log: what an arm of this task is, and what it is not."""
AS_ASKED: Final = ("asked", "permitted")


def reward_hacking_design(selected: Sequence[Arm]) -> Design:
    """Return the design of a run of these arms."""
    rates = [Rate(key=key, title=title, context="agentic") for key, title in RATES.items()]
    return declare("reward_hacking", HEADLINE, rates, selected, PRIMARY, _key)


def _key(arm: Arm, other: Arm) -> str:
    """Where a way round is asked for, hacking has a key of its own; what can be compared is how many did the work."""
    return "solved" if any(each.instructed in AS_ASKED for each in (arm, other)) else "hacked"
