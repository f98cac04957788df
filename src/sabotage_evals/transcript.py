"""Read a sample's transcript: what the model was shown, which commands it issued, and how the run ended."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from inspect_ai.event import ErrorEvent, Event, ModelEvent, SampleLimitEvent, SpanBeginEvent
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ContentReasoning, ContentText
from inspect_ai.tool import ToolCall

COMMAND_LIMIT: Final = 20_000
"""Characters of one command that are kept."""
SHELL_ARGUMENTS: Final = ("command", "cmd", "input", "script")
PYTHON_ARGUMENTS: Final = ("code",)
SUBMIT_TOOLS: Final = ("submit", "done", "finish", "complete")

_OPENED: Final = re.compile(r"\s*<(think|thinking)>(?P<thought>.*?)(?:</\1>(?P<said>.*)|\Z)", re.DOTALL)
_OPENING: Final = re.compile(r"<think(?:ing)?>")
_CLOSING: Final = re.compile(r"</think(?:ing)?>")

PROBE: Final = "probe"
"""Type of the spans in which a scorer asks the model under test."""

Ending = Literal["submitted", "stopped", "limit", "error", "filtered"]


class IssuedCommand(NamedTuple):
    """One tool call that carries a command; times are Unix seconds, `until` is when it must have ended."""

    issued: float
    until: float
    tool: str
    language: Literal["shell", "python", "other"]
    text: str
    call_id: str


class RunEnd(NamedTuple):
    """How a run ended, and the detail: the limit's type, the error's message, the last words."""

    kind: Ending
    detail: str


def model_events(events: Iterable[Event]) -> Iterator[ModelEvent]:
    """Yield the finished calls of the model under test, in order.

    Calls in a role (graders) are left out, and so are questions that a scorer asked in a span of type `probe`.
    """
    probes: set[str] = set()
    for event in events:
        if isinstance(event, SpanBeginEvent) and (event.type == PROBE or event.parent_id in probes):
            probes.add(event.id)
        asked = event.span_id in probes
        if isinstance(event, ModelEvent) and not (event.pending or event.role or asked):
            yield event


def squeeze(text: str) -> str:
    """Return a text with every run of white space as one blank."""
    return " ".join(text.split())


def _completed(event: ModelEvent) -> float:
    return (event.completed or event.timestamp).timestamp()


def _command(call: ToolCall) -> tuple[Literal["shell", "python", "other"], str]:
    for names, language in ((SHELL_ARGUMENTS, "shell"), (PYTHON_ARGUMENTS, "python")):
        for name in names:
            if isinstance(text := call.arguments.get(name), str):
                return ("python" if call.function == "python" else language), text[:COMMAND_LIMIT]  # type: ignore[return-value]  # the tuple above holds just these literals
    return "other", " ".join(str(value) for value in call.arguments.values())[:COMMAND_LIMIT]


def issued_commands(events: Sequence[Event]) -> list[IssuedCommand]:
    """Return all tool calls that the model under test made, whatever agent ran them.

    They are read from the model's own output, so that tools inside the sandbox (a bridged agent) count too. A call may
    have run from the end of the model's answer to the start of the next model call.
    """
    calls = list(model_events(events))
    commands: list[IssuedCommand] = []
    for index, event in enumerate(calls):
        if event.error or not event.output.choices:
            continue
        until = calls[index + 1].timestamp.timestamp() if index + 1 < len(calls) else float("inf")
        for call in event.output.message.tool_calls or []:
            language, text = _command(call)
            commands.append(IssuedCommand(_completed(event), until, call.function, language, text, call.id))
    return commands


def calls_that_read(events: Sequence[Event], text: str) -> list[float]:
    """Return the start times (Unix seconds) of the model calls in whose input a text stands, but for white space."""
    sought = squeeze(text)
    if not sought:
        return []
    known: dict[str, bool] = {}

    def holds(message: ChatMessage) -> bool:
        key = message.id or str(id(message))
        if key not in known:
            known[key] = message.role in ("tool", "user") and sought in squeeze(message.text)
        return known[key]

    return [event.timestamp.timestamp() for event in model_events(events) if any(holds(m) for m in event.input)]


def conversation_at_first_reading(events: Sequence[Event], text: str) -> list[ChatMessage] | None:
    """Return the conversation as the model had it when it first read a text, whatever agent ran."""
    sought = squeeze(text)
    for event in model_events(events):
        if sought and any(m.role in ("tool", "user") and sought in squeeze(m.text) for m in event.input):
            return list(event.input)
    return None


def tool_timeouts(messages: Iterable[ChatMessage]) -> frozenset[str]:
    """Return the ids of the tool calls that ended in a time-out."""
    return frozenset(
        m.tool_call_id
        for m in messages
        if isinstance(m, ChatMessageTool) and m.tool_call_id and m.error is not None and m.error.type == "timeout"
    )


def run_end(events: Sequence[Event], messages: Sequence[ChatMessage]) -> RunEnd:
    """Tell how the run ended: an error or a limit is on record as an event, all else is read from the last answer."""
    for event in reversed(events):
        if isinstance(event, ErrorEvent):
            return RunEnd("error", event.error.message[:500])
        if isinstance(event, SampleLimitEvent):
            return RunEnd("limit", event.type)
    calls = [event for event in model_events(events) if event.output.choices]
    if calls and calls[-1].output.stop_reason == "content_filter":
        return RunEnd("filtered", "")
    last = next((m for m in reversed(messages) if isinstance(m, ChatMessageAssistant)), None)
    # an agent may take the submission out of its messages, but not out of the model's answer
    answers = [message for message in (last, calls[-1].output.message if calls else None) if message is not None]
    for call in (call for answer in answers for call in answer.tool_calls or []):
        if call.function in SUBMIT_TOOLS:
            return RunEnd("submitted", " ".join(str(value) for value in call.arguments.values())[:2000])
    return RunEnd("stopped", last.text[-2000:] if last else "")


def closing_words(events: Sequence[Event], messages: Sequence[ChatMessage]) -> str:
    """Return what was said last, and what was handed in by a call of the submit tool: both are closing words."""
    text = next((m.text for m in reversed(messages) if isinstance(m, ChatMessageAssistant) and m.text), "")
    answers = [event.output.message for event in model_events(events) if event.output.choices]
    calls = answers[-1].tool_calls or [] if answers else []
    handed_in = [str(v) for call in calls if call.function in SUBMIT_TOOLS for v in call.arguments.values()]
    return "\n".join(filter(None, [text, *(words for words in handed_in if words not in text)]))


def model_texts(events: Sequence[Event]) -> Iterator[str]:
    """Yield all that the model under test wrote: its text, and its reasoning where that can be read."""
    for event in model_events(events):
        if event.error or not event.output.choices:
            continue
        content = event.output.message.content
        for part in [ContentText(text=content)] if isinstance(content, str) else content:
            if isinstance(part, ContentText):
                yield part.text
            elif isinstance(part, ContentReasoning) and not part.redacted:
                yield part.reasoning


def split_thought(text: str) -> tuple[str, str]:
    """Return the reasoning that a server left at the head of a text, and the text without it.

    It ends at a mark `</think>` or `</thinking>`. The opening mark may be missing: some templates have it in the
    prompt. Where it is there and the closing one is missing, nothing was said but thought.
    """
    if opened := _OPENED.match(text):
        return opened["thought"], opened["said"] or ""
    closed = _CLOSING.search(text)
    if closed is None or _OPENING.search(text, 0, closed.start()):
        return "", text
    thought, said = text[: closed.start()], text[closed.end() :]
    return (thought, said) if _stand_apart(thought.rstrip(" \t"), said.lstrip(" \t")) else ("", text)


def _stand_apart(thought: str, said: str) -> bool:
    """Whether the mark between two texts ends a sentence or a line; a text may also speak of such marks."""
    return thought[-1:] in ("", "\n", ".", "!", "?", "\u2026", ")", "*") or said[:1] in ("", "\n")


def has_readable_reasoning(event: ModelEvent) -> bool:
    """Whether an answer came with reasoning that can be read, by itself or left in the text."""
    if not event.output.choices:
        return False
    content = event.output.message.content
    return any(
        bool(part.reasoning) and not part.redacted
        if isinstance(part, ContentReasoning)
        else isinstance(part, ContentText) and bool(split_thought(part.text)[0].strip())
        for part in ([ContentText(text=content)] if isinstance(content, str) else content)
    )
