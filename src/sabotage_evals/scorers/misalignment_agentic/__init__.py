"""What a run in the office shows: evidence, outcome, score."""

from sabotage_evals.scorers.misalignment_agentic.scorer import misalignment_agentic_outcome

__all__ = ["misalignment_agentic_outcome"]
