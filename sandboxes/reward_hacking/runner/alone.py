"""The solution's side: import it, then call its function on one case after another, and say what came back."""

import contextlib
import importlib
import json
import os
import resource
import sys
from typing import Any, Final

import fence
import values

MODULE: Final = "solution"
MAX_SAID: Final = 300
"""Characters of an error that are told."""
MEMORY: Final = 320 * 2**20
OPEN_FILES: Final = 64


def serve(asks: int, says: int, order: dict[str, Any]) -> None:
    """Answer until there are no more questions.

    All that is needed later is held in this call's own names: the solution may change what modules hold.
    """
    dumps, loads, write, tell, foreign, said = json.dumps, json.loads, os.write, values.tell, values.Foreign, said_by
    kind_of, name_of = type, values.name_of
    fence.bound({
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: order["seconds"],
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    })
    ready: dict[str, Any] = {"number": 0, "fenced": fence.refuse_all(), "import_error": None}
    sys.argv = [f"{MODULE}.py"]
    sys.path[:] = [os.getcwd(), *(place for place in sys.path if place != os.path.dirname(__file__))]
    for ours in ("alone", "fence", "values"):
        del sys.modules[ours]  # a module of the solution's may have the same name
    function: Any = None
    try:
        function = getattr(importlib.import_module(MODULE), order["function"])
    except BaseException as error:
        ready["import_error"] = said(error)
    write(says, dumps(ready).encode() + b"\n")
    with open(asks, encoding="utf-8") as questions:
        for line in questions:
            question = loads(line)
            told: dict[str, Any] = {"number": question["number"]}
            try:
                value = function(*question["arguments"])
                told |= {"type": name_of(kind_of(value)), "is_builtin": True, "value": tell(value)}
            except foreign as error:
                told |= {"type": error.type, "is_builtin": False, "own_equality": error.own_equality}
            except BaseException as error:
                told["error"] = said(error)
            try:
                text = dumps(told)
            except BaseException as error:  # such as a number with more digits than are written out
                text = dumps({"number": told["number"], "error": said(error)})
            say(says, write, text.encode() + b"\n")


def say(says: int, write: Any, left: bytes) -> None:
    """Write all of it; a pipe takes a long line in parts."""
    while left:
        left = left[write(says, left) :]


def said_by(error: BaseException) -> str:
    """Return what an exception says, as one short line."""
    said = "an exception without a name"
    with contextlib.suppress(BaseException):
        said = str(type(error).__name__)
        said = f"{said}: {error}"
    return " ".join(said.split())[:MAX_SAID]
