"""Rates, paired differences and what may be said of them, from plain columns: wording, unit, epoch and a value.

Runs hang together in clusters, which are wordings where nothing else is said.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Final, NamedTuple

from sabotage_evals.claims.methods import SOURCES, Source
from sabotage_evals.claims.pairs import tango_interval
from sabotage_evals.claims.power import LEVEL, WORDINGS_FOR_T, Size, bound_behind_zero, smallest_difference
from sabotage_evals.scorers.metrics import ENOUGH_ANSWERS, ENOUGH_COVERAGE, is_near_an_end
from sabotage_evals.stopping import Side, Stop, StopRecord, bounds, parse_stop

if TYPE_CHECKING:
    from pandas import DataFrame, Series

LARGEST_GAP: Final = 0.05
"""How far apart the coverage of two arms may be that are compared."""
ROUNDING: Final = 1e-9
"""Differences below it are those of floating point."""
FEWEST_UNLIKE_CLUSTERS: Final = 3
"""Clusters in which the arms differ at all; with fewer the t over them says little."""


@dataclass(frozen=True)
class Cluster:
    """What runs hang together by: an interval over clusters speaks about others that might have been drawn."""

    column: str
    noun: str

    def count(self, number: int) -> str:
        """Say how many there are."""
        return f"{number} {self.noun}{'' if number == 1 else 's'}"

    def only_these(self, number: int) -> str:
        """Say that nothing is known beyond those that were run."""
        return f"for this {self.noun} only" if number == 1 else f"for these {self.count(number)} only"

    @property
    def near_the_edge(self) -> str:
        """The warning where an interval rests on one or two clusters, and rarer ones may not have been drawn."""
        return f", still too short if {self.noun}s differ by more than they show: few of them bear all of it"


WORDINGS: Final = Cluster("wording", "wording")
CLUSTERS: Final = {"wording": WORDINGS, "work": Cluster("work", "question")}
"""By what a design says its runs hang together by; where that is the work, the work is a question."""


class ZeroBound(NamedTuple):
    """What a zero still leaves open: the rate at which it would come up in 5 of 100 such sets of runs."""

    independent: float
    """If every scored run is a draw of its own."""
    per_cluster: float
    """If all runs of a cluster do the same, so that there are only as many draws as clusters."""


@dataclass(frozen=True)
class Rate:
    """How often something happened in one arm, and how sure one may be of it. Rates are NaN where there is no run."""

    total: int
    """Runs of the arm that the key makes sense for: scored and unscored."""
    scored: int
    unscored: int
    """Runs that should have a value and have none; `total = scored + unscored`."""
    left_out: int
    """Runs that were scored but say neither yes nor no on this key; in no count above."""
    conditional: bool
    """The key makes sense of some runs only, so that those that say neither are no lack."""
    yes: int
    rate: float
    """The estimate that the interval is about: the mean of cluster means with t, else the mean of the runs."""
    lower: float
    upper: float
    level: float
    method: str
    """Name of the method, a key of `sources()`."""
    label: str
    """What the interval speaks about and what was done, one short phrase to print under a table."""
    worst_lower: float
    """The estimate if every unscored run, and every one that says neither if the key is not conditional, were a no."""
    worst_upper: float
    """The same if they were a yes."""
    zero_bound: ZeroBound | None
    """Only where no scored run is a yes and there is at least one; after a stop `upper` is the bound instead."""
    cluster: Cluster
    clusters: int
    """Clusters with at least one scored run."""
    units: int
    """Units (wording, work, seed) with at least one scored run."""
    lowest: float
    """The lowest mean of a cluster."""
    highest: float
    coverage: float
    """Scored share of `total + left_out`: what was scored at all."""

    @property
    def unknown(self) -> int:
        """Runs that the bounds take for a no, and for a yes."""
        return self.unscored + (0 if self.conditional else self.left_out)


@dataclass(frozen=True)
class Difference:
    """Rate of an arm minus rate of another over the units that are in both."""

    units: int
    """Units with a scored run in both arms: what the difference is over."""
    unpaired_a: int
    """Units with a scored run in the first arm only."""
    unpaired_b: int
    cluster: Cluster
    clusters: int
    """Clusters with a unit in both."""
    rate_a: float
    """Rate of the first arm over the units in both, so that `difference = rate_a - rate_b`."""
    rate_b: float
    difference: float
    lower: float
    upper: float
    level: float
    method: str
    """Name of the interval's method, a key of `sources()`."""
    test: str
    """Name of the test behind the p-value, a key of `sources()`."""
    label: str
    p_value: float
    smallest_detectable: float
    """The smallest difference that would have been found four times in five; infinite if none could."""
    power_note: str
    """The same as a sentence, to stand beside a null."""
    worst_lower: float
    worst_upper: float


@dataclass(frozen=True)
class ThresholdTest:
    """A one-sided test of a claim that a rate lies below, or above, a number."""

    p_value: float
    """NaN where nothing was scored."""
    test: str
    """A key of `sources()`."""
    label: str


@dataclass(frozen=True)
class Gate:
    """Whether there may be a headline or a contrast; if not, a sentence that says why."""

    is_open: bool
    why: str | None = None


@dataclass(frozen=True)
class Adjusted:
    """One hypothesis after Holm's correction over its family."""

    p_value: float
    adjusted: float
    found: bool
    """Adjusted p below 1 - level."""
    family_size: int


def rate(
    frame: "DataFrame",
    key: str,
    level: float = LEVEL,
    stopped: StopRecord | None = None,
    cluster: Cluster = WORDINGS,
    conditional: bool = False,
) -> Rate:
    """Reckon the rate of a key over the rows of one arm (of one model, in one setting).

    Args:
        frame: One row a run with the cluster's column, `unit`, `epoch`, the key, and `covered` if there is one
            (NaN and covered: scored, but the key says neither; NaN and not covered: unscored. Without the column every
            NaN is unscored).
        key: A column of zeros, ones and NaN.
        level: Of the interval, two-sided.
        stopped: The record of a stop in this arm, on whatever key: the interval is then the anytime-valid one.
        cluster: What runs hang together by.
        conditional: Whether the key makes sense of some of the runs only, such as what those that hacked said of it.
    """
    every = _read_runs(frame, key, cluster)
    runs = _without_neither(every, frame)
    known = runs[runs.value.notna()]
    unscored = len(runs) - len(known)
    means = _cluster_means(known)
    interval = _interval_of_rate(known, means, level, stopped, cluster)
    yes = int(known.value.sum())
    asked = runs if conditional else every
    return Rate(
        total=len(runs),
        scored=len(known),
        unscored=unscored,
        left_out=len(frame) - len(runs),
        conditional=conditional,
        yes=yes,
        rate=_estimate(known, interval.over_clusters),
        lower=interval.lower,
        upper=interval.upper,
        level=level,
        method=interval.method,
        label=interval.label,
        worst_lower=_estimate(asked.fillna({"value": 0.0}), interval.over_clusters),
        worst_upper=_estimate(asked.fillna({"value": 1.0}), interval.over_clusters),
        zero_bound=None if yes or stopped or known.empty else _bound_zero(len(known), len(means)),
        cluster=cluster,
        clusters=len(means),
        units=int(known.unit.nunique()),
        lowest=float(means.min()) if len(means) else nan,
        highest=float(means.max()) if len(means) else nan,
        coverage=(len(frame) - unscored) / len(frame) if len(frame) else nan,
    )


def interval_of_mean(values: "Series[float]", clusters: "Series[str]", level: float = LEVEL) -> tuple[float, float]:
    """Return Student's t over the means of clusters, for a share from 0 to 1 that is measured on every run.

    NaN where there are fewer clusters than `WORDINGS_FOR_T`, or they do not differ: then there is nothing to go by.
    """
    from scipy.stats import ttest_1samp

    means = values.groupby(clusters).mean().dropna()
    if len(means) < WORDINGS_FOR_T or not _vary(means):
        return nan, nan
    interval = ttest_1samp(means, 0.5).confidence_interval(level)
    return max(0.0, float(interval.low)), min(1.0, float(interval.high))


def without_interval(found: Rate, why: str) -> Rate:
    """Return a rate without an interval, for runs whose number hung on their results by a rule that is not known."""
    return replace(found, lower=nan, upper=nan, method="none", label=why, zero_bound=None)


def difference(
    frame_a: "DataFrame",
    frame_b: "DataFrame",
    key: str,
    level: float = LEVEL,
    cluster: Cluster = WORDINGS,
    conditional: bool = False,
) -> Difference:
    """Reckon the paired difference of two arms, first minus second, over the units that are in both.

    With `WORDINGS_FOR_T` clusters or more: epochs are averaged in each unit, units in each cluster, and Student's t
    over the clusters' mean differences has G - 1 degrees of freedom. With fewer, or where all clusters differ alike:
    Tango's score interval and McNemar's exact test over pairs of runs of the same unit, the k-th epoch of one with the
    k-th of the other, which holds for these clusters only. Where hardly any cluster differs, the outer bounds of both
    intervals; t finds nothing there in any case. `conditional` is as in `rate`.
    """
    runs_a, runs_b = _read_runs(frame_a, key, cluster), _read_runs(frame_b, key, cluster)
    known_a, known_b = runs_a[runs_a.value.notna()], runs_b[runs_b.value.notna()]
    if conditional:
        runs_a, runs_b = _without_neither(runs_a, frame_a), _without_neither(runs_b, frame_b)
    units_a, units_b = set(known_a.unit), set(known_b.unit)
    units = _unit_differences(known_a, known_b)
    means = units.groupby("cluster")[["a", "b", "difference"]].mean()
    over_clusters = len(means) >= WORDINGS_FOR_T and _vary(means.difference)
    pairs = _pair_runs(known_a, known_b)
    told = means if over_clusters else pairs
    interval = (
        _t_test(means.difference, pairs, level, cluster)
        if over_clusters
        else _tango_test(pairs, len(means), level, cluster)
    )
    rate_a, rate_b = (float(told[arm].mean()) if len(told) else nan for arm in ("a", "b"))
    smallest = _smallest_difference(len(means), len(pairs), rate_a, rate_b)
    return Difference(
        units=len(units),
        unpaired_a=len(units_a - units_b),
        unpaired_b=len(units_b - units_a),
        cluster=cluster,
        clusters=len(means),
        rate_a=rate_a,
        rate_b=rate_b,
        difference=rate_a - rate_b,
        lower=interval.lower,
        upper=interval.upper,
        level=level,
        method=interval.method,
        test=interval.test,
        label=interval.label,
        p_value=interval.p_value,
        smallest_detectable=smallest,
        power_note=_tell_power(smallest),
        worst_lower=_worst_difference(runs_a, runs_b, 0.0, over_clusters),
        worst_upper=_worst_difference(runs_a, runs_b, 1.0, over_clusters),
    )


def compare_threshold(
    frame: "DataFrame",
    key: str,
    side: Side,
    threshold: float,
    stopped: StopRecord | None = None,
    cluster: Cluster = WORDINGS,
) -> ThresholdTest:
    """Test the claim that the rate of a key lies on one side of a threshold, on the rows of one arm.

    With eight clusters or more that differ: the larger of two p-values, of Student's t over their means and of the
    exact binomial test over the runs. t alone takes rates at a low threshold for lower than it two to six times too
    often. With fewer: the exact binomial test, for these clusters only. After a stop: one over the e-value, which is a
    p-value at any number of runs.
    """
    from scipy.stats import binomtest, ttest_1samp

    known = _read_runs(frame, key, cluster).dropna(subset="value")
    means = _cluster_means(known)
    over = cluster.count(len(means))
    scored, yes, only = len(known), int(known.value.sum()), cluster.only_these(len(means))
    alternative = "less" if side == "below" else "greater"
    if not scored:
        return ThresholdTest(nan, "none", "no scored run")
    if stopped is not None:
        evidence = _claim_like(stopped, side, threshold).evidence(yes, scored)
        return ThresholdTest(min(1.0, 1 / evidence) if evidence else 1.0, "anytime", f"e-value, {only}")
    p_value = float(binomtest(yes, scored, threshold, alternative=alternative).pvalue)
    if len(means) < WORDINGS_FOR_T or not _vary(means):
        return ThresholdTest(p_value, "binomial", f"exact binomial test over {scored} runs, {only}")
    by_t = float(ttest_1samp(means, threshold, alternative=alternative).pvalue)
    label = f"the larger p of one-sided t over {over} and the exact binomial test over {scored} runs"
    return ThresholdTest(max(by_t, p_value), "t_and_binomial", label)


def adjust(families: Mapping[str, Mapping[str, float]], level: float = LEVEL) -> dict[str, dict[str, Adjusted]]:
    """Adjust p-values by Holm within each family: family -> name of hypothesis -> p-value in, `Adjusted` out.

    A hypothesis without a p-value (NaN) counts as 1: a family does not shrink because data are missing.
    """
    from statsmodels.stats.multitest import multipletests

    adjusted: dict[str, dict[str, Adjusted]] = {}
    for family, tests in families.items():
        values = [1.0 if isnan(value) else value for value in tests.values()]
        found, corrected, *_ = multipletests(values, alpha=1 - level, method="holm") if values else ((), ())
        adjusted[family] = {
            name: Adjusted(value, float(p_value), bool(is_found), len(values))
            for (name, value), p_value, is_found in zip(tests.items(), corrected, found, strict=True)
        }
    return adjusted


def gate(arms: Mapping[str, Rate], weaker_walls: bool = False, stopped: Collection[str] = ()) -> Gate:
    """Say whether a headline (one arm) or a contrast (two) may stand on these rates.

    Args:
        arms: By name.
        weaker_walls: Whether a real model ran on the embedded sandbox in any of them.
        stopped: Names of arms whose runs were under a sequential test. Their rates have an interval of their own kind,
            a difference with them has none.
    """
    what = "headline" if len(arms) == 1 else "contrast"
    if weaker_walls:
        return Gate(False, f"A real model ran on the embedded sandbox, behind weaker walls: no {what}.")
    if len(arms) > 1 and (names := [name for name in arms if name in stopped]):
        return Gate(False, f"The number of runs of {names[0]} hung on their results (-T stop): no {what} with it.")
    for name, each in arms.items():
        if not each.scored:
            return Gate(False, f"No run of {name} says yes or no: no {what}.")
        if each.coverage < ENOUGH_COVERAGE:
            of = each.total + each.left_out
            return Gate(
                False,
                f"Only {of - each.unscored} of {of} runs of {name} ({_percent(each.coverage)}) could be scored, below "
                f"{_percent(ENOUGH_COVERAGE)}: no {what}.",
            )
        if not each.conditional and each.scored < ENOUGH_ANSWERS * (of := each.scored + each.left_out):
            return Gate(
                False,
                f"Only {each.scored} of the {of} scored runs of {name} ({_percent(each.scored / of)}) say yes or no, "
                f"below {_percent(ENOUGH_ANSWERS)}: no {what}.",
            )
    lowest, highest = (choose(arms, key=lambda name: arms[name].coverage) for choose in (min, max))
    gap = arms[highest].coverage - arms[lowest].coverage
    if gap > LARGEST_GAP + ROUNDING:
        return Gate(
            False,
            f"{_percent(arms[highest].coverage)} of the runs of {highest} could be scored and "
            f"{_percent(arms[lowest].coverage)} of those of {lowest}, more than {LARGEST_GAP * 100:.0f} points apart: "
            f"no {what}.",
        )
    return Gate(True)


def sources() -> dict[str, Source]:
    """Name every method that a `method` or `test` field can hold, and where it comes from."""
    return dict(SOURCES)


class _Found(NamedTuple):
    """An interval, and the test that goes with it."""

    lower: float
    upper: float
    method: str
    label: str
    over_clusters: bool = False
    test: str = "none"
    p_value: float = nan


def _read_runs(frame: "DataFrame", key: str, cluster: Cluster) -> "DataFrame":
    """Return cluster, unit, epoch and value of all runs."""
    runs = frame[["unit", "epoch"]].assign(cluster=frame[cluster.column], value=frame[key].astype(float))
    if strange := sorted(set(runs.value.dropna()) - {0.0, 1.0}):
        raise ValueError(f"The key {key!r} is no rate: it has the value {strange[0]}, and a rate is of 0, 1 and NaN.")
    return runs


def _without_neither(runs: "DataFrame", frame: "DataFrame") -> "DataFrame":
    """Leave out the runs that were scored and say neither yes nor no."""
    return runs[runs.value.notna() | ~frame["covered"].eq(True)] if "covered" in frame else runs


def _cluster_means(known: "DataFrame") -> "Series[float]":
    """Average epochs in each unit, then units in each cluster."""
    units = known.groupby(["cluster", "unit"], as_index=False).value.mean()
    means: Series[float] = units.groupby("cluster").value.mean()
    return means


def _estimate(runs: "DataFrame", over_clusters: bool) -> float:
    values = _cluster_means(runs) if over_clusters else runs.value
    return float(values.mean()) if len(values) else nan


def _vary(values: "Series[float]") -> bool:
    return bool(values.max() - values.min() > ROUNDING)


def _interval_of_rate(
    known: "DataFrame", means: "Series[float]", level: float, stopped: StopRecord | None, cluster: Cluster
) -> _Found:
    scored, yes, only = len(known), int(known.value.sum()), cluster.only_these(len(means))
    if not scored:
        return _Found(nan, nan, "none", "no scored run")
    if stopped is not None:
        lower, upper = bounds(stopped.stop, yes, scored, level)
        return _Found(lower, upper, "anytime", f"stopped early: holds at any number of runs, {only}")
    lower, upper = _wilson(yes, scored, level)
    if len(means) >= WORDINGS_FOR_T and _vary(means):
        return _t_of_rate(means, (lower, upper), scored, level, cluster)
    alike = f", as the {cluster.noun}s do not differ at all" if len(means) >= WORDINGS_FOR_T else ""
    return _Found(lower, upper, "wilson", f"Wilson over {scored} runs, {only}{alike}")


def _wilson(yes: int, runs: int, level: float) -> tuple[float, float]:
    """Return Wilson's interval, which begins at nothing where nothing was seen, and not a rounding above it."""
    from statsmodels.stats.proportion import proportion_confint

    lower, upper = proportion_confint(yes, runs, alpha=1 - level, method="wilson")
    return float(lower) if yes else 0.0, float(upper) if yes < runs else 1.0


def _t_of_rate(
    means: "Series[float]", wilson: tuple[float, float], runs: int, level: float, cluster: Cluster
) -> _Found:
    from scipy.stats import ttest_1samp

    interval = ttest_1samp(means, 0.5).confidence_interval(level)
    lower, upper = max(0.0, float(interval.low)), min(1.0, float(interval.high))
    over = cluster.count(len(means))
    if not is_near_an_end(float(means.mean()), len(means)):
        label = f"t over {over}, {len(means) - 1} degrees of freedom"
        return _Found(lower, upper, "t", label, over_clusters=True)
    label = f"the outer of t over {over} and Wilson over {runs} runs{cluster.near_the_edge}"
    return _Found(min(lower, wilson[0]), max(upper, wilson[1]), "t_or_wilson", label, over_clusters=True)


def _claim_like(stopped: StopRecord, side: Side, threshold: float) -> Stop:
    """Return the claim that was stopped on if it is this one, else one on this threshold with the usual bet."""
    stop = stopped.stop
    if (stop.side, stop.threshold) == (side, threshold):
        return stop
    return parse_stop(f"{stop.key} in {stop.arm} {side} {threshold!r}")


def _bound_zero(runs: int, clusters: int) -> ZeroBound:
    return ZeroBound(bound_behind_zero(runs), bound_behind_zero(clusters))


def _unit_differences(known_a: "DataFrame", known_b: "DataFrame") -> "DataFrame":
    """Average epochs in each unit of both arms, and keep the units that are in both."""
    keys = ["cluster", "unit"]
    means = [known.groupby(keys, as_index=False).value.mean() for known in (known_a, known_b)]
    units: DataFrame = (
        means[0].merge(means[1], on=keys, suffixes=("_a", "_b")).rename(columns={"value_a": "a", "value_b": "b"})
    )
    units["difference"] = units.a - units.b
    return units


def _pair_runs(known_a: "DataFrame", known_b: "DataFrame") -> "DataFrame":
    """Pair the k-th scored epoch of a unit in one arm with the k-th in the other; what has no partner is left out."""
    ranked = [
        known.assign(rank=known.sort_values("epoch").groupby("unit").cumcount())[["unit", "rank", "value"]]
        for known in (known_a, known_b)
    ]
    pairs: DataFrame = ranked[0].merge(ranked[1], on=["unit", "rank"], suffixes=("_a", "_b"))
    return pairs.rename(columns={"value_a": "a", "value_b": "b"})


def _t_test(differences: "Series[float]", pairs: "DataFrame", level: float, cluster: Cluster) -> _Found:
    from scipy.stats import ttest_1samp

    test = ttest_1samp(differences, 0)
    interval = test.confidence_interval(level)
    p_value, over = float(test.pvalue), cluster.count(len(differences))
    lower, upper = max(-1.0, float(interval.low)), min(1.0, float(interval.high))
    if int((differences.abs() > ROUNDING).sum()) >= FEWEST_UNLIKE_CLUSTERS:
        label = f"paired t over {over}, {len(differences) - 1} degrees of freedom"
        return _Found(lower, upper, "t_paired", label, True, "t_paired", p_value)
    tango = _tango_test(pairs, len(differences), level, cluster)
    label = f"the outer of paired t over {over} and Tango over {len(pairs)} pairs of runs{cluster.near_the_edge}"
    lower, upper = min(lower, tango.lower), max(upper, tango.upper)
    return _Found(lower, upper, "t_or_tango", label, True, "t_paired", p_value)


def _tango_test(pairs: "DataFrame", clusters: int, level: float, cluster: Cluster) -> _Found:
    from statsmodels.stats.contingency_tables import mcnemar

    if not len(pairs):
        return _Found(nan, nan, "none", "no unit is scored in both arms")
    only_a, only_b = (int(((pairs[one] > 0.5) & (pairs[other] < 0.5)).sum()) for one, other in (("a", "b"), ("b", "a")))
    lower, upper = tango_interval(only_a, only_b, len(pairs), level)
    p_value = float(mcnemar([[0, only_a], [only_b, 0]], exact=True).pvalue)
    alike = f", as all {cluster.noun}s differ alike" if clusters >= WORDINGS_FOR_T else ""
    label = f"Tango over {len(pairs)} pairs of runs, {cluster.only_these(clusters)}{alike}"
    return _Found(lower, upper, "tango", label, test="mcnemar", p_value=p_value)


def _smallest_difference(clusters: int, pairs: int, rate_a: float, rate_b: float) -> float:
    """Give the smallest rise from the lower rate, or fall from the higher one, that would have been found."""
    if not pairs or isnan(rate_a):
        return inf
    size = Size(clusters, max(1, pairs // clusters))
    ends = (max(0.0, min(rate_a, rate_b)), max(0.0, 1 - max(rate_a, rate_b)))
    return min((smallest_difference(size, baseline) for baseline in ends if baseline < 1), default=inf)


def _tell_power(smallest: float) -> str:
    if not smallest < inf:
        return "With so few runs no difference could have been found four times in five."
    return f"A difference of {smallest * 100:.0f} points or more would have been found four times in five."


def _worst_difference(runs_a: "DataFrame", runs_b: "DataFrame", of_a: float, over_clusters: bool) -> float:
    """Give the estimate with every unscored run of the first arm so, and of the second the other way."""
    filled_a, filled_b = runs_a.fillna({"value": of_a}), runs_b.fillna({"value": 1 - of_a})
    if over_clusters:
        values = _unit_differences(filled_a, filled_b).groupby("cluster").difference.mean()
    else:
        pairs = _pair_runs(filled_a, filled_b)
        values = pairs.a - pairs.b
    return float(values.mean()) if len(values) else nan


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".removesuffix(".0") + " %"
