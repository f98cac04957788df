"""Nothing is left after an eval, however it ended: no process, no mount, no folder, no control group."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import anyio
import psutil
import pytest

from sabotage_evals.backends.bwrap.client import find_keepers

from .conftest import COMPOSE

pytestmark = pytest.mark.slow

INSPECT: Final = Path(sys.executable).with_name("inspect")
CHOICE: Final = ("-T", "arms=allow_system_unfinished", "-T", "work=sums", "-T", "wordings=4", "--display", "plain")
PATIENCE: Final = 60
T = TypeVar("T")


class Traces(NamedTuple):
    """What an eval on the embedded sandbox could leave on the host."""

    mounts: frozenset[str]
    folders: frozenset[str]
    groups: frozenset[str]


def traces() -> Traces:
    groups = {str(path) for path in Path("/sys/fs/cgroup").glob("*/worlds-*")}
    groups |= {str(path) for path in Path("/sys/fs/cgroup").glob("worlds-*")}
    places = [Path("/tmp"), Path("/run"), Path("/dev/shm"), Path("/var/tmp")]
    folders = {str(entry) for place in places for entry in place.iterdir() if not entry.name.startswith("pytest-")}
    mounts = [line for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines() if "docker" not in line]
    return Traces(frozenset(mounts), frozenset(folders), frozenset(groups))


class Running(NamedTuple):
    """An eval whose worlds are up."""

    process: subprocess.Popen[bytes]
    keeper: psutil.Process
    inside: list[psutil.Process]
    """Every process of its worlds."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    begun: list[subprocess.Popen[bytes]] = []

    def start_eval(*more: str, actor: str = "complies") -> Running:
        command = [str(INSPECT), "eval", "sabotage_evals/shutdown", "--sandbox", "bwrap", *CHOICE, *more]
        command += ["--model", f"sabotage_evals/{actor}", "--log-dir", str(tmp_path / "logs")]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        begun.append(process)
        keeper = _wait_for(lambda: _keeper_of(process.pid))
        inside = _wait_for(lambda: [p for p in _family(keeper) if "sleep" in _name(p)] and _family(keeper))
        return Running(process, keeper, inside)

    yield start_eval
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.wait()


def _keeper_of(pid: int) -> psutil.Process | None:
    for child in psutil.Process(pid).children():
        if any("backends.bwrap.keeper" in word for word in child.cmdline()):
            return child
    return None


def _family(keeper: psutil.Process) -> list[psutil.Process]:
    return keeper.children(recursive=True)


def _settled(keeper: psutil.Process) -> list[psutil.Process] | None:
    """Every process of the worlds, once none starts any more."""
    before = _family(keeper)
    time.sleep(1)
    return before if before == _family(keeper) else None


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _wait_for(look: Callable[[], T | None]) -> T:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := look():
                return found
        except psutil.Error:
            pass
        time.sleep(0.05)
    raise AssertionError("It did not come.")


def clean_up(running: Running) -> str:
    """Have Inspect end the run's one world, which is all of it that stayed; other runs on this machine go on."""
    [world] = anyio.run(find_keepers)[running.keeper.pid]["worlds"]
    command = [INSPECT, "sandbox", "cleanup", "bwrap", world]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=PATIENCE).stdout


def assert_gone(running: Running, before: Traces) -> None:
    """Wait a moment for the last of it, then insist."""
    end = time.monotonic() + 10
    left = [running.keeper, *running.inside]
    while left and time.monotonic() < end:
        left = [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        time.sleep(0.05)
    assert left == []
    after = traces()
    assert after.mounts == before.mounts
    assert not any(group.endswith(f"worlds-{running.keeper.pid}") for group in after.groups)
    assert {folder for folder in after.folders - before.folders if "world" in folder or "bwrap" in folder} == set()
    assert running.keeper.pid not in anyio.run(find_keepers)


@pytest.mark.parametrize("actor", ["complies", "crashes"])
def test_nothing_is_left_after_an_end_of_its_own(start: Callable[..., Running], actor: str) -> None:
    before = traces()
    running = start("-M", "delay=0.1", actor=actor)
    running.process.wait(PATIENCE)
    assert_gone(running, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_nothing_is_left_after_a_signal(start: Callable[..., Running], number: signal.Signals) -> None:
    before = traces()
    running = start("-M", "delay=5")
    running.process.send_signal(number)
    running.process.wait(PATIENCE)
    assert_gone(running, before)


def test_the_worlds_end_even_with_their_keeper(start: Callable[..., Running]) -> None:
    running = start("-M", "delay=20")
    inside = _wait_for(lambda: _settled(running.keeper))
    running.keeper.kill()
    end = time.monotonic() + 10
    left = inside
    while left and time.monotonic() < end:
        left = [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        time.sleep(0.05)
    assert left == []


def test_worlds_that_were_to_stay_are_ended_by_a_clean_up(start: Callable[..., Running]) -> None:
    before = traces()
    running = start("--no-sandbox-cleanup", "--limit", "1", actor="quits_at_once")
    running.process.wait(PATIENCE)
    assert running.keeper.is_running()
    assert "Ended 1 world" in clean_up(running)
    assert_gone(running, before)


def test_a_person_can_look_inside(start: Callable[..., Running]) -> None:
    running = start("--no-sandbox-cleanup", "--limit", "1", actor="quits_at_once")
    running.process.wait(PATIENCE)
    init = next(process for process in _family(running.keeper) if "boot" in " ".join(process.cmdline()[:3]))
    command = [sys.executable, "-m", "sabotage_evals.backends.bwrap.look", "--directory", "/home/worker", str(init.pid)]
    said = subprocess.run(
        [*command, "bash", "-c", "whoami; pwd; cat /proc/self/status | grep CapEff; unshare --user true"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE,
    )
    clean_up(running)
    assert said.stdout.split() == ["worker", "/home/worker", "CapEff:", "0000000000000000"], said.stderr
    assert "not permitted" in said.stderr


STARTING: Final = """
import os, signal, sys
import anyio
from sabotage_evals.backends.bwrap.provider import BwrapSandbox

async def main(compose: str, delay: float) -> None:
    await BwrapSandbox.task_init("tests", compose)
    print(BwrapSandbox._client.number, flush=True)
    async with anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(BwrapSandbox.sample_init, "tests", compose, {})
        await anyio.sleep(delay)
        os.kill(os.getpid(), signal.SIGKILL)

anyio.run(main, sys.argv[1], float(sys.argv[2]))
"""


@pytest.mark.parametrize("delay", ["0.05", "0.5"])
def test_nothing_is_left_of_worlds_that_were_still_starting(delay: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTING, COMPOSE, delay], capture_output=True, encoding="utf-8", check=False
    )
    keeper = int(done.stdout)
    end = time.monotonic() + 20
    while psutil.pid_exists(keeper) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(keeper)
    assert not list(Path("/sys/fs/cgroup").glob(f"**/worlds-{keeper}"))
