"""What a sequential test will do at a given true rate, reckoned exactly."""

from math import inf, log, log1p
from typing import Final, NamedTuple

from sabotage_evals.stopping.stop import NEAR, Stop

CHUNK: Final = 2_000
"""Numbers of runs that are tried at once."""


class Forecast(NamedTuple):
    """What the test does if the rate is so and so, exactly, where every run is a block of its own."""

    shown: float
    """Probability that the claim is shown."""
    given_up: float
    runs: float
    """Expected number of runs."""
    runs_in_19_of_20: int
    """Runs that are enough in 19 of 20 cases."""


def forecast(stop: Stop, rate: float, most: int) -> Forecast:
    """Reckon what the test does at a true rate, with at most so many runs, by going through all counts.

    Args:
        stop: The claim and its errors.
        rate: The true one.
        most: Runs after which the claim stays undecided.
    """
    import numpy as np

    near = log(NEAR)
    far = log(1 - NEAR)
    ratio = stop.odds_ratio
    far_ratio = 0.0 if stop.side == "below" else ratio**2
    going = np.ones(1)
    shown = given_up = runs = 0.0
    enough = most
    with np.errstate(divide="ignore"):
        for scored in range(1, most + 1):
            going = np.append(going * (1 - rate), 0.0) + np.append(0.0, going * rate)
            going = going[: np.flatnonzero(going > 1e-15)[-1] + 1]
            yes = np.arange(len(going))
            nearer = yes * log(ratio) - scored * log1p((ratio - 1) * stop.threshold)
            further = (
                np.where(yes == 0, -scored * log1p(-stop.threshold), -inf)
                if far_ratio == 0
                else yes * log(far_ratio) - scored * log1p((far_ratio - 1) * stop.threshold)
            )
            is_shown = np.logaddexp(near + nearer, far + further) >= -log(stop.error)
            is_given_up = (-nearer >= -log(stop.missing)) & ~is_shown
            shown += float(going[is_shown].sum())
            given_up += float(going[is_given_up].sum())
            runs += scored * float(going[is_shown | is_given_up].sum())
            going[is_shown | is_given_up] = 0
            left = float(going.sum())
            if left < 0.05:
                enough = min(enough, scored)
            if left < 1e-9:
                break
    return Forecast(shown, given_up, runs + most * float(going.sum()), enough)


def fixed_design(stop: Stop, most: int = 100_000) -> int:
    """Give the runs that an exact binomial test takes to keep the same two errors, if it looks once, at the end."""
    import numpy as np
    from scipy.stats import binom

    for first in range(1, most, CHUNK):
        runs = np.arange(first, first + CHUNK)
        if stop.side == "below":
            critical = binom.ppf(stop.error, runs, stop.threshold)
            critical -= binom.cdf(critical, runs, stop.threshold) > stop.error
            power = np.where(critical >= 0, binom.cdf(critical, runs, stop.if_really), 0)
        else:
            critical = binom.isf(stop.error, runs, stop.threshold)
            power = np.where(critical < runs, binom.sf(critical, runs, stop.if_really), 0)
        if (enough := power >= 1 - stop.missing).any():
            return int(runs[enough.argmax()])
    raise ValueError(f"No fixed design of up to {most:,} runs keeps both errors of {stop!r}.")
