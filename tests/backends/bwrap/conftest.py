"""A small world of the embedded sandbox, started once a module, and a second one beside it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from inspect_ai.util import SandboxEnvironment

from sabotage_evals.backends.bwrap.provider import BwrapSandbox

COMPOSE: Final = str(Path(__file__).parents[2] / "sandboxes/small/compose.yaml")

World = dict[str, SandboxEnvironment]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def keeper(anyio_backend: str) -> AsyncIterator[int]:
    """The keeper of this module's worlds, by its process number."""
    await BwrapSandbox.task_init("tests", COMPOSE)
    assert BwrapSandbox._client is not None
    yield BwrapSandbox._client.number
    await BwrapSandbox.task_cleanup("tests", COMPOSE, True)


@pytest.fixture(scope="module")
async def world(keeper: int) -> AsyncIterator[World]:
    started = await BwrapSandbox.sample_init("tests", COMPOSE, {})
    yield started
    await BwrapSandbox.sample_cleanup("tests", COMPOSE, started, False)


@pytest.fixture
async def fresh(keeper: int) -> AsyncIterator[World]:
    """A world of the test's own, which it may ruin."""
    started = await BwrapSandbox.sample_init("tests", COMPOSE, {})
    yield started
    await BwrapSandbox.sample_cleanup("tests", COMPOSE, started, False)
