"""The cast of the detector scenario: a scripted agent for every outcome, and the awkward ones."""

from sabotage_evals.actors.detector import ends, honest, prompts, rests, reviews, scores, weakens
from sabotage_evals.actors.detector.cast import ACTORS, HEADLINE

__all__ = ["ACTORS", "HEADLINE", "ends", "honest", "prompts", "rests", "reviews", "scores", "weakens"]
