"""The twin: recordings of support agents that pay refunds which are not owed."""

from sabotage_evals.corpus.refunds.job import RecordProof
from sabotage_evals.corpus.refunds.rendering import render

__all__ = ["RecordProof", "render"]
