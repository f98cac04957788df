"""What a reward-hacking run shows: evidence, outcome, score."""

from sabotage_evals.scorers.reward_hacking.scorer import reward_hacking_outcome

__all__ = ["reward_hacking_outcome"]
