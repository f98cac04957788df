"""`--sandbox bwrap`: Inspect's sandbox interface to worlds in bubblewrap namespaces."""

import contextlib
import errno
import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath
from typing import Any, ClassVar, Final, Literal, overload

import anyio
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxConnection,
    SandboxEnvironment,
    SandboxEnvironmentConfigType,
    SandboxEnvironmentLimits,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
    sandboxenv,
)
from rich.console import Console
from typing_extensions import override

from sabotage_evals.backends.bwrap.client import (
    Client,
    KeeperGone,
    check_namespaces,
    find_bubblewrap,
    find_keepers,
    tell_keeper,
)
from sabotage_evals.backends.bwrap.image import User
from sabotage_evals.backends.bwrap.world import read_blueprint
from sabotage_evals.backends.engine import EngineWord
from sabotage_evals.refusal import Refusal

LINGER: Final = 0.2
"""Seconds that output may still come after a command has ended: something it left behind may hold the pipes open."""
NOT_FOUND: Final = 127
NOT_RUN: Final = 126
_CHUNK: Final = 65536


class _Tail:
    """The last bytes of a stream, up to the limit that Inspect sets."""

    def __init__(self) -> None:
        self.content = bytearray()
        self._limit = SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE

    def add(self, part: bytes) -> None:
        self.content += part
        if len(self.content) > 2 * self._limit:
            del self.content[: -self._limit]

    def text(self) -> str:
        return bytes(self.content[-self._limit :]).decode(errors="replace")


@sandboxenv(name="bwrap")
class BwrapSandbox(SandboxEnvironment):
    """One service of a world in bubblewrap namespaces.

    Commands are not held back by `max_subprocesses`: one costs a fork here, and a slot would be held for as long as it
    runs.
    """

    _client: ClassVar[Client | None] = None
    _tasks: ClassVar[int] = 0

    def __init__(self, world: str, service: str, user: User, working_directory: str, init: int) -> None:
        super().__init__()
        self.world = world
        self.service = service
        self._user = user
        self._working_directory = working_directory
        self._init = init

    # --- life --------------------------------------------------------------------------------------------------------

    @override
    @classmethod
    async def task_init(cls, task_name: str, config: SandboxEnvironmentConfigType | None) -> None:
        """Look whether this machine can do it, read the world's files, and start the keeper.

        Raises:
            Refusal: It cannot, or the files say something that cannot be done here; one sentence with the way out.
        """
        bwrap = find_bubblewrap()
        _check_once(bwrap)
        if config is None:
            raise Refusal("The sandbox 'bwrap' needs a compose file: --sandbox bwrap:compose.yaml.")
        read_blueprint(config)
        if cls._client is None:
            cls._client = Client(bwrap)
        cls._tasks += 1

    @override
    @classmethod
    async def sample_init(
        cls, task_name: str, config: SandboxEnvironmentConfigType | None, metadata: dict[str, str]
    ) -> dict[str, SandboxEnvironment]:
        """Start a world; every service is a sandbox, `default` the first."""
        assert config is not None
        client = cls._keeper()
        blueprint = read_blueprint(config)
        walls = await cls.walls()
        request = blueprint.request(control_groups="memory" in walls["control_groups"])
        started = await client.ask({"op": "start", **request})
        environments: dict[str, SandboxEnvironment] = {
            name: cls(request["world"], name, blueprint.users[name], spec["working_directory"], started["inits"][name])
            for name, spec in blueprint.services.items()
        }
        return {"default": environments["default"], **environments}

    @override
    @classmethod
    async def sample_cleanup(
        cls,
        task_name: str,
        config: SandboxEnvironmentConfigType | None,
        environments: dict[str, SandboxEnvironment],
        interrupted: bool,
    ) -> None:
        """End the sample's world, and everything in it."""
        worlds = {environment.as_type(BwrapSandbox).world for environment in environments.values()}
        for world in worlds:
            with anyio.CancelScope(shield=True), contextlib.suppress(KeeperGone):
                await cls._keeper().ask({"op": "stop", "world": world})

    @override
    @classmethod
    async def task_cleanup(cls, task_name: str, config: SandboxEnvironmentConfigType | None, cleanup: bool) -> None:
        """End the keeper with the last task that needs it; without clean-up, leave it to `inspect sandbox cleanup`."""
        cls._tasks -= 1
        if cls._tasks > 0 or cls._client is None:
            return
        client, cls._client, cls._tasks = cls._client, None, 0
        _walls.clear()
        if not cleanup:
            with anyio.CancelScope(shield=True):
                await client.ask({"op": "stay"})
            Console(stderr=True).print(
                f"The worlds are still up (keeper {client.number}); `inspect sandbox cleanup bwrap` ends them.",
                highlight=False,
            )
        client.close(wait=cleanup)

    @override
    @classmethod
    async def cli_cleanup(cls, id: str | None) -> None:
        """End all worlds of this user, or the one of that name."""
        ended: list[str] = []
        for number in await find_keepers():
            with contextlib.suppress(OSError):
                answer = await tell_keeper(number, {"op": "stop", "world": id})
                ended += answer.get("stopped", [])
        Console().print(f"Ended {len(ended)} worlds{': ' + ', '.join(ended) if ended else ''}.", highlight=False)

    @override
    @classmethod
    def config_files(cls) -> list[str]:
        """The compose file that Docker reads is the one that is read here."""
        return ["compose.yaml"]

    @classmethod
    def _keeper(cls) -> Client:
        if cls._client is None:
            raise SandboxUnavailableError("The sandbox 'bwrap' is not running.")
        return cls._client

    @classmethod
    async def walls(cls) -> dict[str, Any]:
        """Return which walls are up: what the kernel is, who runs the worlds, what bounds them."""
        client = cls._keeper()
        if client.number not in _walls:
            _walls[client.number] = await client.ask({"op": "walls"})
        known = _walls[client.number]
        return {
            "kernel": platform.release(),
            "user": "root, as a user number of its own for each world" if known["own_user"] else "an ordinary user",
            "seccomp": known["seccomp"],
            "control_groups": known["control_groups"],
        }

    # --- commands ----------------------------------------------------------------------------------------------------

    @override
    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        """Run a command in the service; out of time, it is killed with all that came from it, and never tried again.

        Raises:
            SandboxUserUnsupportedError: Another user than the service's own was asked for.
            SandboxUnavailableError: The service is down.
            TimeoutError: The command ran out of time; the error has what it said until then.
            PermissionError: The command is no program.
        """
        self._check_user(user)
        request = {
            "op": "exec",
            "world": self.world,
            "service": self.service,
            "argv": cmd,
            "cwd": str(PurePosixPath(self._working_directory) / (cwd or "")),
            "environment": env or {},
        }
        given = _input_file(input)
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        out, err = _Tail(), _Tail()
        answer: dict[str, Any] = {}
        passed = [given, out_write, err_write]
        try:
            with anyio.move_on_after(timeout) as limit:
                async with anyio.create_task_group() as group:
                    group.start_soon(_drain, out_read, out)
                    group.start_soon(_drain, err_read, err)
                    answer = await self._ask(request, passed)
                    group.cancel_scope.deadline = anyio.current_time() + LINGER
        finally:
            for descriptor in (out_read, err_read, *passed):
                os.close(descriptor)
        if limit.cancelled_caught and not answer:
            raise _timed_out(cmd, timeout, out, err)
        return self._result(cmd, answer, out, err)

    def _result(self, cmd: list[str], answer: dict[str, Any], out: _Tail, err: _Tail) -> ExecResult[str]:
        if "exit" in answer:
            status = answer["exit"]
            code = status if status >= 0 else 128 - status
            return ExecResult(code == 0, code, out.text(), err.text())
        if answer.get("down"):
            raise SandboxUnavailableError(f"The service '{self.service}' is not running.")
        number, what = answer["errno"], answer["what"]
        if what == "run" and number in {errno.EACCES, errno.EPERM}:
            raise PermissionError(number, os.strerror(number), cmd[0])
        missing = what == "run" and number in {errno.ENOENT, errno.ENOTDIR}
        said = f'exec: "{cmd[0]}": executable file not found in $PATH' if missing else f"{what}: {os.strerror(number)}"
        return ExecResult(False, NOT_FOUND if missing else NOT_RUN, "", f"{said}\n")

    def _check_user(self, user: str | None) -> None:
        if user is not None and user not in {self._user.name, str(self._user.uid)}:
            raise SandboxUserUnsupportedError(
                f"The sandbox 'bwrap' runs '{self.service}' as {self._user.name} and cannot be {user!r}: one user is "
                "all that a namespace of an ordinary user has."
            )

    async def _ask(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Ask the keeper; our copies of the descriptors are closed once it has its own."""
        try:
            return await self._keeper().ask(request, descriptors, close=True)
        except KeeperGone as error:
            raise SandboxUnavailableError(str(error)) from error

    # --- files -------------------------------------------------------------------------------------------------------

    @override
    async def write_file(self, file: str, contents: str | bytes) -> None:
        """Write a file with the rights of the service's user, and make the folders that lead to it.

        Raises:
            PermissionError: The user may not, or the place is read-only.
            IsADirectoryError: There is a folder of that name.
        """
        answer = await self._touch("write", file, _input_file(contents))
        if "errno" in answer:
            raise _file_error(answer, file)

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...

    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...

    @override
    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        """Read a file with the rights of the service's user.

        Raises:
            FileNotFoundError: There is none, or it is no regular file.
            PermissionError: The user may not.
            IsADirectoryError: It is a folder.
            UnicodeDecodeError: It is no UTF-8, and text was asked for.
            OutputLimitExceededError: It is larger than Inspect's limit.
        """
        target = os.memfd_create("file")
        kept = os.dup(target)
        try:
            answer = await self._touch("read", file, target)
            if "errno" in answer:
                raise _file_error(answer, file)
            if "too_large" in answer:
                raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR, None)
            os.lseek(kept, 0, os.SEEK_SET)
            with os.fdopen(os.dup(kept), "rb") as content:
                found = content.read()
        finally:
            os.close(kept)
        return found.decode() if text else found

    async def _touch(self, operation: str, file: str, descriptor: int) -> dict[str, Any]:
        passed = [descriptor]
        request = {
            "op": operation,
            "world": self.world,
            "service": self.service,
            "path": file,
            "limit": SandboxEnvironmentLimits.MAX_READ_FILE_SIZE,
        }
        try:
            answer = await self._ask(request, passed)
        finally:
            for left in passed:
                os.close(left)
        if answer.get("down"):
            raise SandboxUnavailableError(f"The service '{self.service}' is not running.")
        return answer

    # --- looking inside ----------------------------------------------------------------------------------------------

    @override
    async def connection(self, *, user: str | None = None) -> SandboxConnection:
        """Return the command with which a person looks inside while the world is up.

        Raises:
            ConnectionError: The service is down.
        """
        self._check_user(user)
        if (await self.word()).status != "running":
            raise ConnectionError(f"The service '{self.service}' is not running.")
        command = [sys.executable, "-m", "sabotage_evals.backends.bwrap.look", "--directory"]
        command += [self._working_directory, str(self._init)]
        return SandboxConnection(type="bwrap", command=shlex.join(command), container=f"{self.world}/{self.service}")

    async def word(self, service: str | None = None) -> EngineWord:
        """Say how a service of this world is, or how it ended, as an engine does of a container.

        Raises:
            SandboxUnavailableError: There is no keeper any more.
        """
        request = {"op": "word", "world": self.world, "service": service or self.service}
        said = await self._ask(request, [])
        return EngineWord(
            status=said["status"],
            exit_code=None if said["exit_code"] is None else _as_shell(said["exit_code"]),
            oom_killed=said["oom_killed"],
            error="",
            started_at=_moment(said["started_at"]),
            finished_at=_moment(said["finished_at"]),
        )

    @override
    def default_polling_interval(self) -> float:
        """A look inside costs a fork."""
        return 0.2


_walls: Final[dict[int, dict[str, Any]]] = {}


@cache
def _check_once(bwrap: str) -> None:
    check_namespaces(bwrap)


def _as_shell(status: int) -> int:
    return status if status >= 0 else 128 - status


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _input_file(content: str | bytes | None) -> int:
    """Return a descriptor from which the content is read, or nothing where there is none."""
    if content is None:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.memfd_create("input")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


async def _drain(descriptor: int, tail: _Tail) -> None:
    os.set_blocking(descriptor, False)
    while True:
        await anyio.wait_readable(descriptor)
        part = os.read(descriptor, _CHUNK)
        if not part:
            return
        tail.add(part)


def _timed_out(cmd: list[str], timeout: int | None, out: _Tail, err: _Tail) -> TimeoutError:
    # its public base has no place for what the command said
    from inspect_ai.util._sandbox.events import (  # inspect-evals-lint: ignore[IECQ001] -- there is no public one
        SandboxTimeoutError,
    )

    said = f"The command ran out of its {timeout} s: {shlex.join(cmd)[:200]}"
    return SandboxTimeoutError(said, truncated_output=(out.text() + err.text()) or None)


def _file_error(answer: dict[str, Any], file: str) -> OSError:
    number = errno.EACCES if answer["errno"] in {errno.EROFS, errno.EPERM} else answer["errno"]
    number = errno.ENOENT if number == errno.ENOTDIR else number
    return OSError(number, "Is a directory" if number == errno.EISDIR else os.strerror(number), file)
