"""The solution's side: import it, then call its function on one case after another, and say what came back."""

import importlib
import json
import os
import sys
from typing import Any, Final

import fence
import inside
import values

MODULE: Final = "solution"


def serve(asks: int, says: int, order: dict[str, Any]) -> None:
    """Answer until there are no more questions.

    All that is needed later is held in this call's own names: the solution may change what modules hold.
    """
    dumps, loads, write, said = json.dumps, json.loads, os.write, inside.said_by
    tell, foreign, kind_of, name_of = values.tell, values.Foreign, type, values.name_of
    ready: dict[str, Any] = {"number": 0, "fenced": fence.close_in(order["seconds"]), "import_error": None}
    sys.argv = [f"{MODULE}.py"]
    inside.make_room()
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
