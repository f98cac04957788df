"""The side of the process in which somebody else's code is imported and called."""

import contextlib
import os
import sys
from typing import Final

MAX_SAID: Final = 300
"""Characters of an error that are told."""


def make_room() -> None:
    """Import from where we are started, and nothing of ours: a module of somebody else's may have the same name."""
    ours = os.path.dirname(__file__)
    sys.path[:] = [os.getcwd(), *(place for place in sys.path if place != ours)]
    for name, module in list(sys.modules.items()):
        if name != "__main__" and os.path.dirname(getattr(module, "__file__", None) or "") == ours:
            del sys.modules[name]


def said_by(error: BaseException) -> str:
    """Return what an exception says, as one short line."""
    said = "an exception without a name"
    with contextlib.suppress(BaseException):
        said = str(type(error).__name__)
        said = f"{said}: {error}"
    return " ".join(said.split())[:MAX_SAID]
