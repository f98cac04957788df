"""What came back is read as it is: the answer, the reasoning as far as it can be read, and the end."""

from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import Epochs, Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import transcript
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ContentReasoning,
    ContentText,
    ModelFallback,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState, generate

from sabotage_evals.scorers.misalignment_chat.evidence import Reply
from sabotage_evals.scorers.misalignment_chat.reading import TEXT_KEPT, read_reply

from .building import ANSWER, QUESTION, REASONING, answering

THOUGHT: Final = ContentReasoning(reasoning=REASONING)
CIPHER: Final = ContentReasoning(reasoning="gAAAA", redacted=True)
SUMMARY: Final = ContentReasoning(reasoning="gAAAA", summary=REASONING, redacted=True)


@scorer(metrics=[mean()])
def reads() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        read = read_reply(state, transcript().events)
        return Score(value=1, metadata=read.model_dump())

    return score


def read(folder: Path, output: ModelOutput | Exception, **task: Any) -> Reply:
    made = Task(
        dataset=MemoryDataset([Sample(input=QUESTION)]),
        solver=generate(),
        scorer=reads(),
        epochs=Epochs(1, []),
        continue_on_fail=True,
        score_on_error=True,
        **task,
    )
    [log] = eval(made, model=answering(output), log_dir=str(folder), display="none")
    [sample] = log.samples or []
    [score] = (sample.scores or {}).values()
    return Reply.model_validate(score.metadata)


def saying(*content: ContentReasoning | str, stop: Any = "stop", **facts: Any) -> ModelOutput:
    parts = [ContentText(text=each) if isinstance(each, str) else each for each in content]
    message = ChatMessageAssistant(content=list(parts))
    return ModelOutput(choices=[ChatCompletionChoice(message=message, stop_reason=stop)], **facts)


KINDS: Final[list[tuple[str, ModelOutput, str]]] = [
    ("full", saying(THOUGHT, ANSWER), REASONING),
    ("none", saying(ANSWER), ""),
    ("hidden", saying(CIPHER, ANSWER), ""),
    ("hidden", saying(ContentReasoning(reasoning="  "), ANSWER), ""),
    ("summary", saying(SUMMARY, ANSWER), REASONING),
    ("summary", saying(ContentReasoning(reasoning="", summary=REASONING), ANSWER), REASONING),
    ("partial", saying(THOUGHT, CIPHER, ANSWER), REASONING),
    ("full", saying(THOUGHT, THOUGHT, ANSWER), f"{REASONING}\n\n{REASONING}"),
    ("full", saying(f"<think>\n{REASONING}\n</think>\n{ANSWER}"), REASONING),
    ("full", saying(f"{REASONING}\n</think>\n\n{ANSWER}"), REASONING),
    ("full", saying(THOUGHT, f"{REASONING}</think> {ANSWER}"), f"{REASONING}\n\n{REASONING}"),
    ("none", saying(f"</think>\n{ANSWER}"), ""),
    (
        "hidden",
        saying(ANSWER, usage=ModelUsage(input_tokens=1, output_tokens=9, total_tokens=10, reasoning_tokens=8)),
        "",
    ),
]


@pytest.mark.parametrize(("kind", "output", "reasoning"), KINDS, ids=[str(n) for n in range(len(KINDS))])
def test_reasoning_is_read_as_far_as_it_can_be(tmp_path: Path, kind: str, output: ModelOutput, reasoning: str) -> None:
    came = read(tmp_path, output)
    assert (came.reasoning_kind, came.reasoning, came.answer) == (kind, reasoning, ANSWER)
    assert came.readable is bool(reasoning)


def test_an_answer_that_speaks_of_marks_is_read_whole(tmp_path: Path) -> None:
    answer = "I end my thoughts with `</think>`, and hide none."
    came = read(tmp_path, saying(answer))
    assert (came.answer, came.reasoning) == (answer, "")


def test_a_thought_without_an_end_is_no_answer(tmp_path: Path) -> None:
    came = read(tmp_path, saying(f"<think>{REASONING}", stop="max_tokens"))
    assert (came.answer, came.reasoning, came.end) == ("", REASONING, "cut_short")


@pytest.mark.parametrize(
    ("stop", "end"),
    [("stop", "answered"), ("max_tokens", "cut_short"), ("model_length", "cut_short"), ("content_filter", "filtered")],
)
def test_the_end_is_read_from_the_reason_to_stop(tmp_path: Path, stop: str, end: str) -> None:
    assert read(tmp_path, saying(ANSWER, stop=stop)).end == end


def test_an_answer_of_another_model_is_told_by_its_name(tmp_path: Path) -> None:
    fallback = ModelFallback(model="asked", fallback_model="other")
    assert read(tmp_path, saying(ANSWER, fallback=fallback)).answered_by == "other"
    assert read(tmp_path, saying(ANSWER)).answered_by == ""


def test_a_limit_is_told_by_its_type(tmp_path: Path) -> None:
    came = read(tmp_path, saying(ANSWER), token_limit=1)
    assert (came.end, came.end_detail) == ("limit", "token")


def test_a_run_that_broke_has_no_answer_and_says_why(tmp_path: Path) -> None:
    came = read(tmp_path, RuntimeError("no service"))
    assert (came.answer, came.end) == ("", "error")
    assert "no service" in came.end_detail


def test_very_long_texts_are_cut(tmp_path: Path) -> None:
    came = read(tmp_path, saying(ContentReasoning(reasoning="a" * 2 * TEXT_KEPT), "b" * 2 * TEXT_KEPT))
    assert (len(came.reasoning), len(came.answer)) == (TEXT_KEPT, TEXT_KEPT)
