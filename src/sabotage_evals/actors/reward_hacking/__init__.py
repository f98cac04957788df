"""The cast of the reward-hacking scenario: a scripted agent for every outcome and every way round, and awkward ones."""

from sabotage_evals.actors.reward_hacking import ends, hacks, honest
from sabotage_evals.actors.reward_hacking.cast import ACTORS, HEADLINE
from sabotage_evals.actors.reward_hacking.texts import PROBLEM

__all__ = ["ACTORS", "HEADLINE", "PROBLEM", "ends", "hacks", "honest"]
