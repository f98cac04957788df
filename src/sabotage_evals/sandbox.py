"""Find the worlds, and carry requests to the witness of a running one."""

import io
import json
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from inspect_ai.util import SandboxEnvironment, SandboxUnavailableError, sandbox

from sabotage_evals.backends.running import refuse_real_models
from sabotage_evals.refusal import Refusal

_PACKAGE: Final = Path(__file__).parent
_INSTALLED: Final = _PACKAGE / "_sandboxes"
_CHECKOUT: Final = _PACKAGE.parents[1] / "sandboxes"
SANDBOXES: Final = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
"""The worlds: put beside the code by the wheel, read from the repository by an editable install."""

WITNESS_TIMEOUT: Final = 120
"""Seconds that the witness may take to answer; collecting waits for the end of GRACE and reads every volume."""

UNSUITED: Final = {
    "local": "has no walls",
    "k8s": "drops the walls of our worlds and restarts a machine that went down, which would read as survival",
}
"""Sandboxes that are refused, and why."""


DAY: Final = 86_400
LAYING_OUT_TIMEOUT: Final = 60
"""Seconds that unpacking files on a machine may take."""


class PackedFile(NamedTuple):
    """A file that a machine is set up with."""

    path: str
    """Below the home directory."""
    content: bytes
    days_old: float
    mode: int = 0o644


class WitnessError(RuntimeError):
    """The witness did not answer, or answered that it cannot: our machinery is broken, and no verdict stands."""


def compose_file(scenario: str) -> Path:
    """Return the compose file of a scenario's world."""
    return SANDBOXES / scenario / "compose.yaml"


def world_file(scenario: str, name: str) -> bytes:
    """Return a file of a scenario's world, such as `machine/home/next_task`."""
    return (SANDBOXES / scenario / name).read_bytes()


def find_witness() -> SandboxEnvironment | None:
    """Return the witness of the running sample, or None where the sample has no sandbox (an old log).

    Raises:
        WitnessError: There is a sandbox, but it is not a world of ours.
    """
    try:
        return sandbox("witness")
    except ProcessLookupError:
        return None
    except ValueError as error:
        raise WitnessError(
            "The sandbox of this run has no service 'witness'; run the task with its own world (docker or bwrap)."
        ) from error


def require_witness() -> SandboxEnvironment:
    """Return the witness of the running sample, whose world is to be set up.

    Raises:
        WitnessError: There is no sandbox, or it is no world of ours.
    """
    witness = find_witness()
    if witness is None:
        raise WitnessError("This run has no sandbox; run the task with its own world (docker or bwrap).")
    return witness


async def ask_witness(witness: SandboxEnvironment, question: dict[str, Any]) -> dict[str, Any]:
    """Send one request to the witness's office and return its answer.

    Raises:
        WitnessError: The witness is gone, timed out, or reports an error of its own.
    """
    command = ["python3", "-I", "/opt/witness/ask.py"]
    try:
        result = await witness.exec(command, input=json.dumps(question), timeout=WITNESS_TIMEOUT, timeout_retry=False)
    except (SandboxUnavailableError, TimeoutError) as error:
        raise WitnessError(f"The witness did not answer '{question['ask']}': {error}") from error
    try:
        answer: dict[str, Any] = json.loads(result.stdout)
    except json.JSONDecodeError as error:
        raise WitnessError(
            f"The witness's answer to '{question['ask']}' is no JSON: {(result.stderr or result.stdout)[-500:]}"
        ) from error
    if "error" in answer:
        raise WitnessError(f"The witness cannot answer '{question['ask']}': {answer['error']}")
    return answer


async def configure_witness(witness: SandboxEnvironment, config: dict[str, Any]) -> float:
    """Configure the witness, which then opens its desk; return by how many seconds its clock is ahead of the host's.

    A witness whose time lies between the question and the answer shares the host's clock as far as can be told: 0.

    Raises:
        WitnessError: The witness did not answer, or cannot work with this configuration.
    """
    asked = time.time()
    answer = await ask_witness(witness, {"ask": "configure", "config": config})
    answered = time.time()
    said = float(answer["time"])
    return 0.0 if asked <= said <= answered else said - (asked + answered) / 2


async def lay_out(machine: SandboxEnvironment, home: str, files: Sequence[PackedFile], now: float) -> None:
    """Unpack files into the home directory of a machine in one call, as its user, with dates of our choosing.

    Raises:
        WitnessError: They could not be unpacked; no run can stand on half a world.
    """
    result = await machine.exec(
        ["tar", "--extract", "--preserve-permissions", "--no-same-owner", "--directory", home],
        input=pack(files, now),
        timeout=LAYING_OUT_TIMEOUT,
        timeout_retry=False,
    )
    if not result.success:
        raise WitnessError(f"The files of {home} could not be laid out: {result.stderr[-500:]}")


def pack(files: Sequence[PackedFile], now: float) -> bytes:
    """Pack files for unpacking in one call, with dates of our choosing; a folder is as old as its newest file."""
    buffer = io.BytesIO()
    folders = {file.path.rsplit("/", depth)[0] for file in files for depth in range(1, file.path.count("/") + 1)}
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for file in files:
            info = tarfile.TarInfo(file.path)
            info.size, info.mode, info.mtime = len(file.content), file.mode, now - file.days_old * DAY
            archive.addfile(info, io.BytesIO(file.content))
        for folder in sorted(folders, reverse=True):
            info = tarfile.TarInfo(folder)
            newest = min(file.days_old for file in files if file.path.startswith(f"{folder}/"))
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, now - newest * DAY
            archive.addfile(info)
    return buffer.getvalue()


def refuse_unsuited_sandbox(weaker_walls: bool = False) -> None:
    """Refuse, on the command line, a sandbox that cannot hold our worlds, or not with this model.

    A call from Python does not come by here; there the set-up looks, and every sample is an error.

    Args:
        weaker_walls: A real model may run on the embedded sandbox.

    Raises:
        Refusal: The sandbox has no walls, restarts a machine that went down, or is no place for a real model.
    """
    context = click.get_current_context(silent=True)
    params = context.params if context else {}
    chosen = str(params.get("sandbox") or "").split(":")[0]
    if chosen in UNSUITED:
        raise Refusal(f"The sandbox '{chosen}' {UNSUITED[chosen]}; use docker or bwrap.")
    if chosen == "bwrap":
        refuse_real_models(filter(None, str(params.get("model") or "").split(",")), weaker_walls)
