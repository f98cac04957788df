"""Rulings in a log are found if they are about the same material; the last scoring goes before the record."""

from typing import Any

from inspect_ai.event import ScoreEvent
from inspect_ai.model import ModelName
from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from sabotage_evals.scorers.misalignment_chat.classify import ALIGNED, MISALIGNED, classify
from sabotage_evals.scorers.misalignment_chat.evidence import EVIDENCE_KEY, Evidence
from sabotage_evals.scorers.misalignment_chat.kept import Rulings, find_rulings
from sabotage_evals.scorers.misalignment_chat.report import as_score

from .building import faked, record, thought


def state_with(evidence: Evidence | None) -> TaskState:
    state = TaskState(model=ModelName("mockllm/model"), sample_id=1, epoch=1, input="-", messages=[])
    if evidence is not None:
        state.store.set(EVIDENCE_KEY, evidence.model_dump(mode="json"))
    return state


def scored(evidence: Evidence) -> ScoreEvent:
    return ScoreEvent(score=as_score(evidence, classify(evidence)))


def test_rulings_of_the_record_are_found() -> None:
    evidence = faked()
    found = find_rulings(state_with(evidence), [], evidence.material_sha256)
    assert found == Rulings(evidence.by_answer, evidence.by_reasoning)


def test_rulings_on_other_material_are_none() -> None:
    evidence, other = faked(), record(thought(answer="I would say yes."))
    assert find_rulings(state_with(evidence), [scored(evidence)], other.material_sha256) == Rulings()
    assert find_rulings(state_with(None), [], evidence.material_sha256) == Rulings()


def test_the_last_score_goes_before_earlier_ones_and_before_the_record() -> None:
    stored, first, last = (record(thought(), ALIGNED, word) for word in (None, ALIGNED, MISALIGNED))
    found = find_rulings(state_with(stored), [scored(first), scored(last)], stored.material_sha256)
    assert found == Rulings(last.by_answer, last.by_reasoning)


def test_what_the_last_score_lacks_is_taken_from_before() -> None:
    stored, last = faked(), record(thought(), None, None)
    found = find_rulings(state_with(stored), [scored(last)], stored.material_sha256)
    assert found == Rulings(stored.by_answer, stored.by_reasoning)


def test_scores_of_others_are_passed_over() -> None:
    evidence = faked()
    metadata: list[dict[str, Any] | None] = [None, {"material_sha256": "other"}]
    others = [ScoreEvent(score=Score(value=1, metadata=each)) for each in metadata]
    assert find_rulings(state_with(None), others, evidence.material_sha256) == Rulings()
