"""Simulations: how often intervals hold the truth and claims are shown that are false, with wordings that truly differ.

What the docs print of it is compared.
"""

import re
from collections.abc import Callable, Iterable
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
from sabotage_evals.claims.statistics import compare_threshold, difference, rate
from sabotage_evals.stopping import Side

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
    """Return what `rate` reports: t over wordings, Wilson where they do not differ at all, near an end the outer."""
    yes = draw(world, seed)
    shares = yes / world.runs_per_wording
    unlike = (yes != yes[:, :1]).any(axis=1)
    near = np.minimum(shares.mean(axis=1), 1 - shares.mean(axis=1)) * world.wordings < 1
    wilson = by_wilson(yes.sum(axis=1), world.wordings * world.runs_per_wording)
    lower, upper = (bound.copy() for bound in wilson)
    lower[unlike], upper[unlike] = by_t(shares[unlike])
    lower[near], upper[near] = np.minimum(lower, wilson[0])[near], np.maximum(upper, wilson[1])[near]
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


@pytest.mark.parametrize("runs", [6, 24])
@pytest.mark.parametrize(
    ("mean", "spread"), [(0.02, 0.0), (0.02, 0.02), (0.05, 0.0), (0.05, 0.025), (0.1, 0.0), (0.1, 0.05), (0.9, 0.05)]
)
@pytest.mark.parametrize("wordings", [8, 16])
def test_at_low_and_high_rates_too_the_interval_covers(wordings: int, mean: float, spread: float, runs: int) -> None:
    """There it may hold the truth more often than it says, as a count of two or three allows no better."""
    assert coverage(World(wordings, runs, mean, spread))[0] >= LEVEL - WITHIN - 0.01


@pytest.mark.parametrize("runs", [8, 24])
def test_one_case_more_never_lowers_the_upper_bound(runs: int) -> None:
    """Whether the next case comes up in a wording that had one, or in another."""
    for step in (0, 1):
        yes = np.zeros(8, dtype=int)
        before = rate(as_frame(yes, runs), "done").upper
        for case in range(8):
            yes[case * step] += 1
            now = rate(as_frame(yes, runs), "done").upper
            assert now >= before, yes
            before = now


@cache
def wrongly_shown(world: World, side: Side) -> tuple[float, float]:
    """Return how often a rate at the threshold itself is called beyond it, as reported, and by t alone."""
    yes = draw(world, 8)
    total, runs = yes.sum(axis=1), world.wordings * world.runs_per_wording
    count = stats.binom(runs, world.mean)
    exact = count.cdf(total) if side == "below" else count.sf(total - 1)
    unlike = (yes != yes[:, :1]).any(axis=1)
    by_means = exact.copy()
    test = stats.ttest_1samp(
        yes[unlike] / world.runs_per_wording, world.mean, axis=1, alternative="less" if side == "below" else "greater"
    )
    by_means[unlike] = test.pvalue
    return tuple(float(np.mean(p <= 0.05)) for p in (np.maximum(by_means, exact), by_means))  # type: ignore[return-value]


SIDES: Final[tuple[Side, Side]] = ("below", "above")
BARELY: Final = 3 * sqrt(0.05 * 0.95 / SETS)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("world", [World(8, 6, 0.1, 0.05), World(8, 8, 0.05, 0.0), World(12, 4, 0.5, 0.1)])
def test_the_simulated_threshold_test_is_what_is_reported(world: World, side: Side) -> None:
    alternative = "less" if side == "below" else "greater"
    for yes in draw(world, 8)[:12]:
        found = compare_threshold(as_frame(yes, world.runs_per_wording), "done", side, world.mean)
        runs = world.wordings * world.runs_per_wording
        exact = stats.binomtest(int(yes.sum()), runs, world.mean, alternative=alternative).pvalue
        by_means = stats.ttest_1samp(yes / world.runs_per_wording, world.mean, alternative=alternative).pvalue
        assert found.p_value == pytest.approx(max(exact, by_means) if (yes != yes[0]).any() else exact)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("runs", [6, 8, 24, 100])
@pytest.mark.parametrize("mean", [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.95])
def test_a_rate_at_the_threshold_is_seldom_shown_to_be_beyond_it(mean: float, runs: int, side: Side) -> None:
    assert wrongly_shown(World(8, runs, mean, 0.0), side)[0] <= 0.05 + BARELY


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("mean", "spread", "runs"),
    [(0.02, 0.01, 24), (0.05, 0.025, 8), (0.05, 0.025, 24), (0.1, 0.05, 6), (0.1, 0.05, 24), (0.5, 0.2, 24)],
)
def test_where_wordings_differ_by_half_the_rate_it_is_not_much_oftener(
    mean: float, spread: float, runs: int, side: Side
) -> None:
    assert wrongly_shown(World(8, runs, mean, spread), side)[0] <= 0.08 + BARELY


def test_t_alone_would_show_what_is_not_so() -> None:
    assert wrongly_shown(World(8, 8, 0.05, 0.0), "below")[1] > 0.15


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


@cache
def rare_difference(of_first: float, of_second: float, runs: int, wordings: int = 8) -> tuple[float, float]:
    """Return the coverage of what is reported of two rare things, and of t over wordings alone."""
    luck = np.random.default_rng(9)
    first, second = (luck.random((SETS, wordings, runs)) < share for share in (of_first, of_second))
    apart = (first.mean(axis=2) - second.mean(axis=2)).round(12)
    alone = (first & ~second).sum(axis=(1, 2)), (second & ~first).sum(axis=(1, 2))
    bounds = cache(lambda a, b: tango_interval(a, b, wordings * runs))
    tango = np.array([bounds(a, b) for a, b in zip(*(each.tolist() for each in alone), strict=True)]).T
    unlike = (apart != apart[:, :1]).any(axis=1)
    lower, upper = (bound.copy() for bound in tango)
    lower[unlike], upper[unlike] = by_t(apart[unlike])
    few = (apart != 0).sum(axis=1) < 3
    outer = np.where(few, np.minimum(lower, tango[0]), lower), np.where(few, np.maximum(upper, tango[1]), upper)
    return covers(outer, of_first - of_second), covers((lower, upper), of_first - of_second)


@pytest.mark.parametrize("runs", [8, 24])
@pytest.mark.parametrize("second", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("first", [0.0, 0.02])
def test_differences_of_what_is_rare_are_covered(first: float, second: float, runs: int) -> None:
    assert rare_difference(first, second, runs)[0] >= LEVEL - WITHIN - 0.01


def test_t_alone_would_not_cover_the_difference_of_what_is_rare() -> None:
    assert rare_difference(0.0, 0.02, 24)[1] < 0.91


TABLE: Final = [
    World(8, runs, mean, spread)
    for mean, spreads in (
        (0.5, (0.0, 0.1, 0.2)), (0.25, (0.0, 0.1, 0.2)), (0.1, (0.0, 0.05, 0.1)), (0.05, (0.0, 0.025, 0.05)),
        (0.02, (0.0, 0.02, 0.05)),
    )
    for spread in spreads
    for runs in (6, 24)
]  # fmt: skip


def row(world: World, shares: Iterable[float]) -> str:
    """Return a row of a table of docs/statistics.md."""
    cells = (f"{world.mean * 100:g} %", f"{world.spread * 100:g}", f"{world.runs_per_wording}")
    return f"| {' | '.join((*cells, *(f'{share:.0%}' for share in shares)))} |"


def coverage_rows() -> list[str]:
    """Return the table of coverage: `python -m tests.claims.test_coverage` prints both."""
    return [row(world, coverage(world)) for world in TABLE]


def error_rows() -> list[str]:
    """Return the table of claims that were wrongly shown: on each side as reported, and by t alone."""
    return [row(world, (share for side in SIDES for share in wrongly_shown(world, side))) for world in TABLE]


@pytest.mark.parametrize(("heading", "rows"), [("How often the interval", coverage_rows), ("A threshold", error_rows)])
def test_the_documentation_prints_what_is_simulated(heading: str, rows: Callable[[], list[str]]) -> None:
    """To the percent point, as libraries may draw otherwise in a later version."""
    text = DOCS.read_text(encoding="utf-8").split(f"# {heading}")[1].split("\n#")[0]
    for made in rows():
        head, now = made.split(" | ")[:3], [int(share) for share in re.findall(r"(\d+)%", made)]
        line = next((line for line in text.splitlines() if line.split(" | ")[:3] == head), None)
        assert line is not None, f"docs/statistics.md lacks the row {made}"
        assert [int(share) for share in re.findall(r"(\d+)%", line)] == pytest.approx(now, abs=1)


if __name__ == "__main__":
    print("\n".join([*coverage_rows(), "", *error_rows()]))
