"""Each figure is what it says it is: against the libraries, against published examples, and by counting again."""

from collections.abc import Sequence
from math import inf, isnan, nan, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from sabotage_evals.claims.pairs import tango_interval
from sabotage_evals.claims.power import Size, bound_behind_zero, smallest_difference
from sabotage_evals.claims.statistics import (
    CLUSTERS,
    Gate,
    Rate,
    adjust,
    compare_threshold,
    difference,
    gate,
    rate,
    sources,
    without_interval,
)
from sabotage_evals.scorers.metrics import interval_of
from sabotage_evals.stopping import StopRecord, bounds, parse_stop

Cell = tuple[str, str, int, float]
"""Wording, work, epoch and value."""


def frame(cells: Sequence[Cell], covered: Sequence[bool] | None = None) -> pd.DataFrame:
    made = pd.DataFrame(cells, columns=["wording", "work", "epoch", "done"])
    made["unit"] = made.wording + "/" + made.work + "/1"
    return made if covered is None else made.assign(covered=covered)


def drawn(wordings: int, works: int, epochs: int, share: float, seed: int = 1) -> pd.DataFrame:
    luck = np.random.default_rng(seed)
    return frame([
        (f"w{w}", f"k{k}", epoch, float(luck.random() < share))
        for w in range(1, wordings + 1)
        for k in range(works)
        for epoch in range(1, epochs + 1)
    ])


@pytest.mark.parametrize(
    ("wordings", "share"), [(2, 0.3), (7, 0.5), (8, 0.3), (8, 0.0), (8, 0.05), (12, 1.0), (12, 0.95), (20, 0.05)]
)
@pytest.mark.parametrize("epochs", [1, 3])
def test_an_interval_is_the_one_that_the_log_viewer_shows(wordings: int, share: float, epochs: int) -> None:
    runs = drawn(wordings, 3, epochs, share)
    found = rate(runs, "done")
    shown = interval_of(zip(runs.wording, runs.done, strict=True))
    assert (found.lower, found.upper) == pytest.approx((shown.lower, shown.upper), abs=1e-9)
    methods = {"t": "t over clusters", "t_or_wilson": "outer of t and Wilson", "wilson": "Wilson, these clusters only"}
    assert methods[found.method] == shown.method
    assert found.rate == pytest.approx(runs.done.mean())


def test_epochs_are_averaged_in_their_unit_before_units_are() -> None:
    runs = frame([("w1", "often", e, 1.0) for e in range(1, 10)] + [("w1", "once", 1, 0.0)])
    eight = pd.concat([runs.assign(wording=f"w{w}", unit=f"w{w}/" + runs.work) for w in range(1, 8)])
    found = rate(pd.concat([eight, frame([("w8", "once", 1, 0.0)])]), "done")
    assert found.method == "t"
    assert found.rate == pytest.approx(7 * 0.5 / 8)
    assert (found.lowest, found.highest) == (0, 0.5)
    assert (found.scored, found.units) == (71, 15)


def test_wordings_that_do_not_differ_at_all_get_no_t_and_the_label_says_so() -> None:
    found = rate(drawn(8, 2, 1, 0.0), "done")
    assert found.method == "wilson"
    assert found.label == "Wilson over 16 runs, for these 8 wordings only, as the wordings do not differ at all"


def test_a_zero_has_its_bound_over_runs_and_over_wordings() -> None:
    found = rate(drawn(8, 3, 1, 0.0), "done")
    assert found.zero_bound == (bound_behind_zero(24), bound_behind_zero(8))
    assert rate(drawn(8, 3, 1, 1.0), "done").zero_bound is None


def test_what_is_unscored_bounds_the_rate_from_both_sides() -> None:
    found = rate(frame([("w1", "a", 1, 1.0), ("w1", "b", 1, 0.0), ("w2", "a", 1, nan), ("w2", "b", 1, nan)]), "done")
    assert (found.total, found.scored, found.unscored, found.yes) == (4, 2, 2, 1)
    assert (found.worst_lower, found.rate, found.worst_upper) == (0.25, 0.5, 0.75)
    assert found.coverage == 0.5


def test_what_says_neither_is_covered_and_in_no_rate() -> None:
    cells: list[Cell] = [("w1", work, 1, value) for work, value in zip("abcde", (1.0, nan, nan, nan, 0.0), strict=True)]
    found = rate(frame(cells, [True, True, True, False, True]), "done")
    assert (found.total, found.scored, found.unscored, found.left_out) == (3, 2, 1, 2)
    assert found.coverage == 0.8
    assert found.unknown == 3
    assert (found.worst_lower, found.worst_upper) == (1 / 5, 4 / 5)


def test_of_a_key_that_makes_sense_of_some_runs_only_the_others_are_no_lack() -> None:
    cells: list[Cell] = [("w1", work, 1, value) for work, value in zip("abcde", (1.0, nan, nan, nan, 0.0), strict=True)]
    arm = frame(cells, [True, True, True, False, True])
    found = rate(arm, "done", conditional=True)
    assert (found.unknown, found.left_out) == (1, 2)
    assert (found.worst_lower, found.worst_upper) == (1 / 3, 2 / 3)
    apart = [difference(arm, arm, "done", conditional=each) for each in (True, False)]
    assert [(each.worst_lower, each.worst_upper) for each in apart] == [(-1 / 3, 1 / 3), (-3 / 5, 3 / 5)]


def test_a_run_of_which_nothing_is_known_is_not_covered() -> None:
    cells: list[Cell] = [("w1", "a", 1, 1.0), ("w1", "b", 1, nan)]
    unknown = frame(cells).assign(covered=pd.Series([1.0, None], dtype=object))
    assert rate(unknown, "done").unscored == 1


def test_a_rate_of_nothing_is_no_number() -> None:
    found = rate(drawn(2, 1, 1, 0.5).assign(done=nan), "done")
    assert all(isnan(each) for each in (found.rate, found.lower, found.upper, found.lowest))
    assert (found.method, found.zero_bound, found.worst_lower, found.worst_upper) == ("none", None, 0, 1)
    assert isnan(rate(drawn(2, 1, 1, 0.5).iloc[:0], "done").coverage)


def test_a_key_that_is_no_rate_is_refused_by_its_value() -> None:
    with pytest.raises(ValueError, match=r"'done' is no rate: it has the value 0\.5"):
        rate(frame([("w1", "a", 1, 0.5)]), "done")


def test_few_wordings_that_bear_all_of_it_are_told_of() -> None:
    assert "too short" in rate(drawn(8, 12, 1, 0.05), "done").label
    assert "too short" not in rate(drawn(8, 12, 1, 0.5), "done").label


def stopped(text: str) -> StopRecord:
    stop = parse_stop(text)
    return StopRecord(
        text=text, stop=stop, decision="shown", decided_after=99, planned=200, started=100, scored=100, yes=0,
        unscored=0, lower=0, upper=0.05, level=0.95, evidence=50, path=(),
    )  # fmt: skip


def test_a_stopped_cell_has_the_interval_of_its_test_and_no_other() -> None:
    runs = drawn(1, 100, 1, 0.0)
    record = stopped("done in quiet below 5 %")
    found = rate(runs, "done", stopped=record)
    assert found.method == "anytime"
    assert (found.lower, found.upper) == bounds(record.stop, 0, 100)
    assert found.upper > rate(runs, "done").upper
    assert found.zero_bound is None
    assert rate(runs, "done", stopped=record, level=0.5).upper < found.upper


@pytest.mark.parametrize(("works", "spread"), [(6, 0.0), (12, 0.3)])
def test_over_wordings_that_differ_a_threshold_is_tested_by_the_larger_of_two_p_values(
    works: int, spread: float
) -> None:
    runs = asked(8, works, 0.4, spread, 3).rename(columns={"work": "wording", "wording": "work"})
    means = runs.groupby("wording").done.mean()
    larger = []
    for side, alternative in (("below", "less"), ("above", "greater")):
        found = compare_threshold(runs, "done", side, 0.5)  # type: ignore[arg-type]
        by_t = stats.ttest_1samp(means, 0.5, alternative=alternative).pvalue
        exact = stats.binomtest(int(runs.done.sum()), len(runs), 0.5, alternative=alternative).pvalue
        assert (found.test, found.p_value) == ("t_and_binomial", max(by_t, exact))
        larger.append(by_t > exact)
    assert larger[0] == bool(spread)


def test_one_case_in_sixty_four_does_not_show_a_rate_below_five_per_cent() -> None:
    runs = drawn(8, 8, 1, 0.0)
    runs.loc[0, "done"] = 1.0
    found, shown = compare_threshold(runs, "done", "below", 0.05), rate(runs, "done")
    assert found.p_value == pytest.approx(stats.binom(64, 0.05).cdf(1))
    assert found.p_value > 0.1
    assert shown.upper > 0.08
    assert (shown.method, shown.lower) == ("t_or_wilson", 0)


@pytest.mark.parametrize("runs", [3, 6, 64, 1000])
def test_nothing_and_everything_begin_and_end_an_interval_exactly(runs: int) -> None:
    found = rate(drawn(1, runs, 1, 0.0), "done"), rate(drawn(1, runs, 1, 1.0), "done")
    assert (found[0].lower, found[1].upper) == (0.0, 1.0)
    shown = [interval_of(("w1", value) for _ in range(runs)) for value in (0.0, 1.0)]
    assert (shown[0].lower, shown[1].upper) == (0.0, 1.0)


def test_a_threshold_is_tested_exactly_over_fewer_wordings() -> None:
    found = compare_threshold(drawn(2, 30, 1, 0.0), "done", "below", 0.05)
    assert found.test == "binomial"
    assert found.p_value == pytest.approx(0.95**60)
    assert found.label == "exact binomial test over 60 runs, for these 2 wordings only"
    assert isnan(compare_threshold(drawn(2, 3, 1, 0.0).assign(done=nan), "done", "below", 0.05).p_value)


def test_after_a_stop_a_threshold_is_tested_by_the_evidence_for_that_very_claim() -> None:
    runs, record = drawn(1, 100, 1, 0.0), stopped("done in quiet below 5 % if 1 %")
    found = compare_threshold(runs, "done", "below", 0.05, stopped=record)
    assert (found.test, found.p_value) == ("anytime", 1 / record.stop.evidence(0, 100))
    other = compare_threshold(runs, "done", "below", 0.1, stopped=record)
    assert other.p_value == 1 / parse_stop("done in quiet below 10 %").evidence(0, 100)
    assert compare_threshold(runs.assign(done=1.0), "done", "below", 0.05, stopped=record).p_value == 1


def unlike(shares: Sequence[tuple[float, float]], works: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make two arms whose rates in each wording are these, exactly."""
    return tuple(
        frame([
            (f"w{w}", f"k{k}", 1, float(k < pair[arm] * works)) for w, pair in enumerate(shares) for k in range(works)
        ])
        for arm in (0, 1)
    )  # type: ignore[return-value]


def test_with_eight_wordings_the_difference_is_a_paired_t_over_wordings() -> None:
    shares = [(0.5, 0.25), (1.0, 0.25), (0.25, 0.25), (0.5, 0.0), (0.75, 0.5), (0.5, 0.5), (1.0, 0.5), (0.25, 0.0)]
    found = difference(*unlike(shares), "done")
    first, second = map(np.array, zip(*shares, strict=True))
    test = stats.ttest_rel(first, second)
    interval = test.confidence_interval(0.95)
    assert found.method == found.test == "t_paired"
    assert (found.lower, found.upper, found.p_value) == pytest.approx((interval.low, interval.high, test.pvalue))
    assert found.difference == pytest.approx((first - second).mean())
    assert (found.rate_a, found.rate_b) == pytest.approx((first.mean(), second.mean()))
    assert "7 degrees of freedom" in found.label


def test_a_difference_that_two_wordings_bear_is_told_of() -> None:
    rest = [(0.5, 0.5)] * 6
    two = unlike([(0.75, 0.5), (0.5, 0.25), *rest])
    found = difference(*two, "done")
    assert "too short if wordings differ" in found.label
    assert (found.method, found.test) == ("t_or_tango", "t_paired")
    apart = two[0].groupby("wording").done.mean() - two[1].groupby("wording").done.mean()
    by_t, tango = stats.ttest_1samp(apart, 0), tango_interval(2, 0, 32)
    interval = by_t.confidence_interval(0.95)
    assert tango[0] < interval.low < interval.high < tango[1]
    assert (found.lower, found.upper) == pytest.approx(tango)
    assert found.p_value == by_t.pvalue
    three = difference(*unlike([(1.0, 0.0), (0.5, 0.0), (0.5, 0.0), *rest]), "done")
    assert "too short" not in three.label


def test_with_fewer_wordings_it_is_tango_and_mcnemar_for_these_wordings_only() -> None:
    first, second = unlike([(1.0, 0.25), (0.75, 0.0)])
    found = difference(first, second, "done")
    assert (found.method, found.test) == ("tango", "mcnemar")
    assert (found.lower, found.upper) == tango_interval(6, 0, 8)
    assert found.p_value == pytest.approx(2 * 0.5**6)
    assert found.label == "Tango over 8 pairs of runs, for these 2 wordings only"


def test_wordings_that_all_differ_alike_get_no_t() -> None:
    found = difference(*unlike([(1.0, 0.5)] * 8), "done")
    assert found.method == "tango"
    assert found.label.endswith("for these 8 wordings only, as all wordings differ alike")
    assert difference(*unlike([(0.0, 0.0)] * 8), "done").p_value == 1


def test_only_units_in_both_arms_count_and_the_others_are_told_of() -> None:
    first, second = unlike([(1.0, 0.0), (1.0, 0.0)])
    first.loc[0, "done"] = nan
    second = second.drop(index=[1, 2])
    found = difference(first, second, "done")
    assert (found.units, found.unpaired_a, found.unpaired_b) == (5, 2, 1)


def test_swapping_the_arms_turns_the_difference_round() -> None:
    for shares in ([(0.5, 0.25), (1.0, 0.25)], [(0.5, 0.25), (1.0, 0.25), (0.25, 0.0)] * 3):
        one, other = unlike(shares)
        there, back = difference(one, other, "done"), difference(other, one, "done")
        assert (back.difference, back.lower, back.upper) == pytest.approx((
            -there.difference,
            -there.upper,
            -there.lower,
        ))
        assert (back.worst_lower, back.p_value) == pytest.approx((-there.worst_upper, there.p_value))


def test_epochs_are_paired_in_their_unit_and_a_missing_one_shifts_none() -> None:
    first = frame([("w1", "a", e, v) for e, v in ((1, 1.0), (2, nan), (3, 1.0))])
    second = frame([("w1", "a", e, v) for e, v in ((1, 0.0), (2, 0.0), (3, 1.0))])
    found = difference(first, second, "done")
    assert found.units == 1
    assert found.difference == 1.0
    assert found.label.startswith("Tango over 2 pairs")


@pytest.mark.parametrize("wordings", [2, 8])
def test_worst_cases_of_a_difference_take_the_unscored_against_and_for_it(wordings: int) -> None:
    shares = [(1.0, 0.0)] * (wordings - 1) + [(0.5, 0.0)]
    first, second = unlike(shares)
    first.loc[0, "done"] = nan
    second.loc[[0, 1], "done"] = nan
    found = difference(first, second, "done")
    filled = [
        difference(first.fillna({"done": mine}), second.fillna({"done": 1 - mine}), "done").difference
        for mine in (0.0, 1.0)
    ]
    assert (found.worst_lower, found.worst_upper) == pytest.approx(filled)
    assert found.worst_lower < found.difference <= found.worst_upper


@pytest.mark.parametrize(("wordings", "works"), [(2, 6), (8, 3)])
def test_beside_every_difference_stands_the_smallest_that_could_be_seen(wordings: int, works: int) -> None:
    first, second = drawn(wordings, works, 2, 0.3), drawn(wordings, works, 2, 0.3, seed=2)
    found = difference(first, second, "done")
    ends = (min(found.rate_a, found.rate_b), 1 - max(found.rate_a, found.rate_b))
    smallest = min(smallest_difference(Size(wordings, works * 2), end) for end in ends)
    assert found.smallest_detectable == smallest
    assert (
        found.power_note
        == f"A difference of {smallest * 100:.0f} points or more would have been found four times in five."
    )


@pytest.mark.parametrize("wordings", [2, 8])
def test_what_could_be_seen_from_everything_down_is_what_could_be_seen_from_nothing_up(wordings: int) -> None:
    one, none = drawn(wordings, 8, 1, 1.0), drawn(wordings, 8, 1, 0.0)
    smallest = difference(one, one, "done").smallest_detectable
    assert smallest == difference(none, none, "done").smallest_detectable == smallest_difference(Size(wordings, 8), 0)
    assert smallest < 0.3


def test_too_few_runs_are_said_to_have_been_able_to_show_nothing() -> None:
    found = difference(*unlike([(1.0, 0.0)], works=1), "done")
    assert found.smallest_detectable == inf
    assert "no difference could have been found" in found.power_note


def test_a_difference_of_nothing_is_no_number() -> None:
    first, second = unlike([(1.0, 0.0)])
    found = difference(first.assign(unit="elsewhere"), second, "done")
    assert (found.units, found.method) == (0, "none")
    assert all(isnan(each) for each in (found.difference, found.lower, found.p_value))


@pytest.mark.parametrize(
    ("only_first", "only_second", "pairs", "published"),
    [
        (1, 7, 21, (-0.517, -0.026)),  # Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33:2850-2875
        (60, 20, 1000, (0.0231, 0.0584)),  # scoreci.mp of the R package PropCIs
    ],
)
def test_tango_agrees_with_published_examples(
    only_first: int, only_second: int, pairs: int, published: tuple[float, float]
) -> None:
    assert tango_interval(only_first, only_second, pairs) == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(("only_first", "only_second", "pairs"), [(3, 1, 12), (0, 5, 9), (7, 7, 30), (1, 0, 40)])
def test_at_a_tango_bound_the_score_is_at_its_limit(only_first: int, only_second: int, pairs: int) -> None:
    """The constrained likelihood is maximised by search here, and by formula there."""

    def score(apart: float) -> float:
        def unlikely(second: float) -> float:
            first = second + apart
            same = max(1 - first - second, 0)
            return -float(
                xlogy(only_first, first) + xlogy(only_second, second) + xlogy(pairs - only_first - only_second, same)
            )

        least, most = max(0.0, -apart), (1 - apart) / 2
        second = minimize_scalar(unlikely, bounds=(least, most), method="bounded", options={"xatol": 1e-12}).x
        spread = sqrt(pairs * (2 * second + apart - apart**2))
        return float((only_first - only_second - pairs * apart) / spread)

    lower, upper = tango_interval(only_first, only_second, pairs)
    assert score(lower) == pytest.approx(stats.norm.ppf(0.975), abs=2e-3)
    assert score(upper) == pytest.approx(stats.norm.ppf(0.025), abs=2e-3)


@pytest.mark.parametrize(("only_first", "only_second", "pairs"), [(0, 0, 1), (1, 0, 1), (0, 9, 9), (4, 5, 9)])
def test_tango_stays_within_what_a_difference_can_be(only_first: int, only_second: int, pairs: int) -> None:
    lower, upper = tango_interval(only_first, only_second, pairs)
    assert -1 <= lower < upper <= 1
    assert lower <= (only_first - only_second) / pairs <= upper


def test_holm_is_reckoned_within_a_family_and_not_across() -> None:
    adjusted = adjust({"shutdown": {"one": 0.01, "two": 0.04, "three": 0.03}, "detector": {"one": 0.04}})
    assert [round(each.adjusted, 6) for each in adjusted["shutdown"].values()] == [0.03, 0.06, 0.06]
    assert [each.found for each in adjusted["shutdown"].values()] == [True, False, False]
    assert adjusted["detector"]["one"].found
    assert adjusted["shutdown"]["two"].family_size == 3


def test_a_hypothesis_without_data_still_counts_in_its_family() -> None:
    adjusted = adjust({"family": {"tested": 0.03, "missing": nan}, "none": {}})
    assert adjusted["family"]["tested"].adjusted == 0.06
    assert (adjusted["family"]["missing"].adjusted, adjusted["family"]["missing"].found) == (1, False)
    assert adjusted["none"] == {}


def covered(scored: int, unscored: int) -> Rate:
    return rate(frame([("w1", f"k{k}", 1, 0.0 if k < scored else nan) for k in range(scored + unscored)]), "done")


def answered(said: int, neither: int, conditional: bool = False) -> Rate:
    cells: list[Cell] = [("w1", f"k{k}", 1, 0.0 if k < said else nan) for k in range(said + neither)]
    return rate(frame(cells, [True] * (said + neither)), "done", conditional=conditional)


@pytest.mark.parametrize(
    ("arms", "why"),
    [
        ({"quiet": covered(9, 1)}, None),
        ({"quiet": covered(89, 11)}, "Only 89 of 100 runs of quiet (89 %) could be scored, below 90 %: no headline."),
        ({"quiet": covered(0, 0)}, "No run of quiet says yes or no: no headline."),
        ({"quiet": answered(50, 50)}, None),
        (
            {"quiet": answered(49, 51)},
            "Only 49 of the 100 scored runs of quiet (49 %) say yes or no, below 50 %: no headline.",
        ),
        ({"quiet": answered(49, 51, conditional=True)}, None),
        (
            {"quiet": answered(9, 10), "loud": answered(9, 0)},
            "Only 9 of the 19 scored runs of quiet (47.4 %) say yes or no, below 50 %: no contrast.",
        ),
        ({"quiet": covered(95, 5), "loud": covered(100, 0)}, None),
        (
            {"quiet": covered(94, 6), "loud": covered(100, 0)},
            "100 % of the runs of loud could be scored and 94 % of those of quiet, more than 5 points apart: "
            "no contrast.",
        ),
        (
            {"quiet": covered(1, 1), "loud": covered(2, 0)},
            "Only 1 of 2 runs of quiet (50 %) could be scored, below 90 %: no contrast.",
        ),
    ],
)
def test_a_gate_is_shut_with_the_sentence_why(arms: dict[str, Rate], why: str | None) -> None:
    assert gate(arms) == Gate(why is None, why)


def test_weaker_walls_and_stopped_arms_shut_the_gate() -> None:
    arms = {"quiet": covered(9, 0), "loud": covered(9, 0)}
    assert "weaker walls: no contrast" in str(gate(arms, weaker_walls=True).why)
    assert "runs of loud hung on their results" in str(gate(arms, stopped=["loud"]).why)
    assert gate({"loud": arms["loud"]}, stopped=["loud"]).is_open


def test_every_method_that_is_named_has_a_source() -> None:
    arms = [drawn(w, 3, 1, share) for w, share in ((2, 0.5), (8, 0.5))]
    rates = [*(rate(arm, "done") for arm in arms), rate(arms[0], "done", stopped=stopped("done in quiet below 5 %"))]
    differences = [difference(arm, arm.assign(done=1 - arm.done), "done") for arm in (*arms, arms[0].iloc[:0])]
    tested = [compare_threshold(arm, "done", "below", 0.1) for arm in (*arms, arms[0].iloc[:0])]
    named = (
        {one.method for one in rates}
        | {each.test for each in tested}
        | {name for each in differences for name in (each.method, each.test)}
    )
    assert named <= sources().keys()
    assert all(source.citation and source.software for source in sources().values())


def test_the_documentation_names_every_source() -> None:
    text = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
    for name, source in sources().items():
        assert name == "none" or f"| {source.title} | {source.citation} | {source.software} |" in text


def asked(questions: int, wordings: int, share: float, spread: float, seed: int) -> pd.DataFrame:
    """Return answers to questions that differ in their rates, each in several wordings that do not."""
    luck = np.random.default_rng(seed)
    rates = np.clip(luck.normal(share, spread, questions), 0, 1)
    return frame([
        (f"w{w}", f"q{q}", 1, float(luck.random() < rates[q])) for q in range(questions) for w in range(wordings)
    ])


def test_runs_hang_together_by_the_column_that_is_said() -> None:
    runs = asked(24, 3, 0.4, 0.3, 1)
    found = rate(runs, "done", cluster=CLUSTERS["work"])
    by_question = runs.groupby("work").done.mean()
    shown = stats.ttest_1samp(by_question, 0).confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((shown.low, shown.high))
    assert found.label == "t over 24 questions, 23 degrees of freedom"
    assert (found.clusters, found.lowest, found.highest) == (24, by_question.min(), by_question.max())
    assert rate(runs, "done").label == "Wilson over 72 runs, for these 3 wordings only"


def test_an_interval_over_questions_holds_where_one_over_runs_does_not() -> None:
    """Questions are drawn anew in each of 300 sets: 95% of the intervals should hold the mean over all questions."""
    sets = [asked(24, 6, 0.5, 0.4, seed) for seed in range(300)]
    held = {cluster: 0 for cluster in CLUSTERS}
    for runs in sets:
        for name, cluster in CLUSTERS.items():
            found = rate(runs, "done", cluster=cluster)
            held[name] += found.lower <= 0.5 <= found.upper
    assert 276 <= held["work"] <= 296
    assert held["wording"] < 270


def test_zeros_and_differences_speak_of_the_clusters_that_are_said() -> None:
    questions = CLUSTERS["work"]
    none = asked(20, 3, 0, 0, 1)
    assert rate(none, "done", cluster=questions).zero_bound == (bound_behind_zero(60), bound_behind_zero(20))
    assert rate(none, "done", cluster=questions).label.endswith(
        "for these 20 questions only, as the questions do not differ at all"
    )
    found = difference(asked(20, 3, 0.6, 0.2, 2), asked(20, 3, 0.2, 0.2, 3), "done", cluster=questions)
    assert (found.units, found.clusters, found.method) == (60, 20, "t_paired")
    assert found.label == "paired t over 20 questions, 19 degrees of freedom"
    few = difference(asked(4, 3, 0.6, 0.2, 2), asked(4, 3, 0.2, 0.2, 3), "done", cluster=questions)
    assert few.label == "Tango over 12 pairs of runs, for these 4 questions only"
    test = compare_threshold(asked(20, 3, 0.1, 0.1, 4), "done", "below", 0.5, cluster=questions)
    assert test.label == "the larger p of one-sided t over 20 questions and the exact binomial test over 60 runs"


def test_without_an_interval_a_rate_keeps_its_counts_and_nothing_else_of_how_sure_it_is() -> None:
    bare = without_interval(rate(drawn(8, 2, 1, 0.0), "done"), "why")
    assert isnan(bare.lower)
    assert isnan(bare.upper)
    assert (bare.method, bare.label, bare.zero_bound, bare.yes, bare.scored) == ("none", "why", None, 0, 16)
