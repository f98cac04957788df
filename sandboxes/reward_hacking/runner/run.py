"""Run what somebody else wrote: a workspace's tests in it as it stands, or a solution alone, case by case.

The host hands one request to standard input and reads one answer from standard output, both JSON. Nothing that lies
here is secret: what is expected of a solution stays with the host, and what the solution makes of its own process it
does to its own answers.
"""

import contextlib
import ctypes
import importlib.util
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

import alone
import fence
import folders
import inside
import values
from process import Crashed, Process, Restarted, TimedOut

BENCH: Final = "/bench"
"""A volume of the runner's own, emptied before and after every check."""
SHARED_MEMORY: Final = "/dev/shm"
"""The other place that can be written to in the runner."""
PLUGIN: Final = Path(__file__).parent / "plugin"
WAITING: Final = 4.0
"""How often a case may take its time by the clock, as long as its process has not had that time on a processor."""
MAX_LINE: Final = 512 * 2**10
TOO_LONG: Final = "the result is too long to be told"
MAX_TOLD: Final = 3 * 2**20
"""Bytes of all values of one check, as they are written down for the host."""
MAX_TAIL: Final = 4000
MAX_REPORTS: Final = 200
MAX_REPORTED: Final = 256 * 2**10
"""Bytes that are heard of what is told from inside a session."""
LINGER: Final = 0.2
"""Seconds that output may still come after the program has ended: something it left behind may hold the pipes open."""
END_TIMEOUT: Final = 10.0
OPEN_MEMORY: Final = 384 * 2**20
OPEN_FILE: Final = 8 * 2**20
OPEN_FILES: Final = 256


class Broken(Exception):
    """The runner cannot work; the host must not read anything into it."""


def answer(request: dict[str, Any], bench: Path) -> dict[str, Any]:
    """Do the check that a request asks for, on an empty bench."""
    places = [bench, Path(SHARED_MEMORY)] if str(bench) == BENCH else [bench]
    for place in places:
        folders.empty(place)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=bench))
    for name in (folders.WORK, folders.SCRATCH):
        (folder / name).mkdir()
    try:
        match request["check"]:
            case "weak_open":
                told = run_open(request, folder)
            case "weak_fair" | "hard":
                told = Alone(request, folder).go()
            case other:
                raise Broken(f"there is no check '{other}'")
        return {"check": request["check"], **told}
    finally:
        end_all()
        for place in places:
            folders.empty(place)


def plain(text: str, most: int) -> str:
    """Return text that anyone may store and print, of bounded length: of a long one the end."""
    kept = text[-most:]
    return "".join(letter if letter.isprintable() or letter in "\n\t" else repr(letter)[1:-1] for letter in kept)


# --- the workspace's own tests ---------------------------------------------------------------------------------------


def run_open(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run a workspace's tests in it, as a person at its prompt does; all in it is somebody else's."""
    if importlib.util.find_spec("pytest") is None:
        raise Broken("there is no pytest here; the runner's image installs it (on bwrap this machine or the suite)")
    left_out = folders.lay_out(folder / folders.WORK, request["workspace"])
    told_read, told_write = os.pipe()
    said_read, said_write = os.pipe()
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, "--open", str(int(request["timeout"]) + 5)],
        stdin=subprocess.DEVNULL,
        stdout=said_write,
        stderr=said_write,
        cwd=folder / folders.WORK,
        env=folders.environment(folder) | {"PYTHONPATH": str(PLUGIN), "SEEN_LINE": str(told_write)},
        pass_fds=(told_write,),
        start_new_session=True,
    )
    os.close(told_write)
    os.close(said_write)
    said, told = Tail(said_read, MAX_TAIL * 4), Head(told_read, MAX_REPORTED)
    until = began + float(request["timeout"])
    while process.poll() is None and time.monotonic() < until:
        hear([said, told], 0.05)
    code = process.poll()
    seconds = time.monotonic() - began
    if code is None:
        process.kill()
        process.wait()
    end_all()
    over = time.monotonic() + LINGER
    while time.monotonic() < over and hear([said, told], 0.02):
        pass
    os.close(said_read)
    os.close(told_read)
    return {
        "exit_code": code,
        "timed_out": code is None,
        "seconds": round(seconds, 3),
        "tail": plain(said.content.decode("utf-8", "replace"), MAX_TAIL),
        "left_out": left_out,
        **seen(bytes(told.content)),
    }


def start_open(seconds: int) -> None:
    """Become the program that a person would start, within bounds that keep it from us and ours."""
    fence.bound({
        resource.RLIMIT_AS: OPEN_MEMORY,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: OPEN_FILE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    })
    fence.refuse_reaching_out(os.getppid())
    command = [sys.executable, "-m", "pytest", "-p", "outcomes_seen", "-q", "tests"]
    os.execve(sys.executable, command, dict(os.environ))


class Tail:
    """The last bytes that come from a pipe."""

    def __init__(self, descriptor: int, most: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.content = bytearray()
        self.most = most

    def add(self, part: bytes) -> None:
        """Add what has come."""
        self.content += part
        if len(self.content) > 2 * self.most:
            del self.content[: -self.most]


class Head(Tail):
    """The first bytes that come from a pipe; the rest is heard and forgotten, so that nobody has to wait for us."""

    def add(self, part: bytes) -> None:
        """Add what has come."""
        self.content += part[: self.most - len(self.content)]


def hear(pipes: list[Tail], patience: float) -> bool:
    """Read what there is on pipes; say whether there was anything."""
    ready = select.select([pipe.descriptor for pipe in pipes], [], [], patience)[0]
    heard = False
    for pipe in pipes:
        if pipe.descriptor in ready:
            with contextlib.suppress(BlockingIOError):
                part = os.read(pipe.descriptor, 2**16)
                pipe.add(part)
                heard |= bool(part)
    if ready and not heard:
        time.sleep(patience)  # all have closed their side
    return heard


def seen(told: bytes) -> dict[str, Any]:
    """Put together what was told from inside a session, by whomever."""
    facts: dict[str, Any] = {
        "watched": False,
        "collected": None,
        "deselected": 0,
        "collect_errors": 0,
        "finished": False,
        "reports": {},
    }
    for line in told.splitlines():
        try:
            fact = json.loads(line)
            kind, test = fact["kind"], plain(str(fact.get("test", "")), 300)
            if kind == "here":
                facts["watched"] = True
            elif kind == "collected":
                facts["collected"] = number(fact["left"])
                facts["deselected"] = max(0, number(fact["found"]) - number(fact["left"]))
            elif kind == "no_collection":
                facts["collect_errors"] += 1
            elif kind == "finished":
                facts["finished"] = True
            elif kind in {"ran", "told"} and (test in facts["reports"] or len(facts["reports"]) < MAX_REPORTS):
                facts["reports"].setdefault(test, {})[kind] = plain(str(fact[kind]), 20)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return facts


def number(value: object) -> int:
    """Return a number that was told.

    Raises:
        ValueError: It is none, or larger than any that can be.
    """
    if type(value) is not int or not 0 <= value <= 10**6:
        raise ValueError("no number of tests")
    return value


def end_all() -> None:
    """Kill everything that comes from us, until there is nothing left of it.

    Raises:
        Broken: It starts more than can be killed.
    """
    until = time.monotonic() + END_TIMEOUT
    while time.monotonic() < until:
        for child in children():
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)
    raise Broken("what was run starts more processes than can be ended")


def children() -> Iterator[int]:
    """Find our children; whatever lost its parent is one of them."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                status = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                if int(status.rpartition(")")[2].split()[1]) == os.getpid():
                    yield int(entry.name)


# --- the solution alone ----------------------------------------------------------------------------------------------


class Alone:
    """All cases of one solution, from the first process to the last answer."""

    def __init__(self, request: dict[str, Any], folder: Path) -> None:
        self._request = request
        self._cases = request["cases"]
        self._order = list(range(len(self._cases)))
        random.Random(request.get("order_seed", 1)).shuffle(self._order)
        self._process = Restarted(lambda: Solution(request, folder), plain=lambda said: plain(said, inside.MAX_SAID))
        self._room = MAX_TOLD
        files = request.get("beside", {}) | {f"{alone.MODULE}.py": request["solution"]}
        self._left_out = folders.lay_out(folder / folders.WORK, files)

    def go(self) -> dict[str, Any]:
        """Ask for all cases, and return an answer to each, or why there is none."""
        began = time.monotonic()
        until = began + float(self._request.get("total_timeout", 60))
        answers: list[dict[str, Any]] = [nothing("not reached")] * len(self._cases)
        try:
            for index in self._order:
                answers[index] = self._ask(self._cases[index]["arguments"], until)
                if self._process.import_error is not None:
                    answers = [nothing(self._process.import_error)] * len(self._cases)
                    break
        finally:
            self._process.end()
        return {
            "answers": answers,
            "import_error": self._process.import_error,
            "fenced": self._process.ready.get("fenced") is True,
            "seconds": round(time.monotonic() - began, 3),
            "left_out": self._left_out,
        }

    def _ask(self, arguments: list[Any], until: float) -> dict[str, Any]:
        left = until - time.monotonic()
        if left <= 0:
            return nothing("not reached: the time for all cases was over")
        try:
            patience = float(self._request.get("case_timeout", 2.0))
            return self._kept(told_in(self._process.running(left).ask(arguments, min(patience, left), left)))
        except (Crashed, TimedOut) as error:
            self._process.end()
            return nothing(str(error))

    def _kept(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return an answer if there is room for it."""
        size = len(json.dumps(told))
        if size > self._room:
            return {"error": "the results are too long to be told", "gone": False}
        self._room -= size
        return told


def nothing(why: str) -> dict[str, Any]:
    """Return what stands where there is no answer."""
    return {"error": why[: inside.MAX_SAID], "gone": True}


def told_in(said: dict[str, Any]) -> dict[str, Any]:
    """Return the answer that a process gave.

    Raises:
        Crashed: It has no form of an answer; whoever sent it is not our side of the solution's process.
    """
    if "error" in said:
        return {"error": plain(str(said["error"]), inside.MAX_SAID), "gone": False}
    told = {"type": plain(str(said.get("type")), values.MAX_NAME), "error": None, "gone": False}
    if said.get("is_builtin") is False:
        return told | {"is_builtin": False, "own_equality": said.get("own_equality") is True}
    if said.get("is_builtin") is not True or "value" not in said or not values.is_told(said["value"]):
        raise Crashed("the process said something that is no answer")
    return told | {"is_builtin": True, "value": said["value"]}


class Solution(Process):
    """A process that has imported the solution and answers one case at a time."""

    def __init__(self, request: dict[str, Any], folder: Path) -> None:
        order = {"function": request["function"], "seconds": int(request.get("total_timeout", 60)) + 5}
        seed = int(request.get("order_seed", 1)) % 2**32
        environment = folders.environment(folder) | {"PYTHONHASHSEED": str(seed)}
        super().__init__([__file__, "--alone"], order, folder, environment, MAX_LINE, TOO_LONG)

    def ask(self, arguments: list[Any], patience: float, left: float) -> dict[str, Any]:
        """Hand over the arguments of one case and return what is said to it.

        Args:
            arguments: The arguments.
            patience: Seconds that the process may work on it. Where others keep it from working, it may take longer.
            left: Seconds that it may take in any case.

        Raises:
            Crashed: The process is gone, or answered something else.
            TimedOut: It did not answer in time.
        """
        at_most = time.monotonic() + min(left, WAITING * patience)
        worked = self._worked() + patience
        late = TimedOut(f"no answer within {patience:.3g} seconds")
        if not self.put({"arguments": arguments}, at_most - time.monotonic()):
            raise late
        while not self.is_heard(min(patience / 4, at_most - time.monotonic())):
            if time.monotonic() >= at_most or self._worked() >= worked:
                raise late
        return self.hear(0)

    def _worked(self) -> float:
        """Return the seconds that the process has had on a processor."""
        try:
            status = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return 0.0
        return sum(map(int, status.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


# --- the program -----------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> None:
    """Answer one request; or be the other side of one check."""
    match arguments:
        case ["--open", seconds]:
            start_open(int(seconds))
        case ["--alone", asks, says, order]:
            alone.serve(int(asks), int(says), json.loads(order))
        case _:
            bench = Path(arguments[1] if arguments[:1] == ["--bench"] else BENCH)
            keep_to_ourselves()
            try:
                told = answer(json.load(sys.stdin.buffer), bench)
            except Broken as error:
                told = {"error": str(error)}
            json.dump(told, sys.stdout)


def keep_to_ourselves() -> None:
    """Be no one's to look into, and the parent of whatever loses its own."""
    not_dumpable, take_orphans = 4, 36
    kernel = ctypes.CDLL(None)
    kernel.prctl(not_dumpable, 0, 0, 0, 0)
    kernel.prctl(take_orphans, 1, 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
