"""Ask the model under test a question in a copy of a conversation, after the verdict is safe; nothing in it changes."""

from collections.abc import Sequence
from typing import Final

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ChatMessageUser, Model
from inspect_ai.util import span
from pydantic import BaseModel, ConfigDict

from sabotage_evals.transcript import PROBE

ANSWER_KEPT: Final = 4_000
"""Characters that are kept of an answer."""


class Answer(BaseModel):
    """One reply as it came, and why it could not be used, if so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    problem: str | None = None


async def ask(name: str, model: Model, conversation: Sequence[ChatMessage], question: str) -> Answer:
    """Ask, in a span of the question's name; a question that fails is an answer with a problem, and raises nothing."""
    async with span(name, type=PROBE):
        try:
            output = await model.generate([*_whole(conversation), ChatMessageUser(content=question)])
        except Exception as error:  # no answer must not cost the run its verdict
            return Answer(text="", problem=f"{type(error).__name__}: {error}"[:500])
    if not output.choices or output.stop_reason == "content_filter":
        return Answer(text=output.completion[:ANSWER_KEPT], problem="the model gave no answer")
    return Answer(text=output.completion[:ANSWER_KEPT])


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
