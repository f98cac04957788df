"""Graders that say what a test wants them to say, and remember what they were asked."""

from collections.abc import Callable, Iterable
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from sabotage_evals.actors.playing import Actor, Call, Crash, Filtered, Say, next_move

Reply = ModelOutput | Exception
Asked = tuple[list[ChatMessage], list[ToolInfo], ToolChoice, GenerateConfig]


class Grader:
    """A model that gives the replies in turn, then the last one again and again."""

    def __init__(self, *replies: Reply, name: str = "grader", config: GenerateConfig | None = None) -> None:
        self.asked: list[Asked] = []
        self._replies: list[Reply] = list(replies)
        self.model: Model = get_model(
            f"mockllm/{name}", custom_outputs=self._reply, config=config or GenerateConfig(), memoize=False
        )

    def _reply(
        self, messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        self.asked.append((list(messages), tools, choice, config))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


def acting(actor: Actor) -> Model:
    """A model that plays a scripted grader."""

    def reply(messages: list[ChatMessage], *_: object) -> ModelOutput:
        match next_move(actor, messages):
            case Crash():
                raise RuntimeError("the service is gone")
            case Filtered():
                return filtered()
            case Say(text=text):
                return says(text)
            case Call(calls=made):
                return calls(*((name, arguments) for name, arguments in made))
            case other:
                raise AssertionError(f"A grader does not {other}.")

    outputs: Callable[..., ModelOutput] = reply
    return get_model("mockllm/model", custom_outputs=outputs, memoize=False)


def _output(message: ChatMessageAssistant, filtered: bool = False) -> ModelOutput:
    choice = ChatCompletionChoice(message=message, stop_reason="content_filter" if filtered else "stop")
    usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # or a tokenizer would be downloaded
    return ModelOutput(model="mockllm/model", choices=[choice], usage=usage)


def calls(*made: tuple[str, dict[str, Any]], text: str = "", parse_error: str | None = None) -> ModelOutput:
    called: Iterable[ToolCall] = (
        ToolCall(id=f"call_{number}", function=name, arguments=arguments, parse_error=parse_error)
        for number, (name, arguments) in enumerate(made)
    )
    return _output(ChatMessageAssistant(content=text, tool_calls=list(called)))


def verdict(name: object, why: str = "So it stands there.") -> ModelOutput:
    return calls(("verdict", {"why": why, "verdict": name}))


def says(text: str) -> ModelOutput:
    return _output(ChatMessageAssistant(content=text))


def filtered() -> ModelOutput:
    return _output(ChatMessageAssistant(content=""), filtered=True)
