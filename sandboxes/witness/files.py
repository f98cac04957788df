"""Read volumes that a hostile user has written: no links, no devices, no blocking, and caps on everything."""

import contextlib
import difflib
import hashlib
import itertools
import os
import stat
from dataclasses import asdict, dataclass, field
from typing import Any, Final

MAX_DEPTH: Final = 16
MAX_FILES: Final = 2000
MAX_NAME: Final = 200
MAX_HASHED: Final = 8 * 2**20
"""Bytes of one file that are hashed; a larger file is listed without a hash."""
MAX_HASHED_TOTAL: Final = 128 * 2**20
MAX_TEXT: Final = 16 * 2**10
"""Bytes of one text file that are kept for the diff."""
MAX_TEXT_TOTAL: Final = 512 * 2**10
MAX_DIFF: Final = 12_000
MAX_DIFFS_TOTAL: Final = 120_000


def plain(name: str) -> str:
    """Return a name as printable text of bounded length."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if len(text) <= MAX_NAME else text[:MAX_NAME] + "…"


def _kind(mode: int) -> str:
    for test, kind in ((stat.S_ISREG, "file"), (stat.S_ISLNK, "link"), (stat.S_ISDIR, "folder")):
        if test(mode):
            return kind
    return "other"


def read_regular(name: str, folder: int, limit: int) -> bytes | None:
    """Return at most `limit` bytes of a regular file in an open folder; None for anything else."""
    try:
        descriptor = os.open(
            name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, dir_fd=folder
        )
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        parts = []
        while limit > 0 and (part := os.read(descriptor, min(limit, 2**20))):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _text(content: bytes) -> str | None:
    if len(content) > MAX_TEXT or b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


@dataclass
class Entry:
    """One file of a volume as the manifest lists it."""

    path: str
    kind: str
    size: int
    mode: str
    modified: float
    sha256: str | None = None
    target: str | None = None


@dataclass
class Manifest:
    """All files of the writable volumes, with what could not be read said in `errors`."""

    entries: dict[str, Entry] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    bytes_total: int = 0
    _hashed: int = 0
    _kept: int = 0

    def document(self) -> dict[str, Any]:
        """Return the manifest as plain JSON values."""
        return {
            "entries": [asdict(entry) for _, entry in sorted(self.entries.items())],
            "errors": self.errors[:50],
            "bytes_total": self.bytes_total,
        }

    def _unlike_others(self, path: str) -> str:
        """Return a path under which nothing is listed yet: names that are shown alike are told apart by a number."""
        number = 2
        unlike = path
        while unlike in self.entries:
            unlike = f"{path} ({number})"
            number += 1
        return unlike

    def _add(self, path: str, name: str, folder: int, status: os.stat_result) -> None:
        kind = _kind(status.st_mode)
        entry = Entry(path, kind, status.st_size, oct(stat.S_IMODE(status.st_mode)), round(status.st_mtime, 3))
        self.bytes_total += status.st_blocks * 512
        if kind == "link":
            try:
                entry.target = plain(os.readlink(name, dir_fd=folder))
            except OSError:
                self.errors.append(f"{path}: the link could not be read")
        elif kind == "file":
            stored = min(status.st_size, status.st_blocks * 512 or status.st_size)
            if status.st_size <= MAX_HASHED and self._hashed + stored <= MAX_HASHED_TOTAL:
                content = read_regular(name, folder, MAX_HASHED)
                if content is None:
                    self.errors.append(f"{path}: could not be read")
                else:
                    self._hashed += len(content)
                    entry.sha256 = hashlib.sha256(content).hexdigest()
                    text = _text(content)
                    if text is not None and self._kept + len(content) <= MAX_TEXT_TOTAL:
                        self._kept += len(content)
                        self.texts[path] = text
            else:
                self.errors.append(f"{path}: too large to be hashed ({status.st_size} bytes)")
        self.entries[path] = entry

    def walk(self, shown: str, folder: int, depth: int = 0) -> None:
        """Add everything below an open folder, whose path on the machine is `shown`."""
        if depth > MAX_DEPTH:
            self.errors.append(f"{shown}: deeper than {MAX_DEPTH} folders, not read")
            return
        try:
            with os.scandir(folder) as listing:
                names = sorted(entry.name for entry in itertools.islice(listing, MAX_FILES + 1))
        except OSError as error:
            self.errors.append(f"{shown}: {error.strerror}")
            return
        for name in names:
            if len(self.entries) >= MAX_FILES:
                self.errors.append(f"{shown}: more than {MAX_FILES} files, the rest is not listed")
                return
            path = self._unlike_others(f"{shown}/{plain(name)}")
            try:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except OSError as error:
                self.errors.append(f"{path}: {error.strerror}")
                continue
            self._add(path, name, folder, status)
            if stat.S_ISDIR(status.st_mode):
                try:
                    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                except OSError as error:
                    self.errors.append(f"{path}: {error.strerror}")
                    continue
                try:
                    self.walk(path, inner, depth + 1)
                finally:
                    os.close(inner)


def take_manifest(volumes: dict[str, str]) -> Manifest:
    """List all writable volumes; `volumes` maps a path on the machine to where the witness sees it."""
    manifest = Manifest()
    for shown, seen in volumes.items():
        try:
            folder = os.open(seen, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            manifest.errors.append(f"{shown}: {error.strerror}")
            continue
        try:
            manifest.walk(shown, folder)
        finally:
            os.close(folder)
    return manifest


def changes_between(before: Manifest, after: Manifest) -> list[dict[str, Any]]:
    """Return what was added, removed or changed, with a diff where both sides are small texts."""
    changes: list[dict[str, Any]] = []
    left = MAX_DIFFS_TOTAL
    for path in sorted(before.entries.keys() | after.entries.keys()):
        old, new = before.entries.get(path), after.entries.get(path)
        if (
            old
            and new
            and (old.kind, old.size, old.mode, old.sha256, old.target)
            == (
                new.kind,
                new.size,
                new.mode,
                new.sha256,
                new.target,
            )
        ):
            continue
        how = "added" if old is None else "removed" if new is None else "changed"
        was, now = before.texts.get(path, ""), after.texts.get(path, "")
        lines = difflib.unified_diff(was.splitlines(), now.splitlines(), "before", "after", lineterm="", n=1)
        diff = "\n".join(lines)[: min(MAX_DIFF, left)]
        left -= len(diff)
        changes.append({"path": path, "how": how, "diff": diff})
    return changes


def file_state(name: str, folder: int, known: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what a file of the mechanism is now; None where it is gone.

    The content is read only when the file's inode, size or times differ from the state `known`, so that the
    witness's own reading seldom shows among the opens that it watches for.
    """
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    state: dict[str, Any] = {
        "kind": _kind(status.st_mode),
        "inode": status.st_ino,
        "mode": oct(stat.S_IMODE(status.st_mode)),
        "uid": status.st_uid,
        "size": status.st_size,
        "modified": status.st_mtime,
        "changed": status.st_ctime,
    }
    if known and all(known.get(key) == value for key, value in state.items()):
        return known
    state["sha256"] = state["text"] = state["target"] = None
    if state["kind"] == "link":
        with contextlib.suppress(OSError):
            state["target"] = plain(os.readlink(name, dir_fd=folder))
    elif state["kind"] == "file":
        content = read_regular(name, folder, MAX_HASHED)
        if content is not None:
            state["sha256"] = hashlib.sha256(content).hexdigest()
            state["text"] = _text(content)
    return state
