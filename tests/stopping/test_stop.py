"""The evidence is worth what it says: false claims are rarely shown, and the interval holds at every number of runs."""

from math import inf, sqrt
from pathlib import Path

import numpy as np
import pytest

from sabotage_evals.refusal import Refusal
from sabotage_evals.stopping.stop import ERROR, EXAMPLE, GRAMMAR, MISSING, Stop, bounds, parse_stop

SETS = 4_000
WITHIN = 3
"""Standard errors of a simulated share."""


def claim(text: str) -> Stop:
    return parse_stop(f"done in arm {text}")


def ever(stop: Stop, rates: np.ndarray, runs: int, block: int = 1) -> float:
    """Play sets of runs with these rates in turn, look after every block, and count those that ever show the claim."""
    luck = np.random.default_rng(20260201)
    going = luck.random((SETS, runs)) < np.resize(rates, runs)
    yes = going.cumsum(axis=1)[:, block - 1 :: block]
    scored = np.arange(block, runs + 1, block)
    needed = np.array([
        [stop.evidence(y, n) >= 1 / stop.error for y in range(int(yes.max()) + 1)] for n in scored.tolist()
    ])
    return float(np.mean(needed[np.arange(len(scored)), yes].any(axis=1)))


def most(error: float) -> float:
    return error + WITHIN * sqrt(error * (1 - error) / SETS)


def test_a_claim_is_read_with_what_is_said_and_what_is_not() -> None:
    whole = parse_stop("hacked in no_hint below 0.01 at 0.05 if 0.2 % missing 0.1")
    assert (whole.key, whole.arm, whole.side, whole.threshold) == ("hacked", "no_hint", "below", 0.01)
    assert (whole.error, whole.if_really, whole.missing) == (0.05, 0.002, 0.1)
    short = parse_stop("resisted in allow_user above 5 %")
    assert (short.threshold, short.error, short.if_really) == (0.05, ERROR, 0.1)
    assert parse_stop("a in b below 1e-3").if_really == 0.0005
    assert parse_stop("a in b above 80%").if_really == pytest.approx(0.9)


def test_the_documentation_has_the_form_and_what_is_meant_if_nothing_is_said() -> None:
    text = (Path(__file__).parents[2] / "docs" / "stopping.md").read_text(encoding="utf-8")
    assert f"`{GRAMMAR}`" in text
    assert f"| {ERROR}, one side of an interval of 95 % |" in text
    assert f"| {MISSING} |" in text
    assert EXAMPLE in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("below 1 %", "not of the form"),
        ("a in b under 1 %", "below|above"),
        ("a in b below 1 percent", "not of the form"),
        ("a in b below 0", "threshold should be greater than 0"),
        ("a in b above 100 %", "threshold should be less than 1"),
        ("a in b below 1 % at 0.7", "error should be less than 0.5"),
        ("a in b below 1 % if 2 %", "must be below the threshold"),
        ("a in b above 1 % if 1 %", "must be above the threshold"),
    ],
)
def test_what_makes_no_claim_is_refused_in_a_sentence_with_an_example(text: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_stop(text)
    assert said in str(refused.value)
    assert text in str(refused.value)
    assert "write for instance" in str(refused.value)


@pytest.mark.parametrize("text", ["below 10 %", "above 10 %", "below 5 % at 0.05 if 1 %", "above 30 % at 0.05 if 35 %"])
def test_at_the_threshold_a_claim_is_shown_no_more_often_than_its_error(text: str) -> None:
    stop = claim(text)
    assert ever(stop, np.array([stop.threshold]), 600) <= most(stop.error)


@pytest.mark.parametrize("text", ["below 10 %", "above 10 %"])
def test_the_error_holds_over_a_mix_of_works_whose_mean_is_the_threshold(text: str) -> None:
    mix = np.array([0.0, 0.0, 0.4, 0.0])
    assert ever(claim(text), mix, 600, block=len(mix)) <= most(ERROR)


def test_counted_one_by_one_and_not_in_blocks_a_mix_would_break_the_error() -> None:
    stop, mix = claim("above 50 % if 90 %"), np.array([1.0] * 8 + [0.0] * 8)
    assert ever(stop, mix, 320) == 1
    assert ever(stop, mix, 320, block=len(mix)) <= most(stop.error)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("text", ["below 5 %", "above 30 %"])
def test_the_interval_holds_at_every_number_of_runs_at_once(text: str, rate: float) -> None:
    stop, runs, sets = claim(text), 120, 1_500
    luck = np.random.default_rng(20260202)
    yes = (luck.random((sets, runs)) < rate).cumsum(axis=1)
    held = np.array([
        [(b := bounds(stop, y, n)).lower <= rate <= b.upper for y in range(yes[:, n - 1].max() + 1)]
        + [True] * (runs - int(yes[:, n - 1].max()))
        for n in range(1, runs + 1)
    ])
    share = float(np.mean(held[np.arange(runs), yes].all(axis=1)))
    assert share >= 0.95 - WITHIN * sqrt(0.05 * 0.95 / sets)


@pytest.mark.parametrize("text", ["below 5 %", "above 30 %", "below 5 % at 0.05"])
def test_the_interval_leaves_the_threshold_out_exactly_where_the_claim_is_shown(text: str) -> None:
    stop = claim(text)
    for scored in (3, 10, 60, 200):
        for yes in range(0, scored + 1, max(1, scored // 15)):
            lower, upper = bounds(stop, yes, scored, 1 - 2 * stop.error)
            excluded = upper < stop.threshold if stop.side == "below" else lower > stop.threshold
            assert excluded == (stop.decide(yes, scored) == "shown")
            assert lower <= yes / scored <= upper


def test_before_any_run_nothing_is_ruled_out() -> None:
    assert bounds(claim("below 5 %"), 0, 0) == (0.0, 1.0)
    assert claim("below 5 %").evidence(0, 0) == 1.0


def test_evidence_beyond_all_bounds_is_still_a_number() -> None:
    assert claim("above 1 %").evidence(100_000, 100_000) < inf
    assert claim("below 50 %").evidence(50_000, 50_000) == 0.0


@pytest.mark.parametrize("text", ["below 5 %", "above 30 %"])
def test_one_run_fewer_than_the_fewest_cannot_show_it(text: str) -> None:
    stop = claim(text)
    best = [0 if stop.side == "below" else runs for runs in range(stop.fewest + 1)]
    assert stop.decide(best[stop.fewest], stop.fewest) == "shown"
    assert stop.decide(best[stop.fewest - 1], stop.fewest - 1) != "shown"
