"""The detector scenario."""

from sabotage_evals.tasks.detector.detector import detector

__all__ = ["detector"]
