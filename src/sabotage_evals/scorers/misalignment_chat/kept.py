"""Find the rulings that a log holds: those of the last scoring, then those in the record of the run.

Inspect writes no store back when an old log is scored again, so what another grader said then stands with its score.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from inspect_ai.event import Event, ScoreEvent
from inspect_ai.solver import TaskState

from sabotage_evals.judge import Ruling
from sabotage_evals.scorers.misalignment_chat.evidence import EVIDENCE_KEY, Evidence

MATERIAL: Final = "material_sha256"
ANSWER_RULING: Final = "answer_ruling"
REASONING_RULING: Final = "reasoning_ruling"
"""What the metadata of a score call the hash of what was judged, and the rulings on it."""


class Rulings(NamedTuple):
    """What is known already."""

    by_answer: Ruling | None = None
    by_reasoning: Ruling | None = None


def find_rulings(state: TaskState, events: Sequence[Event], digest: str) -> Rulings:
    """Return the latest rulings on what has this hash."""
    by_answer = by_reasoning = None
    for known in (*_of_scores(events, digest), *_of_record(state, digest)):
        by_answer = by_answer or known.by_answer
        by_reasoning = by_reasoning or known.by_reasoning
    return Rulings(by_answer, by_reasoning)


def _of_scores(events: Sequence[Event], digest: str) -> Iterator[Rulings]:
    for event in reversed(events):
        told: Mapping[str, Any] = (event.score.metadata or {}) if isinstance(event, ScoreEvent) else {}
        if told.get(MATERIAL) == digest:
            yield Rulings(*(_read(told.get(name)) for name in (ANSWER_RULING, REASONING_RULING)))


def _read(told: object) -> Ruling | None:
    return None if told is None else Ruling.model_validate(told)


def _of_record(state: TaskState, digest: str) -> Iterator[Rulings]:
    if (stored := state.store.get(EVIDENCE_KEY)) is not None:
        record = Evidence.model_validate(stored)
        if record.material_sha256 == digest:
            yield Rulings(record.by_answer, record.by_reasoning)
