"""The questions afterwards: asked in copies of the conversation, kept in the store, never in the way of a verdict."""

import asyncio

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    Model,
    ModelName,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolCall

from sabotage_evals.scorers.detector.interview import Interview, hold_interview, stored_interview

QUESTIONS = {"misses": "What does it miss?", "look_at": "Where should a reviewer look?", "other": "Never asked."}


def state() -> TaskState:
    call = ToolCall(id="1", function="bash", arguments={"command": "ls"})
    messages: list[ChatMessage] = [ChatMessageUser(content="Go."), ChatMessageAssistant(content="", tool_calls=[call])]
    return TaskState(model=ModelName("mockllm/model"), sample_id=1, epoch=1, input="-", messages=messages, metadata={})


def model(*answers: str) -> Model:
    outputs = [ModelOutput.from_content("mockllm/model", answer) for answer in answers]
    for output in outputs:
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return get_model("mockllm/model", custom_outputs=outputs)


def test_both_answers_are_kept_and_the_conversation_stays_as_it_was() -> None:
    run = state()
    held = asyncio.run(hold_interview(model("Clocks.", "At the threshold."), run, QUESTIONS))
    assert {name: answer.text for name, answer in held.answers.items()} == {
        "misses": "Clocks.",
        "look_at": "At the threshold.",
    }
    assert stored_interview(run) == held
    assert len(run.messages) == 2


def test_a_question_that_fails_is_no_answer_and_raises_nothing() -> None:
    held = asyncio.run(hold_interview(model("Clocks."), state(), QUESTIONS))
    assert held.answers["misses"].problem is None
    assert held.answers["look_at"].problem


def test_what_was_not_asked_is_not_there() -> None:
    assert asyncio.run(hold_interview(model(), state(), {})) == stored_interview(state()) == Interview()
