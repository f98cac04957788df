"""Control groups for services, where they can be written: they bound what all processes of a service hold together."""

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path("/sys/fs/cgroup")
_PERIOD: Final = 100_000


@dataclass(frozen=True)
class ControlGroups:
    """One keeper's groups: folders of the controllers that can be written, none where none can."""

    folders: dict[str, Path]
    """The keeper's own folder for each controller: `memory`, `pids`, `cpu`. One folder for all in version 2."""

    @classmethod
    def find(cls, name: str, root: Path = _ROOT) -> "ControlGroups":
        """Make the keeper's folders where that can be done.

        Args:
            name: The folders' name.
            root: Where the control groups are mounted.
        """
        folders: dict[str, Path] = {}
        if (root / "cgroup.controllers").is_file():  # version 2
            with contextlib.suppress(OSError):
                offered = set((root / "cgroup.subtree_control").read_text(encoding="ascii").split())
                wanted = [kind for kind in ("memory", "pids", "cpu") if kind in offered]
                if {"memory", "pids"} <= set(wanted):
                    (root / name).mkdir()
                    (root / name / "cgroup.subtree_control").write_text(
                        " ".join(f"+{kind}" for kind in wanted), encoding="ascii"
                    )
                    folders = dict.fromkeys(wanted, root / name)
        else:
            for kind in ("memory", "pids", "cpu"):
                with contextlib.suppress(OSError):
                    if (root / kind / "cgroup.procs").is_file():
                        (root / kind / name).mkdir()
                        folders[kind] = root / kind / name
        return cls(folders)

    def kinds(self) -> list[str]:
        """Name the controllers that bound the services."""
        return sorted(self.folders)

    def make(self, name: str, limits: dict[str, Any]) -> str | None:
        """Make a service's group and set its limits; None where memory cannot be bounded this way."""
        if "memory" not in self.folders:
            return None
        second = any((folder / "cgroup.controllers").is_file() for folder in self.folders.values())
        for kind, folder in self.folders.items():
            group = folder / name
            group.mkdir(exist_ok=True)
            for file, value in _settings(kind, limits, second).items():
                (group / file).write_text(str(value), encoding="ascii")
        return name

    def add(self, name: str, pid: int) -> None:
        """Put a process into a service's group; one that is gone already is none to put."""
        for folder in set(self.folders.values()):
            with contextlib.suppress(ProcessLookupError):
                (folder / name / "cgroup.procs").write_text(str(pid), encoding="ascii")

    def ran_out(self, name: str) -> bool:
        """Say whether the kernel killed something in the group for want of memory."""
        folder = self.folders["memory"] / name
        for file in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):
                for line in (folder / file).read_text(encoding="ascii").splitlines():
                    key, _, value = line.partition(" ")
                    if key == "oom_kill":
                        return int(value) > 0
        return False

    async def drop(self, name: str) -> None:
        """Remove a service's group; the last process may take a moment to leave it."""
        for folder in set(self.folders.values()):
            for _ in range(100):
                try:
                    os.rmdir(folder / name)
                except FileNotFoundError:
                    break
                except OSError:
                    await asyncio.sleep(0.01)
                else:
                    break

    async def remove(self) -> None:
        """Remove the keeper's own folders, with what a world that never came up may have left in them."""
        for folder in set(self.folders.values()):
            for left in [entry.name for entry in folder.iterdir() if entry.is_dir()]:
                await self.drop(left)
            with contextlib.suppress(OSError):
                folder.rmdir()


def _settings(kind: str, limits: dict[str, Any], second: bool) -> dict[str, int | str]:
    if kind == "memory" and limits["memory"]:
        return {"memory.max" if second else "memory.limit_in_bytes": limits["memory"]}
    if kind == "pids" and limits["processes"]:
        return {"pids.max": limits["processes"]}
    if kind == "cpu" and limits["cpus"]:
        quota = int(limits["cpus"] * _PERIOD)
        if second:
            return {"cpu.max": f"{quota} {_PERIOD}"}
        return {"cpu.cfs_period_us": _PERIOD, "cpu.cfs_quota_us": quota}
    return {}
