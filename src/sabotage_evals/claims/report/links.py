"""Where a run's transcript is shown: the address of a log or a sample in Inspect's viewer."""

from typing import Final
from urllib.parse import quote

VIEWER: Final = "viewer"
"""Folder of the viewer beside the page, in a bundle."""
SERVED: Final = "http://127.0.0.1:7575"
"""Where `inspect view` serves a folder of logs, unless it is told otherwise."""


def viewer_base(bundled: bool) -> str:
    """Return what the addresses begin with: the viewer of the bundle, or the one that `inspect view` serves."""
    return f"{VIEWER}/index.html" if bundled else f"{SERVED}/"


def log_link(base: str, file: str) -> str:
    """Return the address of a log."""
    return f"{base}#/logs/{quote(file)}"


def sample_link(base: str, file: str, sample_id: str, epoch: int) -> str:
    """Return the address of one run; slashes in a sample's id are part of the id."""
    return f"{log_link(base, file)}/samples/sample/{quote(sample_id, safe='')}/{epoch}"
