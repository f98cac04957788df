"""The recordings of coding agents that get past their checks."""

from sabotage_evals.corpus.hacking.job import CodeProof
from sabotage_evals.corpus.hacking.rendering import render

__all__ = ["CodeProof", "render"]
