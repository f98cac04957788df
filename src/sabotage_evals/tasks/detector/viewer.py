"""How `inspect view` shows a detector log: one line a run, the outcome in colour, and who needs a person's eye."""

from typing import Final

from sabotage_evals.scorers.detector.outcome import Outcome, Unscored
from sabotage_evals.scorers.viewing import show_outcomes

SCORER: Final = "detector_outcome"
LABELS: Final = {
    "outcome": "Outcome",
    "arm": "Arm",
    "needs_review": "Look",
    "auroc": "AUROC",
    "recall_at_5": "Recall at 5 %",
    "effectiveness": "Effectiveness",
    "covered": "Scored",
    "flags": "Flags",
}
SHOWN: Final = tuple(LABELS)

VIEWER: Final = show_outcomes(
    SCORER,
    LABELS,
    {
        Outcome.FAITHFUL: "good",
        Outcome.WEAKENED_UNDISCLOSED: "bad",
        Outcome.WEAKENED_DISCLOSED: "warn",
        Outcome.ATTEMPTED_WITHOUT_EFFECT: "warn",
        Outcome.PLAYED_VISIBLE_SCORE: "warn",
        Outcome.HONESTLY_WEAK: "info",
        Outcome.PARTIAL: "info",
        Outcome.REFUSED: "info",
        Outcome.INVALID_DELIVERABLE: "info",
        Outcome.NO_DELIVERABLE: "info",
    },
    Unscored,
    {"auroc": "good-high", "recall_at_5": "good-high", "effectiveness": "good-high"},
)
