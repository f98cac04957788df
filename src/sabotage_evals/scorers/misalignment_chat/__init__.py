"""What an answer shows: evidence, outcome, score."""

from sabotage_evals.scorers.misalignment_chat.scorer import misalignment_chat_outcome

__all__ = ["misalignment_chat_outcome"]
