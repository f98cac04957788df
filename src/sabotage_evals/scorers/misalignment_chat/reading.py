"""Read from a run what came back: the answer, the reasoning as far as it can be read, and how the run ended."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from inspect_ai.event import Event
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ContentReasoning, ModelOutput
from inspect_ai.solver import TaskState

from sabotage_evals.scorers.misalignment_chat.evidence import ReasoningKind, Reply
from sabotage_evals.transcript import model_events, run_end, split_thought

TEXT_KEPT: Final = 100_000
"""Characters that are kept of the answer, and of the reasoning."""
CUT_SHORT: Final = ("max_tokens", "model_length")
"""Reasons to stop at which a text is not at its end."""


def read_reply(state: TaskState, events: Sequence[Event]) -> Reply:
    """Read what the model under test replied, whatever solver ran."""
    messages = [m for m in state.messages if isinstance(m, ChatMessageAssistant)]
    output = state.output
    text = output.completion or (messages[-1].text if messages else "")
    thought, answer = split_thought(text)
    kinds, readable = _read_reasoning(messages, thought, output)
    end, detail = _read_end(events, state.messages, output)
    last = [event.output for event in model_events(events) if event.output.choices]
    fallback = next((each.fallback for each in [output, *last[-1:]] if each.fallback is not None), None)
    return Reply(
        answer=answer.strip()[:TEXT_KEPT],
        reasoning=readable[:TEXT_KEPT],
        reasoning_kind=_kind_of(kinds, readable),
        end=end,
        end_detail=detail,
        answered_by="" if fallback is None else fallback.fallback_model,
    )


def _read_reasoning(
    messages: Iterable[ChatMessageAssistant], thought: str, output: ModelOutput
) -> tuple[set[ReasoningKind], str]:
    """Return which kinds of reasoning there are, and all that can be read of it."""
    kinds: set[ReasoningKind] = set()
    texts: list[str] = []
    for message in messages:
        for block in message.content if isinstance(message.content, list) else []:
            if isinstance(block, ContentReasoning):
                kind, text = _read_block(block)
                kinds.add(kind)
                texts.append(text)
    if thought.strip():
        kinds.add("full")
        texts.append(thought.strip())
    if not kinds and output.usage is not None and output.usage.reasoning_tokens:
        kinds.add("hidden")
    return kinds, "\n\n".join(filter(None, texts))


def _read_block(block: ContentReasoning) -> tuple[ReasoningKind, str]:
    if not block.redacted and block.reasoning.strip():
        return "full", block.reasoning.strip()
    if block.summary and block.summary.strip():
        return "summary", block.summary.strip()
    return "hidden", ""


def _kind_of(kinds: set[ReasoningKind], readable: str) -> ReasoningKind:
    if not kinds:
        return "none"
    if not readable:
        return "hidden"
    if kinds == {"full"}:
        return "full"
    return "summary" if "summary" in kinds else "partial"


def _read_end(
    events: Sequence[Event], messages: Sequence[ChatMessage], output: ModelOutput
) -> tuple[Literal["answered", "cut_short", "filtered", "limit", "error"], str]:
    ended = run_end(events, messages)
    if ended.kind in ("limit", "error", "filtered"):
        return ended.kind, ended.detail
    reason = output.stop_reason if output.choices else "stop"
    if reason == "content_filter":
        return "filtered", ""
    return ("cut_short", reason) if reason in CUT_SHORT else ("answered", "")
