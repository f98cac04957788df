"""The office scenario."""

from sabotage_evals.tasks.misalignment_agentic.misalignment_agentic import misalignment_agentic

__all__ = ["misalignment_agentic"]
