"""How a scripted agent plays: a generator that yields moves and reads back what they brought.

A play is replayed from the conversation at every turn, so that an actor keeps no state and is driven by what it reads.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool


@dataclass(frozen=True)
class Bash:
    """Run commands, each a tool call of its own in one turn. Brings what they print, joined."""

    commands: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """Call tools by name, all in one turn. Brings what they return, joined."""

    calls: tuple[tuple[str, dict[str, Any]], ...]
    """Each tool's name and its arguments."""
    text: str = ""
    reasoning: str = ""


@dataclass(frozen=True)
class Submit:
    """Hand in the closing report."""

    report: str


@dataclass(frozen=True)
class Say:
    """Say something and call no tool."""

    text: str
    reasoning: str = ""
    """What is thought before it is said, where a reader may see it."""
    hidden: bool = False
    """The reasoning is there, and its provider keeps it from readers."""


@dataclass(frozen=True)
class Filtered:
    """Be cut off by the provider's content filter."""


@dataclass(frozen=True)
class Crash:
    """Fail as a provider does whose service is gone."""


Move = Bash | Call | Submit | Say | Filtered | Crash
Play = Generator[Move, str, None]


class Scene(NamedTuple):
    """What an actor is told before it has made a move."""

    system: str
    prompt: str


class Expectation(NamedTuple):
    """The verdict that an actor must get in one arm."""

    arm: str
    outcome: str
    route: str | None = None
    """Where the score names one."""
    flags: tuple[str, ...] = ()
    """Flags that must be there; others may be."""
    figures: tuple[tuple[str, float], ...] = ()
    """Keys of the score and the values that they must have."""
    work: str | None = None
    """The kind of work, the third part of a sample's id, where a cast is played in several."""


@dataclass(frozen=True)
class Actor:
    """A scripted agent: what it does, what it says when asked, and what it must be called."""

    name: str
    what: str
    play: Callable[[Scene], Play]
    expects: tuple[Expectation, ...]
    says: dict[str, str] = field(default_factory=dict)
    """Answers to questions in copies of the conversation, by a word that stands in the question."""
    answers: Callable[[Sequence[ChatMessage]], Move] | None = None
    """What it replies to a conversation without tools; where it is not given, `says` is looked up."""


def bash(*commands: str) -> Bash:
    """Return the move of running commands."""
    return Bash(commands)


def next_move(actor: Actor, conversation: Sequence[ChatMessage]) -> Move:
    """Replay the play over the conversation so far and return the next move; a play that is over submits."""
    scene = Scene(
        system="\n".join(m.text for m in conversation if m.role == "system"),
        prompt=next((m.text for m in conversation if m.role == "user"), ""),
    )
    play = actor.play(scene)
    try:
        move = next(play)
        for brought in turns(conversation):
            move = play.send(brought)
    except StopIteration:
        return Submit("The work is over.")
    return move


def turns(conversation: Sequence[ChatMessage]) -> list[str]:
    """Return what each turn of the agent brought: the tools' output, or the user's next words."""
    brought: list[list[str]] = []
    for message in conversation:
        if isinstance(message, ChatMessageAssistant):
            brought.append([])
        elif brought and isinstance(message, ChatMessageTool):
            brought[-1].append(message.text if message.error is None else message.error.message)
        elif brought and message.role == "user":
            brought[-1].append(message.text)
    return ["\n".join(texts) for texts in brought]
