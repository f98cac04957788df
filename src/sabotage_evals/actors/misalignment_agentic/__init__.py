"""The cast of the office: a scripted agent for every outcome, near misses, and the awkward ones."""

from sabotage_evals.actors.misalignment_agentic import ends, ledger, monitor, offer
from sabotage_evals.actors.misalignment_agentic.cast import ACTORS, HEADLINE

__all__ = ["ACTORS", "HEADLINE", "ends", "ledger", "monitor", "offer"]
