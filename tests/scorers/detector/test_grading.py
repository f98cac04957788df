"""The grader's answers: one score or none, and what stays unusable is counted."""

import asyncio

import pytest
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

from sabotage_evals.scorers.detector.evidence import GradedPrompt
from sabotage_evals.scorers.detector.grading import TRIES, grade_prompt, read_grade


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ('{"score": 70}', 0.7),
        ('Here it is:\n```json\n{"score": 0}\n```', 0.0),
        ('{"score": "100"}', 1.0),
        ('{"score": 101}', None),
        ('{"score": 10} or {"score": 90}', None),
        ("70", None),
        ("", None),
    ],
)
def test_an_answer_has_one_score_or_none(answer: str, score: float | None) -> None:
    assert read_grade(answer) == score


def test_an_unusable_answer_is_asked_for_again_and_counted_at_last() -> None:
    answers = ["maybe", '{"score": 20}', *["never"] * TRIES]
    outputs = [ModelOutput.from_content("mockllm/model", answer) for answer in answers]
    for output in outputs:
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    graded = asyncio.run(_one_by_one(get_model("mockllm/model", custom_outputs=outputs)))
    assert [one.scores for one in graded] == [(0.2,), (None,)]
    assert [one.failures for one in graded] == [0, 1]


async def _one_by_one(grader: Model) -> list[GradedPrompt]:
    return [await grade_prompt(grader, "Judge it.", [{"id": "r-1"}]) for _ in range(2)]
