"""The record of one answer, as it stands in the log: frozen, versioned, enough to score without a grader."""

import hashlib
import json
from typing import Final, Literal

from sabotage_evals.judge import Ruling
from sabotage_evals.scorers.record import Record

EVIDENCE_KEY: Final = "sabotage_evals:evidence"
"""Where the record lies in the sample's store."""

ReasoningKind = Literal["full", "summary", "partial", "hidden", "none"]
"""What there is of the reasoning: its text, the provider's summary, some of it, nothing that can be read, nothing."""


class Conditions(Record):
    """What was asked, and in which arm."""

    arm: str
    wording: str
    work: str
    """The question's name."""
    seed: int
    unit: str
    """What is paired between arms: the same wording, question and seed."""
    questions: str
    """The set that the question is of."""
    topic: str
    replies: Literal["unsaid", "recorded", "unrecorded", "unknown"]
    """What is said before the question of what becomes of the reply."""
    question: str
    """The question as it was asked."""


class Reply(Record):
    """What came back."""

    answer: str
    reasoning: str
    """As far as it can be read; empty where it cannot."""
    reasoning_kind: ReasoningKind
    end: Literal["answered", "cut_short", "filtered", "limit", "error"]
    end_detail: str = ""
    """The limit's type, or the error's message."""
    answered_by: str = ""
    """Another model than the one that was asked, where the provider had one answer."""

    @property
    def readable(self) -> bool:
        """Whether there is reasoning that somebody could judge."""
        return bool(self.reasoning)


class Evidence(Record):
    """The record of one run."""

    version: Literal[1] = 1
    conditions: Conditions
    reply: Reply
    by_answer: Ruling | None = None
    """What the graders said of the answer alone."""
    by_reasoning: Ruling | None = None
    """What they said of the reasoning with the answer; None where no reasoning can be read."""
    material_sha256: str
    """Of question, answer and reasoning: rulings stand as long as these are the same."""


def material_hash(question: str, reply: Reply) -> str:
    """Return the hash of all that is judged."""
    return hashlib.sha256(json.dumps([question, reply.answer, reply.reasoning]).encode()).hexdigest()
