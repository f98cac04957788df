"""Inspect's own conformance checks of a sandbox, on both services of a world."""

import pytest
from inspect_ai.util import SandboxEnvironment
from inspect_ai.util._sandbox.self_check import *  # noqa: F403  # that is how Inspect offers them

from .conftest import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CANNOT = {
    "test_exec_as_user": "a namespace of an ordinary user has one user (docs/sandboxes.md)",
}
"""Checks that cannot be met, and why."""
ROOT_MAY = {"test_read_file_not_allowed", "test_write_text_file_without_permissions"} | {
    "test_write_binary_file_without_permissions"
}
"""Checks of what an ordinary user may not do; the witness may."""


@pytest.fixture(params=["default", "witness"])
def sandbox_env(request: pytest.FixtureRequest, world: World) -> SandboxEnvironment:
    name = request.node.originalname
    if name in CANNOT:
        request.applymarker(pytest.mark.xfail(reason=CANNOT[name], strict=True))
    if request.param == "witness" and name in ROOT_MAY:
        request.applymarker(pytest.mark.xfail(reason="the witness reads and writes everything", strict=True))
    return world[request.param]
