"""Figures read as a person wants them."""

from math import inf, nan

import pytest

from sabotage_evals.claims.report.words import (
    NOTHING,
    capital,
    count,
    interval,
    listed,
    p_value,
    percent,
    point_interval,
    points,
    size,
)


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.004, "0.4%"),
        (0.5, "50%"),
        (0.0999, "10%"),
        (0.998, "99.8%"),
        (0.9, "90%"),
        (nan, NOTHING),
    ],
)
def test_rates(rate: float, text: str) -> None:
    assert percent(rate) == text


def test_small_rates_are_never_said_to_be_none() -> None:
    assert interval(0.0004, 0.2) == "<0.1% to 20%"
    assert percent(0.99999) == ">99.9%"


def test_differences_have_a_sign() -> None:
    assert points(-0.123) == "\N{MINUS SIGN}12 points"
    assert points(0.05) == "+5.0 points"
    assert points(0.0) == points(-0.00001) == "0 points"
    assert points(nan) == point_interval(nan, 1) == NOTHING
    assert point_interval(-0.3, 0.015) == "\N{MINUS SIGN}30 to +1.5"


def test_sizes_that_could_be_seen() -> None:
    assert size(0.3) == "30 points"
    assert size(inf) == "none possible"
    assert size(nan) == NOTHING


def test_p_values() -> None:
    assert p_value(0.0001) == "< 0.001"
    assert p_value(0.0312) == "0.031"
    assert p_value(nan) == NOTHING


def test_lists_and_counts() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert count(1, "run") == "1 run"
    assert count(1200, "run") == "1,200 runs"
    assert capital("aBC") == "ABC"
