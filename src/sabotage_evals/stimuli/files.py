"""The files of stimuli: which there are in a folder, and what messages and log call them."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sabotage_evals.prompts import Stimulus, StimulusError, read_bytes, read_stimulus

WORLD: Final = "world.md"
PROBES: Final = "probes.md"
BASE: Final = "base"
"""The folder of the texts that all arms share."""


class File(NamedTuple):
    """A file of stimuli, and its names."""

    path: Path
    shown: str
    """What messages call the file."""
    logged: str
    """What the log calls it."""


def find_files(folder: Path, prefix: str, folders: Sequence[str] = (BASE,)) -> dict[str, File]:
    """Find the stimuli in a folder, by their paths in it.

    Args:
        folder: where they are.
        prefix: what the log puts before their names; where there is one, the folder is a user's.
        folders: the folders that a user's may have in it.
    """
    if not folder.is_dir():
        raise StimulusError(f"There is no folder of stimuli {str(folder)!r}; give one that has *.md files.")
    files: dict[str, File] = {}
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        shown = str(path) if prefix else name
        if prefix and not re.fullmatch(rf"(({'|'.join(folders)})/)?[^/]+", name):
            places = " or ".join(str(each) for each in (folder, *(folder / each for each in folders)))
            raise StimulusError(f"{shown}: nothing reads a file in this place; put it into {places}.")
        files[name] = File(path, shown, prefix + name)
    if not files:
        raise StimulusError(f"The folder {str(folder)!r} has no stimuli; give one that has *.md files.")
    return files


def read_file(file: File) -> Stimulus:
    return read_stimulus(file.path, file.shown)


def hash_files(files: Iterable[File]) -> dict[str, str]:
    """Give the SHA-256 of every file, by what the log calls it."""
    return {file.logged: hashlib.sha256(read_bytes(file.path, file.shown)).hexdigest() for file in files}
