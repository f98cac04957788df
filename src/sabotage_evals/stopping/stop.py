"""A claim on one rate, the evidence for it, and the rates that the evidence does not rule out."""

import re
from math import exp, inf, log, log1p
from typing import Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sabotage_evals.refusal import Refusal

ERROR: Final = 0.025
"""How often a false claim may be shown, if nothing is said: one side of an interval of 95 %."""
MISSING: Final = 0.05
"""How often a claim may be given up although the rate is as far from the threshold as `if_really`."""
NEAR: Final = 0.7
"""Share of the bet that lies on `if_really`; the rest lies further out, so that a rate of zero is soon seen."""
LARGEST_E: Final = 700.0
"""Logarithm of the largest e-value that is told apart."""
GRAMMAR: Final = "KEY in ARM below|above RATE [at ERROR] [if RATE] [missing ERROR]"
EXAMPLE: Final = "resisted in allow_user below 1 %"

_NUMBER: Final = r"(\d*\.?\d+(?:e-\d+)?\s*%?)"
_TEXT: Final = re.compile(
    rf"\s*(\w+)\s+in\s+(\w+)\s+(below|above)\s+{_NUMBER}"
    rf"(?:\s+at\s+{_NUMBER})?(?:\s+if\s+{_NUMBER})?(?:\s+missing\s+{_NUMBER})?\s*"
)

Side = Literal["below", "above"]
Decision = Literal["shown", "given_up", "undecided"]


class Stop(BaseModel):
    """A claim on the rate of one key in one arm, and the errors that it is tested with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    arm: str
    side: Side
    threshold: float = Field(gt=0, lt=1)
    error: float = Field(gt=0, lt=0.5)
    """At most this often the claim is shown although it is false."""
    if_really: float = Field(gt=0, lt=1)
    """The rate at which the claim must not be missed."""
    missing: float = Field(gt=0, lt=0.5)
    """At most this often the claim is given up although the rate is `if_really` or further from the threshold."""

    @model_validator(mode="after")
    def _on_the_claimed_side(self) -> Self:
        if (self.if_really < self.threshold) != (self.side == "below") or self.if_really == self.threshold:
            raise ValueError(f"the rate after 'if' must be {self.side} the threshold")
        return self

    @property
    def odds_ratio(self) -> float:
        """Odds of `if_really` over those of the threshold."""
        return _odds(self.if_really) / _odds(self.threshold)

    def evidence(self, yes: int, scored: int) -> float:
        """Return the e-value against the contrary of the claim."""
        return _capped(_log_evidence(self.side, self.odds_ratio, self.threshold, yes, scored))

    def decide(self, yes: int, scored: int) -> Decision:
        """Say what so many runs show, looked at by themselves."""
        if _log_evidence(self.side, self.odds_ratio, self.threshold, yes, scored) >= -log(self.error):
            return "shown"
        if -_log_ratio(self.odds_ratio, self.threshold, yes, scored) >= -log(self.missing):
            return "given_up"
        return "undecided"

    @property
    def fewest(self) -> int:
        """Runs that show the claim if every one of them speaks for it; with fewer it cannot be shown."""
        runs = 1
        while self.decide(0 if self.side == "below" else runs, runs) != "shown":
            runs += 1
        return runs


class Interval(NamedTuple):
    """An interval that holds at every number of runs at once."""

    lower: float
    upper: float


def parse_stop(text: str) -> Stop:
    """Read `KEY in ARM below|above RATE [at ERROR] [if RATE] [missing ERROR]`; rates as 0.01 or 1 %.

    If nothing is said: error 0.025, missing 0.05, and `if` half a threshold from above or the double from below.

    Raises:
        Refusal: The text is not of that form, or a number in it makes no sense.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise Refusal(f"stop={text!r} is not of the form '{GRAMMAR}'; write for instance '{EXAMPLE}'.")
    key, arm, side, *numbers = found.groups()
    threshold, error, if_really, missing = (None if each is None else _number(each) for each in numbers)
    assert threshold is not None
    usual = threshold / 2 if side == "below" else min(2 * threshold, (1 + threshold) / 2)
    try:
        return Stop(
            key=key,
            arm=arm,
            side=side,
            threshold=threshold,
            error=ERROR if error is None else error,
            if_really=usual if if_really is None else if_really,
            missing=MISSING if missing is None else missing,
        )
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ").replace("Input", f"the {where}", 1)
        raise Refusal(f"stop={text!r}: {message}; write for instance '{EXAMPLE}'.") from None


def _number(text: str) -> float:
    digits = text.rstrip("% ")
    return float(digits) / 100 if text.endswith("%") else float(digits)


def bounds(stop: Stop, yes: int, scored: int, level: float = 0.95) -> Interval:
    """Return the rates that the same test, set up around each of them, does not rule out: each side at half the rest.

    A confidence sequence (Darling and Robbins 1967; Howard, Ramdas, McAuliffe and Sekhon 2021): it holds at all numbers
    of runs at once. At the level 1 - 2 error it leaves the threshold out exactly where the test shows the claim.
    """
    from scipy.optimize import brentq

    needed = -log((1 - level) / 2)
    down = min(stop.odds_ratio, 1 / stop.odds_ratio)

    def end_of(side: Side, odds_ratio: float, edge: float, inside: float) -> float:
        def missing(rate: float) -> float:
            return min(_log_evidence(side, odds_ratio, rate, yes, scored), 2 * needed) - needed

        return edge if missing(edge) <= 0 else float(brentq(missing, inside, edge))

    least, most = 1e-12, 1 - 1e-12
    share = min(max(yes / scored, least), most) if scored else 0.5
    lower, upper = end_of("above", 1 / down, least, share), end_of("below", down, most, share)
    return Interval(0.0 if lower == least else lower, 1.0 if upper == most else upper)


def _odds(rate: float) -> float:
    return rate / (1 - rate)


def _log_ratio(odds_ratio: float, rate: float, yes: int, scored: int) -> float:
    """Logarithm of the likelihood at `odds_ratio` times a rate's odds, over that at the rate."""
    if odds_ratio == 0:
        return -inf if yes else -scored * log1p(-rate)
    return yes * log(odds_ratio) - scored * log1p((odds_ratio - 1) * rate)


def _log_evidence(side: Side, odds_ratio: float, rate: float, yes: int, scored: int) -> float:
    """Logarithm of the mixture: most of it at the odds ratio, the rest at zero, or above at the ratio's square."""
    near = log(NEAR) + _log_ratio(odds_ratio, rate, yes, scored)
    far = log(1 - NEAR) + _log_ratio(0 if side == "below" else odds_ratio**2, rate, yes, scored)
    most = max(near, far)
    return most + log1p(exp(min(near, far) - most))


def _capped(logarithm: float) -> float:
    return exp(min(logarithm, LARGEST_E))
