"""The forecast agrees with runs that are played, the errors hold, and the documentation prints what it says."""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from scipy.stats import binom

from sabotage_evals.stopping.forecasting import Forecast, fixed_design, forecast
from sabotage_evals.stopping.stop import Stop, parse_stop

DOCS: Final = Path(__file__).parents[2] / "docs" / "stopping.md"
CLAIMS: Final = {
    "below 1 %": (0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
    "above 5 %": (0, 0.025, 0.05, 0.075, 0.1, 0.2, 0.4),
}
PATIENCE: Final = 10
"""The forecast may go on for so many times the fixed design, so that hardly any set of runs stays undecided."""


def claim(text: str) -> Stop:
    return parse_stop(f"done in arm {text}")


@cache
def seen_at(text: str, rate: float) -> tuple[int, Forecast]:
    stop = claim(text)
    fixed = fixed_design(stop)
    return fixed, forecast(stop, rate, PATIENCE * fixed)


def row(text: str, rate: float) -> str:
    """Return a row of the table as the documentation prints it."""
    fixed, seen = seen_at(text, rate)
    return (
        f"| {text} | {rate * 100:g} % | {fixed:,} | {seen.runs:,.0f} | {seen.runs / fixed:.0%} | "
        f"{seen.runs_in_19_of_20:,} | {seen.shown:.1%} | {seen.given_up:.1%} |"
    )


@pytest.mark.parametrize(("text", "rate"), [(text, rate) for text, rates in CLAIMS.items() for rate in rates])
def test_the_documentation_prints_the_forecast(text: str, rate: float) -> None:
    assert row(text, rate) in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", CLAIMS)
def test_both_errors_hold(text: str) -> None:
    stop = claim(text)
    assert seen_at(text, stop.threshold)[1].shown <= stop.error
    assert seen_at(text, stop.if_really)[1].given_up <= stop.missing


@pytest.mark.parametrize("text", CLAIMS)
def test_it_takes_half_of_the_fixed_design_or_less_but_between_the_two_rates(text: str) -> None:
    stop = claim(text)
    near, far = sorted((stop.threshold, stop.if_really))
    for rate in CLAIMS[text]:
        fixed, seen = seen_at(text, rate)
        assert seen.runs / fixed <= (0.5 if rate < near or rate > far or rate == stop.threshold else 1)
    fixed, seen = seen_at(text, stop.if_really)
    assert seen.runs / fixed <= 0.62


@pytest.mark.parametrize(("text", "rate"), [("above 30 %", 0.3), ("above 30 %", 0.5), ("below 20 %", 0.05)])
def test_a_forecast_is_what_played_runs_do(text: str, rate: float) -> None:
    stop, sets, most = claim(text), 1_500, 300
    luck = np.random.default_rng(20260203)
    decided, after = [], []
    for going in luck.random((sets, most)) < rate:
        yes = 0
        for scored, one in enumerate(going, start=1):
            yes += one
            if (decision := stop.decide(int(yes), scored)) != "undecided":
                break
        decided.append(decision)
        after.append(scored)
    seen = forecast(stop, rate, most)
    assert decided.count("shown") / sets == pytest.approx(seen.shown, abs=0.04)
    assert decided.count("given_up") / sets == pytest.approx(seen.given_up, abs=0.04)
    assert np.mean(after) == pytest.approx(seen.runs, rel=0.08)


@pytest.mark.parametrize("text", ["below 10 %", "above 10 %"])
def test_a_fixed_design_keeps_both_errors_and_one_run_fewer_does_not(text: str) -> None:
    stop = claim(text)

    def keeps(runs: int) -> bool:
        return any(
            reject(binom, cut, runs, stop.threshold) <= stop.error
            and reject(binom, cut, runs, stop.if_really) >= 1 - stop.missing
            for cut in range(runs + 1)
        )

    def reject(law: type[binom], cut: int, runs: int, rate: float) -> float:
        return float(law.cdf(cut, runs, rate) if stop.side == "below" else law.sf(cut - 1, runs, rate))

    fixed = fixed_design(stop)
    assert keeps(fixed)
    assert not keeps(fixed - 1)


def test_two_rates_that_are_too_close_are_said_to_need_more_than_can_be() -> None:
    with pytest.raises(ValueError, match="No fixed design"):
        fixed_design(claim("below 1 % if 0.99 %"), most=10_000)
