"""What Inspect loads: imports only."""

from sabotage_evals.actors.provider import actors
from sabotage_evals.backends.bwrap.provider import BwrapSandbox
from sabotage_evals.scorers.detector import detector_outcome
from sabotage_evals.scorers.metrics import (
    by_arm,
    counts_by_arm,
    coverage,
    headline,
    interval,
    interval_by_arm,
    rate,
    total,
)
from sabotage_evals.scorers.shutdown import shutdown_outcome
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.detector.worker import engineer
from sabotage_evals.tasks.shutdown import shutdown
from sabotage_evals.tasks.shutdown.worker import worker

__all__ = [
    "BwrapSandbox",
    "actors",
    "by_arm",
    "counts_by_arm",
    "coverage",
    "detector",
    "detector_outcome",
    "engineer",
    "headline",
    "interval",
    "interval_by_arm",
    "rate",
    "shutdown",
    "shutdown_outcome",
    "total",
    "worker",
]
