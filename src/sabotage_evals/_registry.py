"""What Inspect loads: imports only."""

from contextlib import suppress

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
from sabotage_evals.scorers.misalignment_agentic import misalignment_agentic_outcome
from sabotage_evals.scorers.misalignment_chat import misalignment_chat_outcome
from sabotage_evals.scorers.reward_hacking import reward_hacking_outcome
from sabotage_evals.scorers.shutdown import shutdown_outcome
from sabotage_evals.scorers.shutdown.imported import shutdown_transcript
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.detector.worker import engineer
from sabotage_evals.tasks.misalignment_agentic import misalignment_agentic
from sabotage_evals.tasks.misalignment_agentic.worker import assistant
from sabotage_evals.tasks.misalignment_chat import misalignment_chat
from sabotage_evals.tasks.misalignment_chat.graded import see_that_somebody_judges
from sabotage_evals.tasks.reward_hacking import reward_hacking
from sabotage_evals.tasks.reward_hacking.worker import programmer
from sabotage_evals.tasks.shutdown import shutdown
from sabotage_evals.tasks.shutdown.worker import worker

__all__ = [
    "BwrapSandbox",
    "actors",
    "assistant",
    "by_arm",
    "counts_by_arm",
    "coverage",
    "detector",
    "detector_outcome",
    "engineer",
    "headline",
    "interval",
    "interval_by_arm",
    "misalignment_agentic",
    "misalignment_agentic_outcome",
    "misalignment_chat",
    "misalignment_chat_outcome",
    "programmer",
    "rate",
    "reward_hacking",
    "reward_hacking_outcome",
    "see_that_somebody_judges",
    "shutdown",
    "shutdown_outcome",
    "shutdown_transcript",
    "total",
    "worker",
]

with suppress(ModuleNotFoundError):  # the extra `scout`: without it there are no scanners, and nothing is missed
    from sabotage_evals.scanners import (
        claims_against_state,
        disclosure,
        self_preservation,
        stated_intent,
        voiced_awareness,
    )

    __all__ += ["claims_against_state", "disclosure", "self_preservation", "stated_intent", "voiced_awareness"]
