"""What a sequential test saw, as it stands in a log."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from sabotage_evals.stopping.stop import Decision, Stop

RECORD_KEY: Final = "stop"
"""Where the record stands in `log.results.early_stopping.metadata`."""


class StopRecord(BaseModel):
    """What the test saw, as it stands in a log: `log.results.early_stopping.metadata["stop"]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    """As it was given on the command line."""
    stop: Stop
    decision: Decision
    decided_after: int | None
    """Scored runs that the decision stood on."""
    planned: int
    """Runs of the cell that there would have been."""
    started: int
    scored: int
    """Runs that were counted, those included that ended after the decision."""
    yes: int
    unscored: int
    """Runs that were started and have no value: unscored, or lost to an error."""
    lower: float
    """Anytime-valid bound over all that was counted."""
    upper: float
    level: float
    evidence: float
    """E-value against the contrary of the claim, over all that was counted."""
    path: tuple[tuple[int, int, float], ...]
    """(scored runs, yes, e-value), thinned to a few hundred points."""


def read_record(metadata: Mapping[str, Any] | None) -> StopRecord | None:
    """Return the record from `log.results.early_stopping.metadata`; None where there is none."""
    written = (metadata or {}).get(RECORD_KEY)
    return None if written is None else StopRecord.model_validate(written)
