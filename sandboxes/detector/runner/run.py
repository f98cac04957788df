"""Run a detector that somebody else wrote, on recordings without labels, and say what it answered.

The host hands one request to standard input and reads one answer from standard output, both JSON. Nothing that lies
here is secret: labels, expected scores and the other recordings stay with the host, and what the detector makes of its
own process it does to its own scores.

Each run is a process of its own on a fresh copy of the workspace. It gets the recordings one by one, in an order of the
run's own, and must answer each before it sees the next.
"""

import ctypes
import importlib
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

import fence
import folders
import inside
from process import Crashed, Process, Restarted, TimedOut

BENCH: Final = "/bench"
"""A volume of the runner's own, emptied before and after every run."""
MAX_LINE: Final = 64 * 2**10
NO_SCORE: Final = 1e9
"""Numbers from here on are not even looked at; an integer may have more digits than a float can hold."""


# --- the host's side -------------------------------------------------------------------------------------------------


def answer(request: dict[str, Any], bench: Path) -> dict[str, Any]:
    """Run the workspace's detector once for each order, and return all that is known of it."""
    told: dict[str, Any] = {"runs": [], "threshold": None, "import_error": None, "fenced": None, "left_out": []}
    for seed in request["order_seeds"]:
        folders.empty(bench)
        run = Run(request, seed, Path(tempfile.mkdtemp(prefix="run-", dir=bench)))
        try:
            told["runs"].append(run.go())
        finally:
            run.end()
            folders.empty(bench)
        told["import_error"] = told["import_error"] or run.detector.import_error
        told["left_out"] = run.left_out
        for fact, seen in run.facts().items():
            told[fact] = seen if told[fact] is None else told[fact]
    return told


class Run:
    """One order of the recordings, from the first process to the last score."""

    def __init__(self, request: dict[str, Any], seed: int, folder: Path) -> None:
        self._request = request
        self._items = request["items"]
        self._order = list(range(len(self._items)))
        random.Random(seed).shuffle(self._order)
        self.detector = Restarted(lambda: Detector(request, seed, folder))
        for name in (folders.WORK, folders.SCRATCH):
            (folder / name).mkdir()
        self.left_out = folders.lay_out(folder / folders.WORK, request["workspace"])

    def go(self) -> dict[str, Any]:
        """Score all recordings; those that got no score are None, with the reason."""
        began = time.monotonic()
        until = began + float(self._request.get("total_timeout", 60))
        scores: list[float | None] = [None] * len(self._items)
        errors: dict[str, str] = {}
        for index in self._order:
            try:
                left = until - time.monotonic()
                if left <= 0:
                    raise TimedOut("not reached: the time for all recordings was over")
                detector = self.detector.running(left)
                patience = float(self._request.get("item_timeout", 1.0))
                scores[index] = score_in(detector.ask(self._items[index], min(patience, left)))
            except ValueError as error:
                errors[str(index)] = str(error)
            except (Crashed, TimedOut) as error:
                self.end()
                if self.detector.import_error:
                    break
                errors[str(index)] = str(error)
        return {"scores": scores, "errors": errors, "seconds": round(time.monotonic() - began, 3)}

    def facts(self) -> dict[str, Any]:
        """Return what is known of the detector since it was imported; nothing where it never was."""
        ready = self.detector.ready
        return ready and {"threshold": number_in(ready.get("threshold")), "fenced": ready.get("fenced") is True}

    def end(self) -> None:
        """End the process that answers, if there is one."""
        self.detector.end()


def score_in(said: dict[str, Any]) -> float:
    """Return the score that a process answered.

    Raises:
        ValueError: It is none, or the detector raised.
    """
    score = number_in(said.get("score"))
    if score is not None and 0 <= score <= 1:
        return score
    raise ValueError(
        str(said.get("error") or f"no score from 0 to 1: {json.dumps(said.get('score'))}")[: inside.MAX_SAID]
    )


def number_in(value: object) -> float | None:
    """Return a number that a process said; None for anything that is none, truth values included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < NO_SCORE:
        return None
    return float(value)


class Detector(Process):
    """A process that has imported the detector and answers one recording at a time."""

    def __init__(self, request: dict[str, Any], seed: int, folder: Path) -> None:
        order = {
            "module": request["module"],
            "argv": request.get("argv", ["stepcheck"]),
            "seconds": int(request.get("total_timeout", 60)) + 5,
        }
        environment = folders.environment(folder) | {"PYTHONHASHSEED": str(seed % 2**32)}
        environment |= request.get("environment", {})
        super().__init__([__file__, "--detector"], order, folder, environment, MAX_LINE)

    def ask(self, item: Any, patience: float) -> dict[str, Any]:
        """Show one recording and return what is said of it.

        Raises:
            Crashed: The process is gone, or answered something else.
            TimedOut: It did not answer in time.
        """
        until = time.monotonic() + patience
        if not self.put({"item": item}, patience):
            raise TimedOut(f"no answer within {patience:.3g} seconds")
        return self.hear(until - time.monotonic(), patience)


# --- the detector's side ---------------------------------------------------------------------------------------------


def detect(asks: int, says: int, order: dict[str, Any]) -> None:
    """Import the detector, then answer one recording after another until there are no more."""
    dumps, loads = json.dumps, json.loads
    fenced = fence.close_in(order["seconds"])
    ready: dict[str, Any] = {"number": 0, "fenced": fenced, "threshold": None, "import_error": None}
    sys.argv = list(order["argv"])
    inside.make_room()
    score: Any = None
    try:
        module = importlib.import_module(order["module"])
        score = module.score
        ready["threshold"] = number_in(getattr(module, "THRESHOLD", None))
    except BaseException as error:
        ready["import_error"] = inside.said_by(error)
    _write(says, dumps(ready))
    with open(asks, encoding="utf-8") as questions:
        for line in questions:
            question = loads(line)
            number = question["number"]
            try:
                value = score(question["item"])
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise TypeError(f"the score is a {type(value).__name__}, no number")
                text = dumps({"number": number, "score": value})
            except BaseException as error:
                text = dumps({"number": number, "error": inside.said_by(error)})
            _write(says, text)


def _write(says: int, text: str) -> None:
    os.write(says, text.encode() + b"\n")


# --- the program -----------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> None:
    """Answer one request; or be the detector's side of one run."""
    if arguments[:1] == ["--detector"]:
        detect(int(arguments[1]), int(arguments[2]), json.loads(arguments[3]))
        return
    close_to_others = 4
    ctypes.CDLL(None).prctl(close_to_others, 0, 0, 0, 0)  # not dumpable: its pipes and memory are no one's to open
    bench = Path(arguments[1] if arguments[:1] == ["--bench"] else BENCH)
    json.dump(answer(json.load(sys.stdin.buffer), bench), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
