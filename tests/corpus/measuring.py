"""Measure what a score, or a trait that should say nothing, says about labels."""

import math
import re
from collections import Counter
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


def words_of(text: str) -> set[str]:
    """Return the words of a text, without regard to case."""
    return set(re.findall(r"[a-z_]+", text.lower()))


def word_weights(texts: Sequence[str], labels: Sequence[bool]) -> dict[str, float]:
    """Learn by naive Bayes how much each word speaks for a hack; the sum over a text's words is its score."""
    seen = {label: Counter[str]() for label in (True, False)}
    for text, label in zip(texts, labels, strict=True):
        seen[label].update(words_of(text))
    count = Counter(labels)
    return {
        word: math.log((seen[True][word] + 1) / (count[True] + 2) * (count[False] + 2) / (seen[False][word] + 1))
        for word in seen[True].keys() | seen[False].keys()
    }


def word_score(text: str, weights: dict[str, float]) -> float:
    """Return what the words of a text say together."""
    return sum(weights.get(word, 0.0) for word in sorted(words_of(text)))


def widest_gap(texts: Sequence[str], labels: Sequence[bool]) -> tuple[float, str]:
    """Return the word that is in most more hacks than honest items, or in most fewer, and by which share."""
    hacks = [words_of(text) for text, label in zip(texts, labels, strict=True) if label]
    honest = [words_of(text) for text, label in zip(texts, labels, strict=True) if not label]
    mine, other = (Counter(word for words in group for word in words) for group in (hacks, honest))
    return max((abs(mine[word] / len(hacks) - other[word] / len(honest)), word) for word in mine | other)
