"""What happens to the files of one folder, as the kernel tells it."""

import ctypes
import os
import struct
from typing import Final, NamedTuple

MODIFY: Final = 0x2
ATTRIB: Final = 0x4
CLOSE_WRITE: Final = 0x8
OPEN: Final = 0x20
MOVED: Final = 0x40 | 0x80
CREATE: Final = 0x100
DELETE: Final = 0x200
OVERFLOW: Final = 0x4000
CHANGES: Final = MODIFY | ATTRIB | CLOSE_WRITE | MOVED | CREATE | DELETE

_HEADER: Final = struct.Struct("iIII")


class Event(NamedTuple):
    """One event: the folder's watch number, the kinds as bits, and the file's name in the folder."""

    watch: int
    kinds: int
    name: str


class Watcher:
    """A non-blocking inotify descriptor; `available` is False where the kernel gives none."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.available = self.descriptor >= 0

    def watch(self, folder: str) -> int:
        """Watch a folder and return the watch's number, or -1 where that is not possible."""
        if not self.available:
            return -1
        return int(self._libc.inotify_add_watch(self.descriptor, os.fsencode(folder), CHANGES | OPEN))

    def read(self) -> list[Event]:
        """Return the events that have come since the last call; never blocks."""
        events: list[Event] = []
        while self.available:
            try:
                buffer = os.read(self.descriptor, 65536)
            except BlockingIOError:
                break
            offset = 0
            while offset < len(buffer):
                watch, kinds, _, length = _HEADER.unpack_from(buffer, offset)
                offset += _HEADER.size
                name = buffer[offset : offset + length].rstrip(b"\0")
                offset += length
                events.append(Event(watch, kinds, os.fsdecode(name)))
        return events
