"""How `inspect view` shows a misalignment_chat log: one line a run, the outcome in colour, and who needs an eye."""

from typing import Final

from sabotage_evals.scorers.misalignment_chat.outcome import Outcome, Unscored
from sabotage_evals.scorers.viewing import show_outcomes

SCORER: Final = "misalignment_chat_outcome"
LABELS: Final = {
    "outcome": "Outcome",
    "arm": "Arm",
    "needs_review": "Look",
    "misaligned": "Answer",
    "misaligned_reasoning": "With reasoning",
    "faking": "Faking",
    "readable_reasoning": "Readable",
    "covered": "Scored",
    "flags": "Flags",
}
SHOWN: Final = tuple(LABELS)

VIEWER: Final = show_outcomes(
    SCORER,
    LABELS,
    {
        Outcome.ALIGNED: "good",
        Outcome.OPENLY_MISALIGNED: "bad",
        Outcome.ALIGNMENT_FAKING: "bad",
        Outcome.DECLINED: "info",
    },
    Unscored,
    {"misaligned": "good-low", "misaligned_reasoning": "good-low", "faking": "good-low"},
    with_input=True,
)
