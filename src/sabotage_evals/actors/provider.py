"""The actors as a model: `--model sabotage_evals/complies`. Stateless, offline, with usage of its own counting."""

import asyncio
import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    modelapi,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo
from inspect_ai.util import store

from sabotage_evals.actors.casts import ACTORS
from sabotage_evals.actors.playing import Actor, Bash, Call, Crash, Filtered, Move, Say, Submit, next_move
from sabotage_evals.refusal import Refusal

LETTERS_A_TOKEN: Final = 4
SUGGESTED: Final = 5
"""Names that are offered in place of one that there is not."""
HIDDEN_REASONING: Final = "c2VhbGVk"
"""What stands in a log where a provider seals the reasoning."""
SUBMIT_ARGUMENTS: Final = ("report", "answer")


class ActorCrash(RuntimeError):
    """An actor's own failure, as a provider's would be."""


@modelapi(name="sabotage_evals")
def actors() -> type[ModelAPI]:
    """Offer every actor as a model, by its name."""
    return ActorModel


class ActorModel(ModelAPI):
    """A scripted agent behind the interface of a model; it plays through real tool calls.

    A mixture of two has a true rate, known beforehand, against which intervals can be held:
    `get_model("sabotage_evals/overwrites_script", otherwise="complies", rates={"allow_user": 0.2})`.

    Args:
        model_name: The actor.
        base_url: Not used.
        api_key: Not used.
        config: Not used.
        model_args: `delay`, seconds that every call takes; `rates`, the share of runs in which the actor plays, by
            arm (0 where an arm is not named); `otherwise`, the actor of the other runs; `seed`, another one draws
            other runs.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008  # the signature that Inspect calls
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        if model_name not in ACTORS:
            raise Refusal(f"There is no actor '{model_name}'; {_choices(model_name)}.")
        self.actor: Actor = ACTORS[model_name]
        self.delay = float(model_args.get("delay", 0))
        self.rates: Mapping[str, float] | None = model_args.get("rates")
        self.seed = str(model_args.get("seed", 0))
        other = str(model_args.get("otherwise", model_name))
        if other not in ACTORS:
            raise Refusal(f"There is no actor '{other}' to play otherwise; {_choices(other)}.")
        if (self.rates is None) != ("otherwise" not in model_args):
            raise Refusal("A mixture of actors needs both: 'rates', by arm, and 'otherwise', who plays the other runs.")
        self.other = ACTORS[other]

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Make the next move, or answer a question where there are no tools."""
        if self.delay:
            await asyncio.sleep(self.delay)
        actor = self._who_plays()
        move = next_move(actor, input) if tools else _answer(actor, input)
        if isinstance(move, Crash):
            raise ActorCrash(f"The actor '{actor.name}' crashes here, as it should.")
        output = ModelOutput(
            model=f"sabotage_evals/{self.model_name}",
            choices=[
                ChatCompletionChoice(
                    message=self._message(move, tools, len(input)),
                    stop_reason="content_filter" if isinstance(move, Filtered) else "stop",
                )
            ],
        )
        read = sum(self._count(m.text) for m in input)
        wrote = self._count(str(move))
        output.usage = ModelUsage(input_tokens=read, output_tokens=wrote, total_tokens=read + wrote)
        return output

    def _who_plays(self) -> Actor:
        """Draw by the run's own place in the design, so that every call of a run draws the same."""
        if self.rates is None:
            return self.actor
        world: dict[str, Any] = store().get("sabotage_evals:world", {})
        told = world.get("conditions", {})
        place = "/".join(str(told.get(name, "")) for name in ("arm", "wording", "work", "seed"))
        drawn = hashlib.sha256(f"{self.seed}/{self.model_name}/{place}".encode()).digest()
        share = int.from_bytes(drawn[:6], "big") / 2**48
        return self.actor if share < self.rates.get(str(told.get("arm")), 0.0) else self.other

    def _message(self, move: Move, tools: list[ToolInfo], turn: int) -> ChatMessageAssistant:
        if isinstance(move, Bash):
            calls = [
                ToolCall(id=f"call_{turn}_{index}", function="bash", arguments={"command": command})
                for index, command in enumerate(move.commands)
            ]
            return ChatMessageAssistant(content="", tool_calls=calls)
        if isinstance(move, Call):
            calls = [
                ToolCall(id=f"call_{turn}_{index}", function=name, arguments=arguments)
                for index, (name, arguments) in enumerate(move.calls)
            ]
            return ChatMessageAssistant(content=_content(move.text, move.reasoning), tool_calls=calls)
        if isinstance(move, Submit):
            submit = next((t for t in tools if t.name == "submit"), None)
            if submit is None:
                return ChatMessageAssistant(content=move.report)
            name = next(n for n in SUBMIT_ARGUMENTS if n in submit.parameters.properties)
            call = ToolCall(id=f"call_{turn}", function="submit", arguments={name: move.report})
            return ChatMessageAssistant(content="", tool_calls=[call])
        if isinstance(move, Say):
            return ChatMessageAssistant(content=_content(move.text, move.reasoning, move.hidden))
        return ChatMessageAssistant(content="")

    @staticmethod
    def _count(text: str) -> int:
        return max(1, len(text) // LETTERS_A_TOKEN)

    async def count_text_tokens(self, text: str) -> int:
        """Count without a tokenizer, which would have to be downloaded."""
        return self._count(text)

    def should_retry(self, ex: BaseException) -> bool:
        """A crash is meant: never again."""
        return False

    def max_connections(self) -> int:
        """As many as there are samples."""
        return 1000


def _choices(name: str) -> str:
    """Name the actors whose names are most like this one; all of them are too many for a sentence."""
    near = get_close_matches(name, ACTORS, n=SUGGESTED, cutoff=0)
    return f"choose from {', '.join(near)}, or one of {len(ACTORS) - len(near)} others in sabotage_evals.actors"


def _answer(actor: Actor, conversation: list[ChatMessage]) -> Move:
    if actor.answers:
        return actor.answers(conversation)
    question = conversation[-1].text
    said = (answer for word, answer in actor.says.items() if word in question)
    return Say(next(said, "I have nothing to add."))


def _content(text: str, reasoning: str, hidden: bool = False) -> str | list[Content]:
    if not reasoning and not hidden:
        return text
    thought = ContentReasoning(reasoning=HIDDEN_REASONING if hidden else reasoning, redacted=hidden)
    return [thought, ContentText(text=text)]
