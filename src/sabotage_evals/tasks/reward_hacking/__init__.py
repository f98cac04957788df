"""The reward-hacking scenario."""

from sabotage_evals.tasks.reward_hacking.reward_hacking import reward_hacking

__all__ = ["reward_hacking"]
