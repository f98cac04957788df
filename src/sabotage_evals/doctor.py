"""Say what is there to run the suite with, what is not, and what to do about it."""

import contextlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, NamedTuple

import anyio
import docker
import psutil
from docker.errors import ImageNotFound
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sabotage_evals.backends.bwrap.client import check_namespaces, find_bubblewrap, find_keepers
from sabotage_evals.backends.bwrap.compose import read_compose
from sabotage_evals.backends.bwrap.image import read_image
from sabotage_evals.backends.engine import EngineUnavailable, connect, image_names, is_local
from sabotage_evals.backends.leftovers import (
    first_live_run,
    left_behind,
    remove_images,
    remove_world,
    unnamed_images,
    worlds_on,
)
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import SANDBOXES

PYTHON: Final = (3, 11)
ENGINE: Final = (24, 0, 6)
"""Oldest Docker Engine that Inspect 0.3.285 accepts."""
COMPOSE: Final = (2, 21, 0)
"""Oldest Docker Compose that Inspect 0.3.285 accepts."""
FREE_MEMORY: Final = 2 * 1024**3
"""What a handful of worlds beside Inspect itself needs: a world may take 0.75 GiB, and seldom takes a tenth of it."""
FREE_DISK: Final = 3 * 1024**3
"""Room for the images (about 0.5 GiB), their build, and what agents write."""
KEYS: Final = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
    "MISTRAL_API_KEY",
    "XAI_API_KEY",
    "OPENROUTER_API_KEY",
    "TOGETHER_API_KEY",
    "GROQ_API_KEY",
)
PATIENCE: Final = 10
"""Seconds that the engine has to answer before it counts as not there."""
PROGRAMS: Final = {"procps": "ps", "psmisc": "killall", "ripgrep": "rg", "vim-tiny": "vi"}
"""A program by which a package of the images is known; any other package has one of its own name."""
HOST_PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where the embedded sandbox shows the host's programs; `/usr/local` is not the host's there."""
KEEPER: Final = "sabotage_evals.backends.bwrap.keeper"
"""The program that starts and ends the worlds of one eval on the embedded sandbox."""
BACKENDS: Final[dict[Literal["docker", "bwrap"], str]] = {"docker": "Docker", "bwrap": "bwrap"}
"""What the worlds run on, as it is called in a sentence."""


class State(StrEnum):
    """How a thing is; only what is missing keeps scripted agents from running, on the backend that needs it."""

    THERE = "there"
    NOTE = "note"
    MISSING = "missing"


class Finding(NamedTuple):
    """One line of the table."""

    subject: str
    state: State
    seen: str
    advice: str = ""
    """One sentence on what to do, where something is to be done."""
    backend: Literal["docker", "bwrap"] | None = None
    """The backend that needs it; None for what both need."""


def doctor(fix: bool = False) -> int:
    """Print what is there and what to do about what is not; with `fix`, remove what killed runs left behind.

    Returns:
        0 if scripted agents can run, on Docker or on the embedded sandbox, else 1.
    """
    findings = examine(fix)
    Console().print(_table(findings))
    for finding in findings:
        if finding.advice:
            Console().print(f"[bold]{escape(finding.subject)}[/]: {escape(finding.advice)}")
    missing = {backend: _missing(findings, backend) for backend in BACKENDS}
    can = [name for backend, name in BACKENDS.items() if not missing[backend]]
    Console().print()
    if can:
        Console().print(f"Scripted agents can run on {' and on '.join(can)}: sabotage-evals demo")
    for backend, lacks in missing.items():
        if lacks:
            Console().print(f"Scripted agents cannot run on {BACKENDS[backend]} here yet: {escape(', '.join(lacks))}.")
    if can and missing["docker"]:
        Console().print("Numbers that are published need Docker.")
    return 0 if can else 1


def examine(fix: bool = False) -> list[Finding]:
    """Look at everything; nothing is changed unless `fix` is set."""
    findings = [_python(), *_packages(), _uv(), _home(), _memory(), _keys(), *_disk(Path.cwd(), "Disk here")]
    return [*findings, *_docker(fix), *_bwrap()]


def _missing(findings: list[Finding], backend: Literal["docker", "bwrap"]) -> list[str]:
    """Name what keeps scripted agents from running on a backend."""
    return [each.subject for each in findings if each.state is State.MISSING and each.backend in {None, backend}]


def _docker(fix: bool) -> Iterator[Finding]:
    yield _compose()
    asked = time.monotonic()
    try:
        client = connect(PATIENCE)
    except EngineUnavailable as error:
        yield Finding("Docker engine", State.MISSING, "does not answer", str(error), "docker")
        return
    answered = time.monotonic() - asked
    try:
        yield from (*_engine(client, answered), *_images(client), *_leftovers(client, fix))
    finally:
        client.close()


def _bwrap() -> Iterator[Finding]:
    try:
        program = find_bubblewrap()
    except Refusal as error:
        yield Finding("bubblewrap", State.MISSING, "cannot be used", error.sentence, "bwrap")
        return
    yield Finding("bubblewrap", State.THERE, program)
    try:
        check_namespaces(program)
    except Refusal as error:
        yield Finding("Namespaces", State.MISSING, "not allowed", error.sentence, "bwrap")
    else:
        yield Finding("Namespaces", State.THERE, "allowed")
    yield from _programs()
    yield from _keepers()


def _table(findings: list[Finding]) -> Table:
    marks = {State.THERE: "[green]ok[/]", State.NOTE: "[yellow]note[/]", State.MISSING: "[red]missing[/]"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("What", "", "Seen"):
        table.add_column(column)
    for finding in findings:
        table.add_row(escape(finding.subject), marks[finding.state], escape(finding.seen))
    return table


def _python() -> Finding:
    seen = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info >= PYTHON:
        return Finding("Python", State.THERE, seen)
    return Finding("Python", State.MISSING, seen, f"Install Python {_dotted(PYTHON)} or newer.")


def _packages() -> Iterator[Finding]:
    for name in ("sabotage-evals", "inspect-ai"):
        try:
            yield Finding(name, State.THERE, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, State.MISSING, "not installed", f"Install it: pip install {name}")


def _uv() -> Finding:
    if where := shutil.which("uv"):
        return Finding("uv", State.THERE, where)
    return Finding(
        "uv", State.NOTE, "not there", "Nothing needs doing: make uses venv and pip, which take a minute longer."
    )


def _home() -> Finding:
    home = Path.home()
    if os.access(home, os.W_OK):
        return Finding("Home folder", State.THERE, str(home))
    advice = (
        "Set HOME to a folder that you may write to: Inspect keeps its traces and its buffer of running samples there."
    )
    return Finding("Home folder", State.MISSING, f"{home} cannot be written to", advice)


def _memory() -> Finding:
    available = psutil.virtual_memory().available
    if available >= FREE_MEMORY:
        return Finding("Free memory", State.THERE, _size(available))
    advice = "Run fewer worlds at once: --max-sandboxes 2."
    return Finding("Free memory", State.NOTE, f"{_size(available)}, of {_size(FREE_MEMORY)} advised", advice)


def _disk(where: Path, subject: str) -> Iterator[Finding]:
    try:
        free = psutil.disk_usage(str(where)).free
    except OSError:  # not ours to look at
        return
    if free >= FREE_DISK:
        yield Finding(subject, State.THERE, f"{_size(free)} free")
        return
    advice = f"Free some space under {where}: a full disk ends runs as errors."
    yield Finding(subject, State.NOTE, f"{_size(free)} free, of {_size(FREE_DISK)} advised", advice)


def _keys() -> Finding:
    if found := [key for key in KEYS if os.environ.get(key)]:
        return Finding("Model keys", State.THERE, ", ".join(found))
    advice = "Put the key of your model's provider into the environment or a .env file; scripted agents need none."
    return Finding("Model keys", State.NOTE, "none in the environment", advice)


def _compose() -> Finding:
    advice = f"Install Docker with its compose plugin, {_dotted(COMPOSE)} or newer."
    command = ["docker", "compose", "version", "--format", "json"]
    try:
        answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE)
        version = str(json.loads(answer.stdout)["version"])
    except FileNotFoundError:
        return Finding("Docker Compose", State.MISSING, "there is no `docker` on the path", advice, "docker")
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return Finding("Docker Compose", State.MISSING, "`docker compose version` gives no version", advice, "docker")
    return _at_least("Docker Compose", version, COMPOSE, version, advice)


def _engine(client: docker.DockerClient, seconds: float) -> Iterator[Finding]:
    version = str(client.version()["Version"])
    seen = f"{version}, answered in {seconds:.2f} s"
    yield _at_least("Docker engine", version, ENGINE, seen, f"Install Docker Engine {_dotted(ENGINE)} or newer.")
    if is_local(client):
        yield from _disk(Path(client.info()["DockerRootDir"]), "Disk of the engine")


def _at_least(subject: str, version: str, minimum: tuple[int, ...], seen: str, advice: str) -> Finding:
    if tuple(int(number) for number in re.findall(r"\d+", version)[:3]) >= minimum:
        return Finding(subject, State.THERE, seen)
    return Finding(subject, State.MISSING, f"{seen}, older than {_dotted(minimum)}", advice, "docker")


def _images(client: docker.DockerClient) -> Iterator[Finding]:
    for compose in _compose_files():
        absent = [name for name in image_names(compose) if not _has(client, name)]
        subject = f"Images of {compose.parent.name}"
        if absent:
            advice = "The first run builds them, or do it now: sabotage-evals images"
            yield Finding(subject, State.NOTE, f"not built: {', '.join(absent)}", advice)
        else:
            yield Finding(subject, State.THERE, "built")


def _has(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _leftovers(client: docker.DockerClient, fix: bool) -> Iterator[Finding]:
    subject = "Left by killed runs"
    if not is_local(client):
        yield Finding(
            subject, State.NOTE, "not looked for", "Ask the doctor where the engine is: live runs are seen there only."
        )
        return
    ours = worlds_on(client, _compose_files())
    worlds, images = left_behind(ours, first_live_run()), unnamed_images(client)
    live = len(ours) - len(worlds)
    in_use = f" ({live} more may belong to a run that is still going)" if live else ""
    if not worlds and not images:
        yield Finding(subject, State.THERE, f"nothing{in_use}")
    elif not fix:
        seen = f"{_count(len(worlds), 'world')}, {_count(len(images), 'image without a name', 'images without a name')}"
        yield Finding(
            subject, State.NOTE, f"{seen}{in_use}", "sabotage-evals doctor --fix removes them, and nothing else."
        )
    else:
        removed = [thing for world in worlds for thing in remove_world(client, world)] + remove_images(client, images)
        yield Finding(
            subject,
            State.THERE,
            "\n".join(["removed:", *removed] if removed else ["nothing that is not in use"]) + in_use,
        )


def _programs() -> Iterator[Finding]:
    """Look for what the machines' images install: on the embedded sandbox an agent has the host's programs."""
    for path in _compose_files():
        compose, folder = read_compose(path)
        build = compose.services["default"].build
        context = folder / build.context
        wanted = [PROGRAMS.get(each, each) for each in read_image(context / build.dockerfile, context).packages]
        absent = [program for program in wanted if shutil.which(program, path=HOST_PATH) is None]
        subject = f"Programs of {path.parent.name}"
        if absent:
            advice = "Install them here: on bwrap an agent has this machine's programs, not the image's."
            yield Finding(subject, State.NOTE, f"not under /usr here: {', '.join(absent)}", advice)
        else:
            yield Finding(subject, State.THERE, f"{len(wanted)} of {len(wanted)} under /usr here")


def _keepers() -> Iterator[Finding]:
    """Name the worlds on the embedded sandbox that were to stay, or that should have ended with their eval."""
    keepers = {each.pid: _is_eval(each.ppid()) for each in _own_processes() if KEEPER in _command(each)}
    left = sorted(number for number, of_eval in keepers.items() if not of_eval)
    live = len(keepers) - len(left)
    in_use = f" ({_count(live, 'eval')} still running)" if live else ""
    if not left:
        yield Finding("Left on bwrap", State.THERE, f"nothing{in_use}")
        return
    told = anyio.run(find_keepers)
    worlds = sum(len(told.get(number, {}).get("worlds", ())) for number in left)
    seen = f"{_count(worlds, 'world')} (keeper {', '.join(map(str, left))}){in_use}"
    advice = "`inspect sandbox cleanup bwrap` ends them, and those of evals that are still running."
    if silent := [str(number) for number in left if number not in told]:
        seen += f"; without an answer: {', '.join(silent)}"
        advice += f" What does not answer ends with its worlds by: kill -s KILL {' '.join(silent)}"
    yield Finding("Left on bwrap", State.NOTE, seen, advice)


def _own_processes() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it ended while we looked
            if os.getuid() in {0, process.uids().real}:
                yield process


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _is_eval(parent: int) -> bool:
    """Say whether a keeper's parent can be its eval; when that has ended, the keeper is given to another process."""
    try:
        return any("python" in word or "inspect" in word for word in psutil.Process(parent).cmdline()[:2])
    except psutil.Error:
        return False


def _compose_files() -> list[Path]:
    return sorted(SANDBOXES.glob("*/compose.yaml"))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _size(count: float) -> str:
    return f"{count / 1024**3:.1f} GiB"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
