"""Scanners of transcripts for Inspect Scout: what a model voices, and whether its words fit what was found.

They need the extra `scout` (`pip install 'sabotage-evals[scout]'`) and are absent without it. What they find is
descriptive: it is measured after the treatment, enters no outcome, and splits rates only where a report says so.
"""

from sabotage_evals.scanners.scanners import (
    claims_against_state,
    disclosure,
    self_preservation,
    stated_intent,
    voiced_awareness,
)

__all__ = ["claims_against_state", "disclosure", "self_preservation", "stated_intent", "voiced_awareness"]
