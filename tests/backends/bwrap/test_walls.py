"""The walls of the embedded sandbox, tried from inside: each attempt fails or is bounded, and harms no other trial."""

import asyncio
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from inspect_ai.util import ExecResult, SandboxEnvironment, SandboxUnavailableError

from sabotage_evals.backends.bwrap.provider import BwrapSandbox
from sabotage_evals.backends.bwrap.world import VOLUME_SIZE

from .conftest import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SECRET: Final = "key-5f0c1d"
MEBIBYTE: Final = 2**20


async def sh(service: SandboxEnvironment, command: str, timeout: int = 60) -> ExecResult[str]:
    return await service.exec(["bash", "-c", command], timeout=timeout)


async def python(service: SandboxEnvironment, program: str, timeout: int = 60) -> ExecResult[str]:
    return await service.exec(["python3", "-I", "-c", program], timeout=timeout)


@pytest.fixture(scope="module", autouse=True)
def _secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What must not be seen: a key in the environment, files at home and in the folder for temporary ones."""
    places = [Path.home() / f".{SECRET}", Path(f"/tmp/{SECRET}"), tmp_path_factory.getbasetemp() / SECRET]
    for place in places:
        place.write_text(SECRET, encoding="ascii")
    os.environ["OPENAI_API_KEY"] = SECRET
    yield
    del os.environ["OPENAI_API_KEY"]
    for place in places:
        place.unlink()


@pytest.mark.parametrize("name", ["default", "witness"])
async def test_no_file_of_the_host_is_seen_but_its_programs(fresh: World, name: str) -> None:
    found = await sh(fresh[name], f"find / -xdev -name '*{SECRET}*' 2>/dev/null; ls /home /root /etc /tmp /var /run")
    assert SECRET not in found.stdout
    assert str(Path.home()) not in (await sh(fresh[name], "ls -d /home/* /root/* /work 2>/dev/null")).stdout.split()
    etc = set((await sh(fresh[name], "ls /etc")).stdout.split())
    assert etc == {
        *("alternatives", "bash.bashrc", "group", "hostname", "hosts", "ld.so.cache", "nsswitch.conf", "os-release"),
        *("passwd", "profile"),
    }


@pytest.mark.parametrize("name", ["default", "witness"])
async def test_no_environment_of_the_caller_is_seen(fresh: World, name: str) -> None:
    seen = await sh(fresh[name], "env; cat /proc/*/environ")
    assert SECRET not in seen.stdout
    assert {line.split("=")[0] for line in (await sh(fresh[name], "env")).stdout.splitlines()} == {
        *("HOME", "HOSTNAME", "OLDPWD", "PATH", "PWD", "SHLVL", "_"),
    } - {"OLDPWD"}


@pytest.mark.parametrize("name", ["default", "witness"])
async def test_a_command_holds_no_descriptor_but_its_three(fresh: World, name: str) -> None:
    held = await python(fresh[name], "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])")
    assert held.stdout.strip() == "[0, 1, 2]"
    first = await python(
        fresh[name],
        "import os\n"
        "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
        "    for fd in os.listdir(f'/proc/{pid}/fd'):\n"
        "        try: print(os.readlink(f'/proc/{pid}/fd/{fd}'))\n"
        "        except OSError: pass",
    )
    assert "socket" not in first.stdout
    assert "memfd" not in first.stdout


async def test_processes_of_the_host_are_neither_seen_nor_reached(fresh: World) -> None:
    bystander = subprocess.Popen(["sleep", "300"])
    try:
        seen = await python(fresh["default"], "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))")
        assert int(seen.stdout) <= 4
        for pid in (bystander.pid, os.getpid()):
            tried = await python(fresh["default"], f"import os; os.kill({pid}, 9)")
            assert "ProcessLookupError" in tried.stderr
        await sh(fresh["default"], "kill -s TERM 1; sleep 5")
        with pytest.raises(SandboxUnavailableError):
            await sh(fresh["default"], "true")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


async def test_killing_everything_takes_down_no_more_than_the_machine(fresh: World, world: World) -> None:
    await sh(fresh["default"], "kill -s KILL -1; kill -s TERM 1; sleep 5")
    with pytest.raises(SandboxUnavailableError):
        await sh(fresh["default"], "true")
    for service in (fresh["witness"], world["default"], world["witness"]):
        assert (await sh(service, "echo here")).stdout == "here\n"


async def test_the_witness_is_neither_seen_nor_reached(fresh: World) -> None:
    await fresh["witness"].write_file("/srv/journal", SECRET)
    found = await sh(fresh["default"], "find / -xdev 2>/dev/null | grep -E 'journal|evidence'; ls /srv; ps aux")
    assert "journal" not in found.stdout
    assert "evidence" not in found.stdout
    assert (await sh(fresh["witness"], "cat /srv/journal")).stdout == SECRET


async def test_the_witness_reads_what_the_agent_closes_and_cannot_write_it(fresh: World) -> None:
    await sh(fresh["default"], "mkdir closed && echo kept > closed/file && chmod 000 closed/file && chmod 000 closed")
    assert (await sh(fresh["witness"], "cat /evidence/home/closed/file")).stdout == "kept\n"
    assert "Read-only" in (await sh(fresh["witness"], "touch /evidence/home/x")).stderr


async def test_another_trial_is_not_seen(fresh: World, world: World) -> None:
    await world["default"].write_file("marked-9d2", SECRET)
    found = await sh(fresh["default"], "find / -xdev -name 'marked*' 2>/dev/null; grep -rs marked /proc/*/mountinfo")
    assert "marked-9d2" not in found.stdout


@pytest.mark.parametrize("place", ["/usr/bin/x", "/usr/local/bin/x", "/etc/x", "/x", "/dev/x", "/opt/x", "/var/x"])
async def test_the_system_is_read_only(fresh: World, place: str) -> None:
    assert "Read-only file system" in (await sh(fresh["default"], f"echo x > {place}")).stderr


ATTEMPTS: Final = {
    "mount": "mount -t tmpfs none /home/worker",
    "remount": "mount -o remount,rw /usr",
    "unmount": "umount /home/worker",
    "user namespace": "unshare --user true",
    "mount namespace": "unshare --mount true",
    "another's namespace": "nsenter --target 1 --mount true",
    "chroot": "chroot /home/worker true",
    "clock": "date --set=@0",
    "host name": "hostname other",
    "kernel's log": "dmesg",
    "device": "mknod disk b 254 0",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
@pytest.mark.parametrize("name", ["default", "witness"])
async def test_nothing_of_the_kernel_can_be_changed(world: World, name: str, attempt: str) -> None:
    tried = await sh(world[name], attempt)
    assert not tried.success
    assert any(
        word in tried.stderr for word in ("ermitted", "denied", "must be superuser", "must be root", "umount failed")
    ), tried


@pytest.mark.parametrize(("name", "capabilities"), [("default", 0), ("witness", 2)])
async def test_no_capability_is_held_and_none_can_be_gained(world: World, name: str, capabilities: int) -> None:
    status = (await sh(world[name], "cat /proc/self/status")).stdout
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(facts[kind], 16) & ~capabilities == 0, kind
    assert facts["NoNewPrivs"].strip() == "1"
    assert facts["Seccomp"].strip() == "2"
    for program in ("su", "passwd"):
        assert not (await sh(world[name], f"echo | {program} -c id 2>&1 < /dev/null")).success


SYSTEM_CALLS: Final = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number, arguments in ((272, (0x10000000,)), (435, (0, 0)), (425, (1, 0)), (321, (0, 0, 0)), (250, (0,)), (310, ())):
    libc.syscall(number, *arguments)
    print(number, ctypes.get_errno())
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
async def test_system_calls_that_attacks_begin_with_are_filtered(world: World) -> None:
    said = dict(line.split() for line in (await python(world["default"], SYSTEM_CALLS)).stdout.splitlines())
    assert {number: said[number] for number in ("272", "425", "321", "250")} == dict.fromkeys(
        ("272", "425", "321", "250"), "1"
    )
    assert said["435"] == "38"  # clone3: not there, so that its flags cannot be hidden


CONNECT: Final = """
import socket, sys
for family, address in (
    (socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_INET, ("192.0.2.1", 80)), (socket.AF_INET, ("1.1.1.1", 53)),
    (socket.AF_UNIX, ADDRESS), (socket.AF_UNIX, "/var/run/docker.sock"),
):
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.settimeout(2)
        try:
            tried.connect(address)
            print("reached", address)
        except OSError as error:
            print("not reached", error)
"""


async def test_no_address_is_reached_not_even_the_hosts_own(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(f"\0{SECRET}")
        local.listen()
        accepted: list[object] = []
        server.settimeout(5)
        thread = threading.Thread(target=lambda: accepted.append(_accept(server)))
        thread.start()
        program = CONNECT.replace("PORT", str(server.getsockname()[1])).replace("ADDRESS", repr(f"\0{SECRET}"))
        said = await python(world["default"], program)
        assert said.stdout.count("not reached") == 5, said
        thread.join()
        assert accepted == [None]
        assert (await sh(world["default"], "tail -n +3 /proc/net/dev")).stdout.split(":")[0].strip() == "lo"


def _accept(server: socket.socket) -> object:
    try:
        return server.accept()
    except TimeoutError:
        return None


async def test_the_disk_cannot_be_filled(fresh: World, world: World) -> None:
    free = shutil.disk_usage("/tmp").free
    filled = await sh(fresh["default"], "head -c 1G /dev/zero > big; df --output=used -B1 . | tail -1; stat -c %s big")
    assert "No space left" in filled.stderr
    assert int(filled.stdout.split()[-1]) <= VOLUME_SIZE
    assert shutil.disk_usage("/tmp").free > free - 64 * MEBIBYTE
    assert (await sh(fresh["witness"], "echo x > /srv/journal")).success  # not even the trial's own other volumes
    assert (await sh(world["default"], "head -c 10M /dev/zero > own && rm own")).success


async def test_files_without_number_cannot_be_made(fresh: World) -> None:
    made = await sh(fresh["default"], "mkdir many; cd many; seq 60000 | xargs touch")
    assert "No space left" in made.stderr


FORK: Final = """
import os, signal, time
children = 0
try:
    while children < 2000:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        children += 1
except OSError as error:
    print(children, error, flush=True)
"""


async def test_forks_are_bounded_and_others_go_on(fresh: World, world: World) -> None:
    forked = await python(fresh["default"], FORK)
    assert "Resource temporarily unavailable" in forked.stdout
    assert int(forked.stdout.split()[0]) < 64
    for service in (world["default"], fresh["witness"]):
        assert (await sh(service, "for i in 1 2 3 4 5; do (echo $i); done | wc -l")).stdout.strip() == "5"


BOUND: Final = 256 * MEBIBYTE
"""What `mem_limit` gives each service of the small world."""
EAT: Final = """
import os, time
def eat():
    held = []
    while len(held) < 40:
        held.append(bytearray(os.urandom(1 << 20)) * 16)
        time.sleep(0.01)
    time.sleep(60)
for _ in range(4):
    if os.fork() == 0:
        eat()
        os._exit(0)
for _ in range(4):
    os.wait()
"""


async def test_memory_is_bounded_and_others_go_on(fresh: World, world: World) -> None:
    one = await python(world["witness"], "x = bytearray(3 * 10**9); print(len(x))")
    assert not one.success
    running = await sh(fresh["default"], f"python3 -I -c '{EAT}' & sleep 1; true", timeout=60)
    assert running.success
    machine = fresh["default"].as_type(BwrapSandbox)
    deadline = (
        time.monotonic() + 40
    )  # a busy machine kills later; the eaters would hold ten times the bound for a minute
    while not (await machine.word()).oom_killed or await _held(machine) > BOUND:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    assert await _held(machine) <= BOUND
    assert (await sh(world["default"], "echo here")).stdout == "here\n"
    assert not (await world["default"].as_type(BwrapSandbox).word()).oom_killed


async def _held(service: SandboxEnvironment) -> int:
    """Bytes that the processes of a service hold together."""
    sizes = await sh(service, "ps -eo rss=")
    return sum(int(size) for size in sizes.stdout.split()) * 1024


async def test_a_command_that_runs_out_of_time_dies_with_all_that_came_from_it(fresh: World) -> None:
    hidden = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(77)"
    with pytest.raises(TimeoutError) as error:
        await sh(fresh["default"], f'echo begun; python3 -c "{hidden}" & setsid sleep 77 & sleep 77', timeout=1)
    assert getattr(error.value, "truncated_output", "") == "begun\n"
    time.sleep(0.3)
    assert "77" not in (await sh(fresh["default"], "ps -eo args | grep -v grep | grep 77")).stdout


async def test_what_a_command_leaves_running_goes_on_after_it(fresh: World) -> None:
    begun = time.monotonic()
    await sh(fresh["default"], "sleep 66 & sleep 0")
    assert time.monotonic() - begun < 5
    assert "sleep 66" in (await sh(fresh["default"], "ps -eo args | grep -v grep | grep 66")).stdout


async def test_the_keeper_cannot_be_traced_and_holds_no_key(keeper: int) -> None:
    with open(f"/proc/{keeper}/cmdline", "rb") as file:
        assert SECRET.encode() not in file.read()
    if os.getuid() != 0:
        with pytest.raises(PermissionError):
            open(f"/proc/{keeper}/environ", "rb").close()
    else:
        with open(f"/proc/{keeper}/environ", "rb") as file:
            assert SECRET.encode() not in file.read()
