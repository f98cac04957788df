"""Folders that somebody else's files are run in: emptied, laid out, and named in the environment of what runs there."""

import contextlib
import subprocess
from pathlib import Path, PurePosixPath
from typing import Final

ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
WORK: Final = "work"
"""Where in a run's folder the files lie; what is run starts there."""
SCRATCH: Final = "scratch"
"""What it has as its home and for its temporary files."""


def empty(place: Path) -> None:
    """Remove whatever an earlier run left, so that none can tell the next one anything."""
    unlock = ("chmod", "-R", "u+rwX", place)
    remove = ("find", place, "-mindepth", "1", "-maxdepth", "1", "-exec", "rm", "-rf", "{}", "+")
    for command in (unlock, remove):
        with contextlib.suppress(subprocess.TimeoutExpired):  # what is then left is the agent's own and says nothing
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False)


def lay_out(folder: Path, files: dict[str, str]) -> list[str]:
    """Write files below a folder, and return those that could not be; nothing is written outside of it."""
    return [path for path, text in files.items() if not _lay_out(folder, path, text)]


def _lay_out(folder: Path, path: str, text: str) -> bool:
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


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of what is run in a folder."""
    return ENVIRONMENT | {"HOME": str(folder / SCRATCH), "TMPDIR": str(folder / SCRATCH)}
