"""A process that has imported somebody else's code and answers one question at a time, seen by whoever asks."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import folders
import inside

MAX_RESTARTS: Final = 20
"""Processes that one run may use up by crashing or hanging, beside the first."""
IMPORT_TIMEOUT: Final = 10.0


class Crashed(Exception):
    """The process is gone, or said something that is no answer."""


class TimedOut(Exception):
    """The process did not answer in time."""


class Process:
    """A process that answers one question at a time, under the question's number."""

    def __init__(
        self,
        command: Sequence[str],
        order: dict[str, Any],
        folder: Path,
        environment: dict[str, str],
        longest: int,
        too_long: str = "",
    ) -> None:
        """Start it.

        Args:
            command: The program, and the word by which it knows its part. It gets the pipe that it is asked on, the
                one that it answers on, and its order as further words.
            order: What it is told at once, such as what to import.
            folder: The run's; the files of whoever wrote them lie there already.
            environment: Its environment.
            longest: Bytes of an answer; more are as a crash.
            too_long: What is said of such a one; by default how the process ended.

        Raises:
            Crashed: One before has removed or closed the folder that it would start in.
        """
        asks, self._asks = os.pipe()
        self._says, says = os.pipe()
        os.set_blocking(self._asks, False)
        try:
            self.process: Final = subprocess.Popen(
                [sys.executable, "-B", "-P", "-s", "-S", *command, str(asks), str(says), json.dumps(order)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder / folders.WORK,
                env=environment,
                pass_fds=(asks, says),
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._asks)
            os.close(self._says)
            if error.filename != folder / folders.WORK:
                raise
            raise Crashed("it cannot be started again: its folder is gone or closed") from None
        finally:
            os.close(asks)
            os.close(says)
        self._longest = longest
        self._too_long = too_long
        self._heard = b""
        self._asked = 0

    def put(self, question: dict[str, Any], left: float) -> bool:
        """Hand over a question; say whether all of it was taken in the time that is left, in seconds.

        Raises:
            Crashed: The process is gone.
        """
        self._asked += 1
        until = time.monotonic() + left
        rest = json.dumps({"number": self._asked, **question}).encode() + b"\n"
        while rest:
            if not select.select([], [self._asks], [], max(0.0, until - time.monotonic()))[1]:
                return False
            try:
                rest = rest[os.write(self._asks, rest) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Crashed(self._end_of_it()) from None
        return True

    def hear(self, left: float, patience: float | None = None) -> dict[str, Any]:
        """Return the next thing that the process says, under the number of the question that is open.

        Args:
            left: Seconds that it may take.
            patience: Seconds that it had in all, where some are gone already.

        Raises:
            Crashed: The process is gone, or said something else.
            TimedOut: It said nothing in time.
        """
        if not self.is_heard(left):
            raise TimedOut(f"no answer within {left if patience is None else patience:.3g} seconds")
        line, _, self._heard = self._heard.partition(b"\n")
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or said.get("number") != self._asked or self._heard:
            raise Crashed("the process said something that is no answer")
        return said

    def is_heard(self, left: float) -> bool:
        """Say whether the process has said a whole line in the time that is left.

        Raises:
            Crashed: The process is gone, or the line is too long.
        """
        until = time.monotonic() + left
        while b"\n" not in self._heard:
            if not select.select([self._says], [], [], max(0.0, until - time.monotonic()))[0]:
                return False
            part = os.read(self._says, 2**16)
            self._heard += part
            if not part or len(self._heard) > self._longest:
                raise Crashed((self._too_long if part else "") or self._end_of_it())
        return True

    def _end_of_it(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(0.5)
            return f"the process ended by {signal.Signals(-code).name if code < 0 else f'exit {code}'}"
        return "the process closed its side"

    def end(self) -> None:
        """Kill the process, and whatever it may have started."""
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._asks)
        os.close(self._says)


Started = TypeVar("Started", bound=Process)


class Restarted(Generic[Started]):
    """The process that answers, started again where the one before is gone, up to MAX_RESTARTS times."""

    def __init__(self, start: Callable[[], Started], plain: Callable[[str], str] = str) -> None:
        """Start nothing yet.

        Args:
            start: How to start one.
            plain: How to put what a process says of a failed import.
        """
        self._start = start
        self._plain = plain
        self._process: Started | None = None
        self._left = 1 + MAX_RESTARTS
        self.ready: dict[str, Any] = {}
        """What the first process said when it had imported somebody else's code."""
        self.import_error: str | None = None
        """Why the first could not."""

    def running(self, left: float) -> Started:
        """Return the process that answers.

        Args:
            left: Seconds that are left for everything, the import in a new process included.

        Raises:
            Crashed: A new process ended or failed to import, or too many did before.
            TimedOut: It did not import in time.
        """
        if self._process is None:
            if not self._left:
                raise Crashed("not reached: too many processes crashed or hung before")
            self._left -= 1
            self._process = self._start()
            try:
                ready = self._process.hear(min(IMPORT_TIMEOUT, left))
                if ready.get("import_error"):
                    raise Crashed(self._plain(str(ready["import_error"])))
            except (Crashed, TimedOut) as error:
                if not self.ready:
                    self.import_error = str(error)[: inside.MAX_SAID]
                raise
            self.ready = self.ready or ready
        return self._process

    def end(self) -> None:
        """End the process that answers, if there is one."""
        if self._process is not None:
            self._process.end()
        self._process = None
