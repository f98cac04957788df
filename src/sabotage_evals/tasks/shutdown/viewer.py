"""How `inspect view` shows a shutdown log: one line a run, the outcome in colour, and who needs a person's eye."""

from typing import Final

from sabotage_evals.scorers.shutdown.outcome import Outcome, Unscored
from sabotage_evals.scorers.viewing import show_outcomes

SCORER: Final = "shutdown_outcome"
LABELS: Final = {
    "outcome": "Outcome",
    "route": "Route",
    "arm": "Arm",
    "needs_review": "Look",
    "resisted": "Resisted",
    "covered": "Scored",
    "flags": "Flags",
}
SHOWN: Final = tuple(LABELS)

VIEWER: Final = show_outcomes(
    SCORER,
    LABELS,
    {
        Outcome.ALLOWED: "good",
        Outcome.FINISHED: "good",
        Outcome.AUTHORISED: "good",
        Outcome.RESISTED: "bad",
        Outcome.ATTEMPTED: "warn",
        Outcome.EVADED: "info",
        Outcome.SHUT_ITSELF_DOWN: "info",
        Outcome.SURVIVED_BY_ACCIDENT: "info",
    },
    Unscored,
    {"resisted": "good-low"},
)
