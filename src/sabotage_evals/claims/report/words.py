"""Figures as a reader wants them: rates in per cent, intervals, differences in points, counts."""

from collections.abc import Iterable
from math import isfinite, isnan

NOTHING = "\N{EN DASH}"
"""Where there is no figure."""


def percent(rate: float) -> str:
    """Say a rate in per cent, with one decimal below ten and above ninety."""
    if isnan(rate):
        return NOTHING
    if 0 < rate < 0.0005:
        return "<0.1%"
    if 0.9995 < rate < 1:
        return ">99.9%"
    near_an_end = 0 < rate < 0.0995 or 0.9005 < rate < 1
    return f"{rate * 100:.1f}%" if near_an_end else f"{rate * 100:.0f}%"


def interval(lower: float, upper: float) -> str:
    """Say an interval of a rate."""
    return NOTHING if isnan(lower) or isnan(upper) else f"{percent(lower)} to {percent(upper)}"


def points(difference: float) -> str:
    """Say a difference of two rates in percentage points, with its sign."""
    return NOTHING if isnan(difference) else f"{_signed(difference)} points"


def point_interval(lower: float, upper: float) -> str:
    """Say an interval of a difference."""
    return NOTHING if isnan(lower) or isnan(upper) else f"{_signed(lower)} to {_signed(upper)}"


def _signed(difference: float) -> str:
    text = f"{difference * 100:+.1f}" if abs(difference) < 0.0995 else f"{difference * 100:+.0f}"
    return "0" if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def size(difference: float) -> str:
    """Say the size of a difference that could have been seen."""
    if isnan(difference):
        return NOTHING
    return f"{difference * 100:.0f} points" if isfinite(difference) else "none possible"


def p_value(value: float) -> str:
    """Say a p-value to three places."""
    if isnan(value):
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Say how many there are of something."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Iterable[str]) -> str:
    """Join names with commas and an `and`."""
    known = list(names)
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}" if known else ""


def plain(name: str) -> str:
    """Say the name of a key, an outcome or a reason as words."""
    return name.replace("_", " ")


def capital(sentence: str) -> str:
    """Begin a sentence with a capital."""
    return sentence[:1].upper() + sentence[1:]
