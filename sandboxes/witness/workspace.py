"""Keep every version of what the agent works on, and tell in the end what its workspace has become.

The office is the socket on which the suite configures the witness and collects the record; it lies on a volume that no
other service mounts. The agent has nothing to speak to here: all that is known of it, it wrote on its own volumes.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

import files
import inotify

OFFICE: Final = "/srv/office.sock"
JOURNAL: Final = "/srv/journal.jsonl"
VOLUMES: Final = {
    "/home/worker": "/evidence/home",
    "/tmp": "/evidence/tmp",
    "/var/tmp": "/evidence/vartmp",
    "/dev/shm": "/evidence/shm",
}
LOOK_EVERY: Final = 0.5
"""Seconds between looks of its own; changes that the kernel reports are looked at when they come."""
MAX_VERSIONS: Final = 40
"""Versions that are kept in all: the first half and the latest half, so that a flood of them hides neither end."""
MAX_VERSION: Final = 64 * 2**10
"""Bytes of one version that are kept; of a longer one only the hash is."""
MAX_VERSIONS_TOTAL: Final = 2 * 2**20
MAX_WORKSPACE: Final = 8 * 2**20
"""Bytes of the workspace's texts as they stand in the answer."""
MAX_WORKSPACE_FILE: Final = 4 * 2**20
MAX_WORKSPACE_FILES: Final = 500
JOURNAL_LIMIT: Final = 1000
"""Entries after which nothing more is written but that it is full."""
NOT_READ: Final = frozenset({".git", "__pycache__"})
"""Folders of the workspace whose texts nobody asks for; the manifest lists them all the same."""
COMPLETE: Final = inotify.CLOSE_WRITE | inotify.MOVED | inotify.DELETE
"""Changes that are over when they are reported. A file that was only created is still being written."""


class Journal:
    """What the witness saw, in order; only the witness writes it."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._file = Path(JOURNAL).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115  # open as long as we live

    def write(self, kind: str, **facts: Any) -> None:
        """Add one entry with the time of now."""
        if len(self.entries) > JOURNAL_LIMIT:
            return
        if len(self.entries) == JOURNAL_LIMIT:
            kind, facts = "journal_full", {}
        self.entries.append({"time": time.time(), "kind": kind, **facts})
        self._file.write(json.dumps(self.entries[-1]) + "\n")


def _cost(text: str) -> int:
    """Return how many bytes a text takes in the answer, where a control character is six."""
    return len(json.dumps(text))


def _decoded(content: bytes) -> str | None:
    with contextlib.suppress(UnicodeDecodeError):
        return None if b"\0" in content else content.decode("utf-8")
    return None


def open_folder(root: int, parts: tuple[str, ...]) -> int | None:
    """Open a folder below an open one without following any link; None where there is none."""
    folder = os.dup(root)
    for part in parts:
        try:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        except OSError:
            return None
        finally:
            os.close(folder)
        folder = inner
    return folder


class Deliverables:
    """The files that the agent was asked for: every version of each, as long as there is room."""

    def __init__(self, repository: str, names: list[str], journal: Journal) -> None:
        self.versions: list[dict[str, Any]] = []
        self.lost_events = False
        self._journal = journal
        volume, inside = _volume_of(repository)
        self._volume = os.open(volume, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._names = {name: (*inside, *name.split("/")) for name in names}
        self._watcher = inotify.Watcher()
        self._watched: dict[str, int] = {}
        self._stamps: dict[str, object] = dict.fromkeys(names)
        self._read: dict[str, object] = dict.fromkeys(names)
        self._hashes: dict[str, str | None] = dict.fromkeys(names)
        self.look(settled=True)
        self.watching = self._watcher.available and -1 not in self._watched.values()

    @property
    def descriptor(self) -> int:
        """The descriptor that becomes readable when something happens to the files or their folders."""
        return self._watcher.descriptor

    def take_events(self) -> None:
        """Take the events that have come, and look at the files where one is over."""
        events = self._watcher.read()
        self.lost_events |= any(event.kinds & inotify.OVERFLOW for event in events)
        if any(event.kinds & (COMPLETE | inotify.CREATE) for event in events):
            self.look(settled=any(event.kinds & COMPLETE for event in events))

    def look(self, *, settled: bool = False) -> None:
        """Read what has changed since the last look.

        Args:
            settled: Whether a change is known to be complete. If not, a file is read once it has stayed the same for
                the time between two looks.
        """
        for name, parts in self._names.items():
            for depth in range(len(parts)):
                self._watch(parts[:depth])
            folder = open_folder(self._volume, parts[:-1])
            if folder is None:
                self._now(name, None)
                continue
            try:
                self._look_at(name, folder, parts[-1], settled=settled)
            finally:
                os.close(folder)

    def _watch(self, parts: tuple[str, ...]) -> None:
        """Watch a folder; again on every look, since one that was replaced has the same name and no watch."""
        folder = open_folder(self._volume, parts)
        if folder is not None:
            self._watched["/".join(parts)] = self._watcher.watch(f"/proc/self/fd/{folder}")
            os.close(folder)

    def _look_at(self, name: str, folder: int, inner: str, *, settled: bool) -> None:
        try:
            status = os.stat(inner, dir_fd=folder, follow_symlinks=False)
        except OSError:
            self._stamps[name] = self._read[name] = None
            self._now(name, None)
            return
        stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        same, self._stamps[name] = self._stamps[name] == stamp, stamp
        if (settled or same) and self._read[name] != stamp:
            self._read[name] = stamp
            content = files.read_regular(inner, folder, files.MAX_HASHED)
            self._now(name, b"" if content is None else content, regular=content is not None)

    def _now(self, name: str, content: bytes | None, *, regular: bool = True) -> None:
        digest = None if content is None else hashlib.sha256(content).hexdigest() if regular else "no file"
        if digest == self._hashes[name]:
            return
        before, self._hashes[name] = self._hashes[name], digest
        if content is None:
            self._journal.write("gone", path=name, before=before)
        elif not regular:
            self._journal.write("no_file", path=name, before=before)
        else:
            known = any(version["path"] == name and version["sha256"] == digest for version in self.versions)
            text = _decoded(content) if len(content) <= MAX_VERSION else None
            self._journal.write("version", path=name, sha256=digest, size=len(content), known=known)
            if text is not None and not known:
                self._keep({"path": name, "time": time.time(), "sha256": digest, "text": text})

    def _keep(self, version: dict[str, Any]) -> None:
        self.versions.append(version)
        while len(self.versions) > MAX_VERSIONS or sum(_cost(v["text"]) for v in self.versions) > MAX_VERSIONS_TOTAL:
            dropped = self.versions.pop(len(self.versions) // 2)
            self._journal.write("dropped", path=dropped["path"], sha256=dropped["sha256"])


def _volume_of(path: str) -> tuple[str, tuple[str, ...]]:
    """Return where the witness sees the volume of a path of the machine, and the folders from there to the path."""
    for at, seen in VOLUMES.items():
        if path.startswith(f"{at}/"):
            return seen, tuple(path[len(at) + 1 :].split("/"))
    raise ValueError(f"{path} lies on no volume that the witness reads: {', '.join(VOLUMES)}")


class Workspace:
    """The texts of the repository as they are in the end."""

    def __init__(self, repository: str, first: list[str]) -> None:
        self._repository = repository
        self._first = first
        """Names that come before all others where there is not room for all."""
        self.texts: dict[str, str] = {}
        self.errors: list[str] = []

    def read(self, manifest: files.Manifest, before: files.Manifest) -> None:
        """Read all texts that the manifest lists: what was asked for, then what was there before, then the rest."""
        prefix = f"{self._repository}/"
        found = {path[len(prefix) :]: entry for path, entry in manifest.entries.items() if path.startswith(prefix)}
        wanted = [name for name in found if not NOT_READ & set(name.split("/"))]
        wanted.sort(key=lambda name: (name not in self._first, prefix + name not in before.entries, found[name].size))
        left = MAX_WORKSPACE
        volume, inside = _volume_of(self._repository)
        outside = os.open(volume, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        root = open_folder(outside, inside)
        os.close(outside)
        if root is None:
            self.errors.append(f"{self._repository}: is no folder any more")
            return
        try:
            for name in wanted:
                if found[name].kind == "folder":
                    continue
                text = self._text(root, name, found[name]) if len(self.texts) < MAX_WORKSPACE_FILES else None
                if text is None or _cost(text) > left:
                    self.errors.append(f"{name}: not kept ({found[name].kind}, {found[name].size} bytes)")
                    continue
                left -= _cost(text)
                self.texts[name] = text
        finally:
            os.close(root)

    @staticmethod
    def _text(root: int, name: str, entry: files.Entry) -> str | None:
        if entry.kind != "file" or entry.size > MAX_WORKSPACE_FILE:
            return None
        *parts, inner = name.split("/")
        folder = open_folder(root, tuple(parts))
        if folder is None:
            return None
        try:
            content = files.read_regular(inner, folder, MAX_WORKSPACE_FILE)
        finally:
            os.close(folder)
        return None if content is None else _decoded(content)


class Watch:
    """One run: what the volumes were at its start, and what has happened since."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.repository = str(config["repository"]).rstrip("/")
        self.journal = Journal()
        self.before = files.take_manifest(VOLUMES)
        self._names = list(config["deliverables"])
        self.deliverables = Deliverables(self.repository, self._names, self.journal)
        self.journal.write("started", watching=self.deliverables.watching)
        loop = asyncio.get_running_loop()
        if self.deliverables.watching:
            loop.add_reader(self.deliverables.descriptor, self.deliverables.take_events)
        self._looking = loop.create_task(self._look_for_ever())

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.deliverables.look()

    def status(self) -> dict[str, Any]:
        """Return how far the run is."""
        return {"time": time.time(), "versions": len(self.deliverables.versions)}

    def collect(self) -> dict[str, Any]:
        """Return the whole record."""
        self.deliverables.look(settled=True)
        after = files.take_manifest(VOLUMES)
        workspace = Workspace(self.repository, self._names)
        workspace.read(after, self.before)
        return {
            "time": time.time(),
            "host": os.uname().nodename,
            "journal": self.journal.entries,
            "watching": self.deliverables.watching,
            "lost_events": self.deliverables.lost_events,
            "before": self.before.document(),
            "after": after.document(),
            "changes": files.changes_between(self.before, after),
            "versions": self.deliverables.versions,
            "workspace": workspace.texts,
            "workspace_errors": workspace.errors[:50],
        }


class Witness:
    """Waits for its configuration on the office socket, then watches."""

    def __init__(self) -> None:
        self.watch: Watch | None = None

    async def office(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the suite: configure, status, collect."""
        request = json.loads(await reader.readline())
        try:
            answer = self._office_answer(request)
        except Exception as error:  # the suite must read the reason, whatever it is; it raises there
            answer = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(answer, indent=1).encode())
        writer.write_eof()
        await writer.drain()
        writer.close()

    def _office_answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["ask"] == "configure":
            self.watch = Watch(request["config"])
            return {"time": time.time()}
        if self.watch is None:
            return {"error": "the witness was never configured"}
        return self.watch.status() if request["ask"] == "status" else self.watch.collect()


async def main() -> None:
    """Open the office, and serve for ever."""
    witness = Witness()
    office = await asyncio.start_unix_server(witness.office, OFFICE, limit=2**20)
    async with office:
        await office.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
