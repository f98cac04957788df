"""Simulations: how often the intervals hold the truth, with wordings that truly differ, and what the docs say of it."""

import re
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sabotage_evals.claims.pairs import tango_interval
from sabotage_evals.claims.statistics import difference, rate

DOCS: Final = Path(__file__).parents[2] / "docs" / "statistics.md"
SETS: Final = 8_000
LEVEL: Final = 0.95
WITHIN: Final = 3 * sqrt(LEVEL * (1 - LEVEL) / SETS)
"""Three standard errors of a simulated coverage."""
Bounds = tuple[np.ndarray, np.ndarray]


class World(NamedTuple):
    """An arm whose wordings truly differ."""

    wordings: int
    runs_per_wording: int
    mean: float
    spread: float
    """Standard deviation of the rate over wordings."""


def draw(world: World, seed: int) -> np.ndarray:
    """Return how many runs of each wording say yes, one row a set of runs; rates over wordings are beta."""
    luck = np.random.default_rng(seed)
    rates = np.full((SETS, world.wordings), world.mean)
    if world.spread:
        concentration = world.mean * (1 - world.mean) / world.spread**2 - 1
        rates = luck.beta(world.mean * concentration, (1 - world.mean) * concentration, rates.shape)
    return luck.binomial(world.runs_per_wording, rates)


def by_t(values: np.ndarray) -> Bounds:
    interval = stats.ttest_1samp(values, 0.5, axis=1).confidence_interval(LEVEL)
    return np.asarray(interval.low), np.asarray(interval.high)


def by_wilson(yes: np.ndarray, runs: int) -> Bounds:
    lower, upper = proportion_confint(yes, runs, alpha=1 - LEVEL, method="wilson")
    return np.asarray(lower), np.asarray(upper)


def reported(world: World, seed: int = 1) -> Bounds:
    """Return what `rate` reports: t over wordings, or Wilson where they do not differ at all."""
    yes = draw(world, seed)
    unlike = (yes != yes[:, :1]).any(axis=1)
    lower, upper = by_wilson(yes.sum(axis=1), world.wordings * world.runs_per_wording)
    lower[unlike], upper[unlike] = by_t(yes[unlike] / world.runs_per_wording)
    return np.maximum(lower, 0), np.minimum(upper, 1)


def covers(bounds: Bounds, truth: float) -> float:
    lower, upper = bounds
    return float(np.mean((lower <= truth + 1e-12) & (truth - 1e-12 <= upper)))


@cache
def coverage(world: World) -> tuple[float, float]:
    """Return the coverage of what is reported, and of an interval that takes all runs for independent."""
    pooled = by_wilson(draw(world, 1).sum(axis=1), world.wordings * world.runs_per_wording)
    return covers(reported(world), world.mean), covers(pooled, world.mean)


def as_frame(yes: np.ndarray, runs: int) -> pd.DataFrame:
    cells = [
        {"wording": f"w{w}", "unit": f"w{w}/k{k}/1", "epoch": 1, "done": float(k < count)}
        for w, count in enumerate(yes)
        for k in range(runs)
    ]
    return pd.DataFrame(cells)


@pytest.mark.parametrize("world", [World(8, 6, 0.3, 0.1), World(8, 3, 0.02, 0.0), World(12, 4, 0.9, 0.1)])
def test_what_is_simulated_is_what_is_reported(world: World) -> None:
    lower, upper = reported(world)
    for index, yes in enumerate(draw(world, 1)[:12]):
        found = rate(as_frame(yes, world.runs_per_wording), "done")
        assert (found.lower, found.upper) == pytest.approx((lower[index], upper[index]), abs=1e-9)


@pytest.mark.parametrize("runs", [6, 24, 100])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("wordings", [8, 16])
def test_over_wordings_that_differ_the_interval_covers(wordings: int, spread: float, runs: int) -> None:
    assert coverage(World(wordings, runs, 0.5, spread))[0] == pytest.approx(LEVEL, abs=WITHIN + 0.01)


@pytest.mark.parametrize("spread", [0.1, 0.2])
def test_taking_runs_of_a_wording_for_independent_would_not_cover(spread: float) -> None:
    assert coverage(World(8, 24, 0.5, spread))[1] < 0.88


@pytest.mark.parametrize("mean", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("runs", [12, 48])
def test_for_two_wordings_only_the_interval_covers_these_two(mean: float, runs: int) -> None:
    """The two wordings stay, and their own mean is the truth: what `for these 2 wordings only` says.

    Wilson's interval swings about its level from rate to rate (Brown, Cai and DasGupta 2001).
    """
    luck = np.random.default_rng(2)
    yes = luck.binomial(runs, (0.4 * mean, 1.6 * mean), (SETS, 2)).sum(axis=1)
    assert covers(by_wilson(yes, 2 * runs), mean) >= 0.90


def test_two_wordings_say_little_of_others() -> None:
    """So it is written beside every interval of fewer than eight."""
    world = World(2, 24, 0.5, 0.2)
    assert covers(by_wilson(draw(world, 1).sum(axis=1), 48), 0.5) < 0.70


@pytest.mark.parametrize("alike", [False, True])
def test_behind_a_zero_stands_the_rate_at_which_it_comes_up_in_five_of_a_hundred_sets(alike: bool) -> None:
    """Once for runs that are independent, once for wordings whose runs all do the same."""
    luck, wordings, runs = np.random.default_rng(3), 8, 6
    found = rate(as_frame(np.zeros(wordings), runs), "done").zero_bound
    assert found is not None
    truth = found.per_cluster if alike else found.independent
    rates = (luck.random((SETS, wordings)) < truth) * 1.0 if alike else np.full((SETS, wordings), truth)
    zeros = (luck.binomial(runs, rates).sum(axis=1) == 0).mean()
    assert zeros == pytest.approx(0.05, abs=WITHIN)


class Pairs(NamedTuple):
    """Two arms over units whose rates differ from unit to unit, alike in both arms."""

    units: int
    first: float
    second: float
    unlike: bool


@cache
def paired_coverage(pairs: Pairs) -> tuple[float, float]:
    """Return the coverage of Tango's interval for these units, and how often McNemar's test finds a difference."""
    luck = np.random.default_rng(4)
    place = (np.arange(pairs.units) + 0.5) / pairs.units
    first, second = (
        stats.beta.ppf(place, 2 * mean, 2 * (1 - mean)) if pairs.unlike else np.full(pairs.units, mean)
        for mean in (pairs.first, pairs.second)
    )
    truth = float(first.mean() - second.mean())
    one, other = (luck.random((SETS, pairs.units)) < rates for rates in (first, second))
    counts = zip((one & ~other).sum(axis=1).tolist(), (other & ~one).sum(axis=1).tolist(), strict=True)
    bounds = cache(lambda a, b: tango_interval(a, b, pairs.units))
    found = cache(lambda a, b: stats.binomtest(a, a + b).pvalue <= 0.05 if a + b else False)
    held, called = [], []
    for a, b in counts:
        lower, upper = bounds(a, b)
        held.append(lower <= truth <= upper)
        called.append(found(a, b))
    return float(np.mean(held)), float(np.mean(called))


PAIRED: Final = [
    Pairs(units, first, second, unlike)
    for units in (8, 24, 64)
    for first, second in ((0.3, 0.3), (0.5, 0.1), (0.9, 0.3))
    for unlike in (False, True)
]


@pytest.mark.parametrize("pairs", PAIRED)
def test_over_few_wordings_the_paired_interval_covers(pairs: Pairs) -> None:
    assert paired_coverage(pairs)[0] >= LEVEL - WITHIN - 0.01


@pytest.mark.parametrize("pairs", [pairs for pairs in PAIRED if pairs.first == pairs.second])
def test_where_arms_do_not_differ_few_differences_are_found(pairs: Pairs) -> None:
    assert paired_coverage(pairs)[1] <= 0.05


@cache
def paired_t(wordings: int, runs: int, mean: float, apart: float, spread: float) -> float:
    """Return the coverage of t over wordings whose true differences vary."""
    luck = np.random.default_rng(5)
    shift = luck.normal(apart, spread, (SETS, wordings)) if spread else np.full((SETS, wordings), apart)
    first = luck.binomial(runs, np.clip(mean + shift, 0, 1))
    second = luck.binomial(runs, mean, (SETS, wordings))
    return covers(by_t((first - second) / runs), apart)


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.1])
@pytest.mark.parametrize(("mean", "apart"), [(0.4, 0.0), (0.3, 0.25)])
def test_over_wordings_whose_differences_vary_the_paired_t_covers(mean: float, apart: float, spread: float) -> None:
    assert paired_t(8, 12, mean, apart, spread) == pytest.approx(LEVEL, abs=WITHIN + 0.01)


def test_the_simulated_paired_t_is_what_is_reported() -> None:
    first, second = draw(World(8, 6, 0.5, 0.1), 6)[0], draw(World(8, 6, 0.2, 0.1), 7)[0]
    found = difference(as_frame(first, 6), as_frame(second, 6), "done")
    lower, upper = by_t((first - second)[None] / 6)
    assert (found.lower, found.upper) == pytest.approx((lower[0], upper[0]))


TABLE: Final = [
    World(8, runs, mean, spread)
    for mean, spreads in ((0.5, (0.0, 0.1, 0.2)), (0.25, (0.0, 0.1, 0.2)), (0.1, (0.0, 0.05, 0.1)), (0.02, (0.0, 0.05)))
    for spread in spreads
    for runs in (6, 24)
]


def rows() -> list[str]:
    """Return the table of docs/statistics.md."""
    return [
        f"| {world.mean * 100:g} % | {world.spread * 100:g} | {world.runs_per_wording} | "
        + " | ".join(f"{share:.0%}" for share in coverage(world))
        + " |"
        for world in TABLE
    ]


def test_the_documentation_prints_the_simulated_coverage() -> None:
    """To the percent point, as libraries may draw otherwise in a later version."""
    text = DOCS.read_text(encoding="utf-8")
    for row in rows():
        head, now = row.split(" | ")[:3], [int(share) for share in re.findall(r"(\d+)%", row)]
        line = next((line for line in text.splitlines() if line.split(" | ")[:3] == head), None)
        assert line is not None, f"docs/statistics.md lacks the row {row}"
        assert [int(share) for share in re.findall(r"(\d+)%", line)] == pytest.approx(now, abs=1)
