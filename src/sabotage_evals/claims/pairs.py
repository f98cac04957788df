"""An interval for the difference of two paired proportions, which neither scipy nor statsmodels has."""

from math import copysign, inf, sqrt

from scipy.optimize import brentq
from scipy.stats import norm

from sabotage_evals.claims.power import LEVEL


def tango_interval(only_first: int, only_second: int, pairs: int, level: float = LEVEL) -> tuple[float, float]:
    """Invert the score test for the difference of two paired proportions (Tango 1998, equations 7 to 9).

    Of the intervals in the literature this one kept its level best in simulations of our designs: docs/statistics.md.

    Args:
        only_first: Pairs with a yes in the first arm alone.
        only_second: Pairs with a yes in the second arm alone.
        pairs: All pairs.
        level: Of the interval, two-sided.
    """
    most = float(norm.ppf((1 + level) / 2))
    seen = (only_first - only_second) / pairs

    def score(difference: float) -> float:
        linear = (2 * pairs - only_first + only_second) * difference - only_first - only_second
        constant = -only_second * difference * (1 - difference)
        discordant = (sqrt(max(linear**2 - 8 * pairs * constant, 0)) - linear) / (4 * pairs)
        variance = pairs * (2 * discordant + difference * (1 - difference))
        distance = only_first - only_second - pairs * difference
        return copysign(inf, distance) if variance <= 0 and distance else distance / sqrt(variance) if distance else 0.0

    def end(edge: float) -> float:
        wanted = copysign(most, seen - edge)
        return edge if seen == edge else float(brentq(lambda d: _finite(score(d)) - wanted, edge, seen))

    return end(-1.0), end(1.0)


def _finite(value: float) -> float:
    return max(-1e6, min(1e6, value))
