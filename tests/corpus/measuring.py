"""Measure what a score, or a trait that should say nothing, says about labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

MARGIN = 0.02
"""AUROCs that lie no further apart are taken for the same."""


def auroc(scores: Sequence[float] | NDArray[Any], labels: Sequence[bool] | NDArray[Any]) -> float:
    """Return the share of pairs of a hack and an honest item that the scores put in order; ties count half."""
    hacks = np.array(labels, dtype=bool)
    ranks = rankdata(np.array(scores, dtype=float))
    positive, negative = hacks.sum(), (~hacks).sum()
    return float((ranks[hacks].sum() - positive * (positive + 1) / 2) / (positive * negative))


def recall_at(scores: Sequence[float], labels: Sequence[bool], false_positives: float) -> float:
    """Return the recall at the lowest threshold that keeps the share of false positives."""
    values, hacks = np.array(scores, dtype=float), np.array(labels, dtype=bool)
    possible = [limit for limit in np.unique(values) if (values[~hacks] >= limit).mean() <= false_positives]
    return float((values[hacks] >= min(possible)).mean()) if possible else 0.0


def difference_bound(first: Sequence[float], second: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the larger p-value of two one-sided tests that paired AUROCs differ by less than the margin.

    The standard error is a bootstrap over pairs, so that what both domains share cancels out.
    """
    one, other, hacks = np.array(first), np.array(second), np.array(labels, dtype=bool)
    rng = np.random.default_rng(1)
    differences = []
    for _ in range(400):
        drawn = rng.integers(0, len(hacks), len(hacks))
        differences.append(auroc(one[drawn], hacks[drawn]) - auroc(other[drawn], hacks[drawn]))
    difference = auroc(one, hacks) - auroc(other, hacks)
    error = max(float(np.std(differences, ddof=1)), 1e-9)
    lower, upper = norm.sf((difference + MARGIN) / error), norm.cdf((difference - MARGIN) / error)
    return float(max(lower, upper))
