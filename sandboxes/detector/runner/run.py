"""Run a detector that somebody else wrote, on recordings without labels, and say what it answered.

The host hands one request to standard input and reads one answer from standard output, both JSON. Nothing that lies
here is secret: labels, expected scores and the other recordings stay with the host, and what the detector makes of its
own process it does to its own scores.

Each run is a process of its own on a fresh copy of the workspace. It gets the recordings one by one, in an order of the
run's own, and must answer each before it sees the next.
"""

import contextlib
import ctypes
import importlib
import json
import os
import platform
import random
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

BENCH: Final = "/bench"
"""A volume of the runner's own, emptied before and after every run."""
MAX_RESTARTS: Final = 20
"""Processes that one run may use up by crashing or hanging, beside the first."""
IMPORT_TIMEOUT: Final = 10.0
MAX_LINE: Final = 64 * 2**10
MAX_SAID: Final = 300
"""Characters of an error that are told."""
NO_SCORE: Final = 1e9
"""Numbers from here on are not even looked at; an integer may have more digits than a float can hold."""
MEMORY: Final = 320 * 2**20
OPEN_FILES: Final = 64
ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
FORBIDDEN: Final = {
    "x86_64": (0xC000003E, (56, 57, 58, 59, 62, 101, 129, 200, 234, 297, 302, 310, 311, 322, 424, 435)),
    "aarch64": (0xC00000B7, (117, 129, 130, 131, 138, 220, 221, 240, 261, 270, 271, 281, 424, 435)),
}
"""The kernel's name for an architecture, and the numbers of its calls that start a process, signal one, bound another
or reach into one: clone, fork, vfork, execve, kill, ptrace, the queued signals, prlimit, process_vm_*, their kin."""


class Crashed(Exception):
    """The detector's process is gone, or said something that is no answer."""


class TimedOut(Exception):
    """The detector's process did not answer in time."""


# --- the host's side -------------------------------------------------------------------------------------------------


def answer(request: dict[str, Any], bench: Path) -> dict[str, Any]:
    """Run the workspace's detector once for each order, and return all that is known of it."""
    told: dict[str, Any] = {"runs": [], "threshold": None, "import_error": None, "fenced": None, "left_out": []}
    for seed in request["order_seeds"]:
        empty(bench)
        run = Run(request, seed, Path(tempfile.mkdtemp(prefix="run-", dir=bench)))
        try:
            told["runs"].append(run.go())
        finally:
            run.end()
            empty(bench)
        told["import_error"] = told["import_error"] or run.import_error
        told["left_out"] = run.left_out
        for fact in ("threshold", "fenced"):
            told[fact] = run.ready.get(fact) if told[fact] is None else told[fact]
    return told


def empty(bench: Path) -> None:
    """Remove whatever an earlier run left, so that none can tell the next one anything."""
    unlock = ("chmod", "-R", "u+rwX", bench)
    remove = ("find", bench, "-mindepth", "1", "-maxdepth", "1", "-exec", "rm", "-rf", "{}", "+")
    for command in (unlock, remove):
        with contextlib.suppress(subprocess.TimeoutExpired):  # what is then left is names; nothing can be written
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False)


class Run:
    """One order of the recordings, from the first process to the last score."""

    def __init__(self, request: dict[str, Any], seed: int, folder: Path) -> None:
        self._request = request
        self._items = request["items"]
        self._order = list(range(len(self._items)))
        random.Random(seed).shuffle(self._order)
        self._folder = folder
        self._process: Detector | None = None
        self._left = 1 + MAX_RESTARTS
        self._seed = seed
        self.ready: dict[str, Any] = {}
        """What the first process said when it had imported the detector."""
        self.import_error: str | None = None
        (folder / "work").mkdir()
        self.left_out = [
            path for path, text in request["workspace"].items() if not lay_out(folder / "work", path, text)
        ]

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
                detector = self._running(left)
                patience = float(self._request.get("item_timeout", 1.0))
                scores[index] = score_in(detector.ask(self._items[index], min(patience, left)))
            except ValueError as error:
                errors[str(index)] = str(error)
            except (Crashed, TimedOut) as error:
                self.end()
                if self.import_error:
                    break
                errors[str(index)] = str(error)
        return {"scores": scores, "errors": errors, "seconds": round(time.monotonic() - began, 3)}

    def _running(self, left: float) -> "Detector":
        """Return the process that answers, started again where the one before is gone."""
        if self._process is None:
            if not self._left:
                raise Crashed("not reached: too many processes crashed or hung before")
            self._left -= 1
            self._process = Detector(self._request, self._seed, self._folder)
            try:
                ready = self._process.hear(min(IMPORT_TIMEOUT, left))
                if ready.get("import_error"):
                    raise Crashed(str(ready["import_error"]))
            except (Crashed, TimedOut) as error:
                if not self.ready:
                    self.import_error = str(error)[:MAX_SAID]
                raise
            self.ready = self.ready or {
                "threshold": number_in(ready.get("threshold")),
                "fenced": ready.get("fenced") is True,
            }
        return self._process

    def end(self) -> None:
        """End the process that answers, if there is one."""
        if self._process is not None:
            self._process.end()
        self._process = None


def lay_out(folder: Path, path: str, text: str) -> bool:
    """Write one file of the workspace; tell whether that could be done. Nothing is written outside of the folder."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        return False
    file = folder.joinpath(*parts)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "replace"))
    except (OSError, ValueError):
        return False
    return True


def score_in(said: dict[str, Any]) -> float:
    """Return the score that a process answered.

    Raises:
        ValueError: It is none, or the detector raised.
    """
    score = number_in(said.get("score"))
    if score is not None and 0 <= score <= 1:
        return score
    raise ValueError(str(said.get("error") or f"no score from 0 to 1: {json.dumps(said.get('score'))}")[:MAX_SAID])


def number_in(value: object) -> float | None:
    """Return a number that a process said; None for anything that is none, truth values included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < NO_SCORE:
        return None
    return float(value)


class Detector:
    """A process that has imported the detector and answers one recording at a time."""

    def __init__(self, request: dict[str, Any], seed: int, folder: Path) -> None:
        asks, self._asks = os.pipe()
        self._says, says = os.pipe()
        os.set_blocking(self._asks, False)
        order = {
            "module": request["module"],
            "argv": request.get("argv", ["stepcheck"]),
            "seconds": int(request.get("total_timeout", 60)) + 5,
        }
        command = [sys.executable, "-B", "-P", "-s", "-S", __file__, "--detector", str(asks), str(says)]
        scratch = folder / "scratch"
        scratch.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [*command, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder / "work",
            env=ENVIRONMENT
            | {"HOME": str(scratch), "TMPDIR": str(scratch), "PYTHONHASHSEED": str(seed % 2**32)}
            | request.get("environment", {}),
            pass_fds=(asks, says),
            start_new_session=True,
        )
        os.close(asks)
        os.close(says)
        self._heard = b""
        self._asked = 0

    def ask(self, item: Any, patience: float) -> dict[str, Any]:
        """Show one recording and return what is said of it.

        Raises:
            Crashed: The process is gone, or answered something else.
            TimedOut: It did not answer in time.
        """
        self._asked += 1
        until = time.monotonic() + patience
        left = json.dumps({"number": self._asked, "item": item}).encode() + b"\n"
        while left:
            if not select.select([], [self._asks], [], max(0.0, until - time.monotonic()))[1]:
                raise TimedOut(f"no answer within {patience:.3g} seconds")
            try:
                left = left[os.write(self._asks, left) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Crashed(self._end_of_it()) from None
        return self.hear(until - time.monotonic(), patience)

    def hear(self, left: float, patience: float | None = None) -> dict[str, Any]:
        """Return the next thing that the process says, under the number of the question that is open."""
        until = time.monotonic() + left
        while b"\n" not in self._heard:
            if not select.select([self._says], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimedOut(f"no answer within {left if patience is None else patience:.3g} seconds")
            part = os.read(self._says, MAX_LINE)
            self._heard += part
            if not part or len(self._heard) > MAX_LINE:
                raise Crashed(self._end_of_it())
        line, _, self._heard = self._heard.partition(b"\n")
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or said.get("number") != self._asked or self._heard:
            raise Crashed("the process said something that is no answer")
        return said

    def _end_of_it(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(0.5)
            return f"the process ended by {signal.Signals(-code).name if code < 0 else f'exit {code}'}"
        return "the process closed its side"

    def end(self) -> None:
        """Kill the process, and whatever it may have started."""
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._asks)
        os.close(self._says)


# --- the detector's side ---------------------------------------------------------------------------------------------


def detect(asks: int, says: int, order: dict[str, Any]) -> None:
    """Import the detector, then answer one recording after another until there are no more."""
    dumps, loads = json.dumps, json.loads
    fenced = fence(order["seconds"])
    ready: dict[str, Any] = {"number": 0, "fenced": fenced, "threshold": None, "import_error": None}
    sys.argv = list(order["argv"])
    sys.path.insert(0, os.getcwd())
    score: Any = None
    try:
        module = importlib.import_module(order["module"])
        score = module.score
        ready["threshold"] = number_in(getattr(module, "THRESHOLD", None))
    except BaseException as error:
        ready["import_error"] = said_by(error)
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
                text = dumps({"number": number, "error": said_by(error)})
            _write(says, text)


def _write(says: int, text: str) -> None:
    os.write(says, text.encode() + b"\n")


def said_by(error: BaseException) -> str:
    """Return what an exception says, as one short line."""
    try:
        said = f"{type(error).__name__}: {error}"
    except BaseException:
        said = type(error).__name__
    return " ".join(said.split())[:MAX_SAID]


def fence(seconds: int) -> bool:
    """Bound what this process may use, and take from it the calls that start, signal or reach into processes.

    The process that runs us has the same user; a detector could kill it, and a run that broke would look like ours.

    Returns:
        Whether the kernel took the calls away; the bounds hold in any case.
    """
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        ceiling = resource.getrlimit(what)[1]
        bound = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(what, (bound, bound))
    architecture, calls = FORBIDDEN.get(platform.machine(), (0, ()))
    return bool(calls) and forbid(architecture, calls)


def forbid(architecture: int, calls: Sequence[int]) -> bool:
    """Have the kernel refuse calls by their numbers from now on (seccomp's filter); tell whether it does.

    A filter is a program of the kernel's small packet language: load a word, compare and jump, give the verdict.
    """
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    refuse, allow = 0x00050000 | 1, 0x7FFF0000  # refused is "operation not permitted"
    count = len(calls)
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, architecture),
        (give, 0, 0, refuse),
        (load, 0, 0, 0),
        (at_least, count + 1, 0, 0x40000000),  # the same calls under the numbers of the x32 interface
        *((equal, count - place, 0, call) for place, call in enumerate(calls)),
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
    ]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    lines = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HP", len(program), ctypes.addressof(lines))
    kernel = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, filter_calls = 38, 22
    if kernel.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    return bool(kernel.prctl(filter_calls, 2, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0)


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
