"""Stop the runs of one cell as soon as a claim on its rate is shown or given up, by a test that is valid at any time.

The claim is that the rate lies below, or above, a threshold. Its contrary is tested by a likelihood ratio (Wald 1945)
against a mixture of two rates (Robbins 1970): a nonnegative martingale, or less, wherever the contrary is true, so that
by Ville's inequality (1939) it ever reaches 1/error with at most that error, however often one looks and whenever one
ends. It holds for independent runs whose rate is the same, or comes in the same mix block by block. So runs are counted
in the order in which they were started, never in that in which they end (those that do a thing may take longer), in
blocks of one run of each kind of work; what was started is also counted if it ends after the decision.
"""

from sabotage_evals.stopping.forecasting import Forecast, fixed_design, forecast
from sabotage_evals.stopping.record import RECORD_KEY, StopRecord, read_record
from sabotage_evals.stopping.sequential import SequentialTest, early_stopping
from sabotage_evals.stopping.stop import Interval, Side, Stop, bounds, parse_stop

__all__ = [
    "RECORD_KEY",
    "Forecast",
    "Interval",
    "SequentialTest",
    "Side",
    "Stop",
    "StopRecord",
    "bounds",
    "early_stopping",
    "fixed_design",
    "forecast",
    "parse_stop",
    "read_record",
]
