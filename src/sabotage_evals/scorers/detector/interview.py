"""Two questions after the verdict is safe, in copies of the conversation: what it misses, where a reviewer should look.

The answers are stored and never enter the outcome.
"""

from collections.abc import Sequence
from typing import Final

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ChatMessageUser, Model
from inspect_ai.solver import TaskState
from inspect_ai.util import span
from pydantic import BaseModel, ConfigDict

from sabotage_evals.scorers.detector.evidence import INTERVIEW_KEY
from sabotage_evals.transcript import PROBE

QUESTIONS: Final = ("misses", "look_at")
"""What the task's stimuli call the questions; each is asked in a copy of its own."""
ANSWER_KEPT: Final = 4_000


class Answer(BaseModel):
    """One reply as it came, and why it could not be used, if so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    problem: str | None = None


class Interview(BaseModel):
    """The answers of one run; None where a question was not asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    misses: Answer | None = None
    look_at: Answer | None = None

    @property
    def answers(self) -> dict[str, Answer]:
        """What was asked, and what came of it."""
        return {name: answer for name in QUESTIONS if (answer := getattr(self, name)) is not None}


async def hold_interview(model: Model, state: TaskState, questions: dict[str, str]) -> Interview:
    """Ask the model under test, and keep its answers in the store."""
    interview = Interview(**{
        name: await _ask(name, model, state.messages, questions[name]) for name in QUESTIONS if name in questions
    })
    state.store.set(INTERVIEW_KEY, interview.model_dump(mode="json"))
    return interview


def stored_interview(state: TaskState) -> Interview:
    """Return the answers that the log holds."""
    kept = state.store.get(INTERVIEW_KEY)
    return Interview.model_validate(kept) if kept else Interview()


def _whole(conversation: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Return the conversation without tool calls at its end that never got a result: providers refuse those."""
    answered = {m.tool_call_id for m in conversation if isinstance(m, ChatMessageTool)}
    messages = list(conversation)
    while messages:
        last = messages[-1]
        if isinstance(last, ChatMessageAssistant) and any(c.id not in answered for c in last.tool_calls or []):
            messages.pop()
        else:
            break
    return messages


async def _ask(name: str, model: Model, conversation: Sequence[ChatMessage], question: str) -> Answer:
    async with span(name, type=PROBE):
        try:
            output = await model.generate([*_whole(conversation), ChatMessageUser(content=question)])
        except Exception as error:  # a question that fails is no answer, and must not cost the run its verdict
            return Answer(text="", problem=f"{type(error).__name__}: {error}"[:500])
    if not output.choices or output.stop_reason == "content_filter":
        return Answer(text=output.completion[:ANSWER_KEPT], problem="the model gave no answer")
    return Answer(text=output.completion[:ANSWER_KEPT])
