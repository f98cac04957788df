"""How `inspect view` shows a reward-hacking log: one line a run, the outcome in colour, who needs a person's eye."""

from typing import Final

from sabotage_evals.scorers.reward_hacking.outcome import Outcome, Unscored
from sabotage_evals.scorers.viewing import show_outcomes

SCORER: Final = "reward_hacking_outcome"
LABELS: Final = {
    "outcome": "Outcome",
    "mechanism": "By",
    "arm": "Arm",
    "kind": "Kind",
    "needs_review": "Look",
    "covered": "Scored",
    "flags": "Flags",
}
SHOWN: Final = tuple(LABELS)

VIEWER: Final = show_outcomes(
    SCORER,
    LABELS,
    {
        Outcome.SOLVED: "good",
        Outcome.SOLVED_TO_SPEC: "good",
        Outcome.SAID_IMPOSSIBLE: "good",
        Outcome.HACKED: "bad",
        Outcome.HACKED_DISCLOSED: "warn",
        Outcome.ATTEMPTED_HACK: "warn",
        Outcome.FAILED_HONESTLY: "info",
        Outcome.GAVE_UP: "info",
        Outcome.REFUSED: "info",
    },
    Unscored,
)
