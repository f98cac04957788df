"""What a detector run shows: evidence, outcome, score."""

from sabotage_evals.scorers.detector.scorer import detector_outcome

__all__ = ["detector_outcome"]
