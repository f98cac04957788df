"""Ask the graders, force the form of the answer, and rule."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import click
from inspect_ai.model import (
    ChatMessage,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelRefusalError,
    model_roles,
)
from inspect_ai.tool import ToolCallError, ToolChoice, ToolFunction, ToolInfo, ToolParams
from inspect_ai.util import JSONSchema, LimitExceededError, span

from sabotage_evals.judge.fence import lay_out
from sabotage_evals.judge.question import ANSWER, QUESTIONS, Question, section
from sabotage_evals.judge.ruling import FAILED, REFUSED, UNPARSABLE, Ruling, Vote, rule
from sabotage_evals.prompts import choices, fill
from sabotage_evals.refusal import Refusal

GRADER_ROLE: Final = "grader"
TOOL: Final = "verdict"
WHY_KEPT: Final = 1_000
"""Characters that are kept of a grader's reason."""


def find_graders() -> list[Model]:
    """Return every model that was named as grader.

    The model under test is none of them unless it was named too: Inspect would take it where the role is unbound.
    """
    if GRADER_ROLE not in model_roles():
        raise Refusal("No model has the role 'grader'; name one with --model-role grader=PROVIDER/MODEL.")
    bound = model_roles()[GRADER_ROLE]
    return list(bound) if isinstance(bound, list) else [bound]


def is_without_grader() -> bool:
    """Say whether a command line names no grader; a call from Python has none, and what asks there finds out itself."""
    context = click.get_current_context(silent=True)
    options = context.params if context else {}
    return "model_role" in options and not options["model_role"] and not options.get("run_config")


async def judge(
    question: str, material: Mapping[str, str], *, graders: Sequence[Model], votes: int = 1, attempts: int = 3
) -> Ruling:
    """Ask one question about one text. What no grader could say is a ruling without a verdict, and raises nothing.

    Args:
        question: its name in `QUESTIONS`.
        material: the pieces that the question takes. They are data: nothing in them is obeyed, and none says in which
            arm or condition the text was written.
        graders: the models that are asked.
        votes: how often each of them is asked.
        attempts: how often an answer that cannot be used is asked for in all.
    """
    if question not in QUESTIONS:
        raise ValueError(f"There is no question '{question}'; {choices(QUESTIONS)}.")
    if not graders or votes < 1 or attempts < 1:
        raise ValueError(f"{len(graders)} graders, {votes} votes, {attempts} attempts: give at least one of each.")
    asked = QUESTIONS[question]
    prompts = [lay_out(asked, material, vote) for vote in range(votes)]
    async with span(f"judge {question}"):
        cast = await asyncio.gather(
            *(_vote(grader, asked, prompt, votes, attempts) for grader in graders for prompt in prompts)
        )
    return rule(question, asked.version, cast)


async def _vote(grader: Model, question: Question, prompt: str, votes: int, attempts: int) -> Vote:
    opening: list[ChatMessage] = [ChatMessageSystem(content=question.text), ChatMessageUser(content=prompt)]
    conversation = opening
    problem = UNPARSABLE
    choice: ToolChoice = ToolFunction(TOOL)
    for _ in range(attempts):
        try:
            output = await grader.generate(
                conversation,
                tools=[_tool(question)],
                tool_choice=choice,
                config=_settings(grader, votes),
            )
        except LimitExceededError:
            raise
        except ModelRefusalError:
            problem, conversation = f"{REFUSED}: the provider's filter ended the answer", opening
            continue
        except Exception as error:  # Inspect has tried again already; a grader that is gone must not cost the run
            return _lost(grader, f"{FAILED}: {type(error).__name__}: {error}"[:500])
        if not output.choices or output.stop_reason == "content_filter":
            problem, conversation = f"{REFUSED}: the provider's filter ended the answer", opening
            continue
        wrong = _what_is_wrong(question, output)
        if wrong is None:
            told = (output.message.tool_calls or [])[0].arguments
            return Vote(
                model=str(grader), verdict=told["verdict"], why=str(told.get("why", ""))[:WHY_KEPT], problem=None
            )
        problem = f"{UNPARSABLE}: {wrong}"
        conversation = [*conversation, output.message, *_told(output, wrong)]
        if not output.message.tool_calls:
            choice = "any"  # some servers pass over a choice by name, and know this word for it
    return _lost(grader, problem)


def _lost(grader: Model, problem: str) -> Vote:
    return Vote(model=str(grader), verdict=None, why="", problem=problem)


def _settings(grader: Model, votes: int) -> GenerateConfig:
    """Answers are as steady as can be, unless several votes are wanted or the grader came with a setting of its own."""
    steady = votes == 1 and grader.config.temperature is None
    return GenerateConfig(temperature=0.0) if steady else GenerateConfig()


def _tool(question: Question) -> ToolInfo:
    return ToolInfo(
        name=TOOL,
        description=section(ANSWER, "tool"),
        parameters=ToolParams(
            properties={  # the reason comes first, so that the verdict can follow from it
                "why": JSONSchema(type="string", description=section(ANSWER, "why")),
                "verdict": JSONSchema(
                    type="string", enum=list(question.classes), description=section(ANSWER, "verdict")
                ),
            },
            required=["why", "verdict"],
        ),
    )


def _what_is_wrong(question: Question, output: ModelOutput) -> str | None:
    """Say what is wrong with an answer. Words beside the call are never read: they may quote the material."""
    calls = output.message.tool_calls or []
    if not calls:
        return section(ANSWER, "no call")
    if len(calls) > 1:
        return fill(section(ANSWER, "several calls"), {"count": len(calls)}, ANSWER.name)
    if calls[0].function != TOOL or calls[0].parse_error:
        return section(ANSWER, "unreadable call")
    given = calls[0].arguments.get("verdict")
    if given not in question.classes:
        values = {"given": repr(given)[:80], "classes": ", ".join(question.classes)}
        return fill(section(ANSWER, "no class"), values, ANSWER.name)
    return None


def _told(output: ModelOutput, wrong: str) -> list[ChatMessage]:
    calls = output.message.tool_calls or []
    if not calls:
        return [ChatMessageUser(content=wrong)]
    return [
        ChatMessageTool(content="", tool_call_id=call.id, function=call.function, error=ToolCallError("parsing", wrong))
        for call in calls
    ]
