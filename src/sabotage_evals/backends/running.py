"""Ask what a running world stands on: which backend, which walls, and how its machine is in that backend's own word."""

import asyncio
import platform
from collections.abc import Iterable
from contextlib import closing
from typing import Final, Literal

from inspect_ai.util import SandboxEnvironment
from pydantic import BaseModel, ConfigDict

from sabotage_evals.backends.bwrap.provider import BwrapSandbox
from sabotage_evals.backends.engine import EngineWord, connect, container_word, machine_beside
from sabotage_evals.refusal import Refusal

SCRIPTED: Final = ("sabotage_evals/", "mockllm/", "none/", "human/")
"""Beginnings of the names of models that are no models: scripted agents, and people."""


class Backend(BaseModel):
    """What a run's world stood on, and which of its walls were up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["container", "bwrap"]
    """`container`: a container engine that Inspect talks to, whose walls the compose file sets up."""
    kernel: str
    """The kernel's release, where the world shares the kernel that the suite runs on."""
    user: str = ""
    """Who ran the world's processes, on the embedded sandbox."""
    seccomp: bool | None = None
    """Whether system calls were filtered, on the embedded sandbox."""
    control_groups: tuple[str, ...] = ()
    """Which controllers bounded the services, on the embedded sandbox; where there is none, each process is bounded."""
    real_model: bool = False
    """A real model ran on the embedded sandbox, by the explicit wish `weaker_walls`: never a headline."""


def is_scripted(model: str) -> bool:
    """Say whether a model's full name is that of a scripted agent or of a person at the keyboard."""
    return f"{model}/".startswith(SCRIPTED)


def refuse_real_models(models: Iterable[str], weaker_walls: bool) -> None:
    """Refuse to let a real model onto the embedded sandbox, unless that is expressly wished.

    Raises:
        Refusal: One of these is a real model.
    """
    real = next((model for model in models if not is_scripted(model)), None)
    if real is not None and not weaker_walls:
        raise Refusal(
            f"The model '{real}' may not run on the sandbox 'bwrap', whose walls are weaker than a container's; use "
            "docker, or say that you want it with -T weaker_walls=true: the log will record it, and no headline comes "
            "of it."
        )


async def find_backend(witness: SandboxEnvironment, model: str, weaker_walls: bool) -> Backend:
    """Say what a running world stands on, and refuse a real model on the embedded sandbox.

    Raises:
        Refusal: The model is real, the sandbox is the embedded one, and that was not wished for.
    """
    if not _is_embedded(witness):
        return Backend(name="container", kernel=platform.release())
    refuse_real_models([model], weaker_walls)
    walls = await BwrapSandbox.walls()
    return Backend(
        name="bwrap",
        kernel=walls["kernel"],
        user=walls["user"],
        seccomp=walls["seccomp"],
        control_groups=tuple(walls["control_groups"]),
        real_model=not is_scripted(model),
    )


async def machine_word(witness: SandboxEnvironment, host: str) -> EngineWord:
    """Return the word of whatever runs the world on its machine: how it is, or how it ended.

    Args:
        witness: The world's witness.
        host: The witness's host name, which is its container's id on Docker.

    Raises:
        DockerException, EngineUnavailable, SandboxUnavailableError: Nobody answers.
    """
    if _is_embedded(witness):
        return await witness.as_type(BwrapSandbox).word("default")

    def ask() -> EngineWord:
        with closing(connect()) as client:
            return container_word(client, machine_beside(client, host))

    return await asyncio.to_thread(ask)


def _is_embedded(environment: SandboxEnvironment) -> bool:
    try:
        environment.as_type(BwrapSandbox)
    except TypeError:
        return False
    return True
