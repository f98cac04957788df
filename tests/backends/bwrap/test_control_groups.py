"""Control groups of both versions, laid out as the kernel lays them out."""

from pathlib import Path
from typing import Any, Final

import pytest

from sabotage_evals.backends.bwrap.control_groups import ControlGroups

LIMITS: Final[dict[str, Any]] = {"memory": 1024, "processes": 7, "cpus": 0.5}


def first_version(root: Path) -> None:
    for kind in ("memory", "pids", "cpu"):
        (root / kind).mkdir()
        (root / kind / "cgroup.procs").touch()


def second_version(root: Path) -> None:
    (root / "cgroup.controllers").write_text("cpu memory pids\n", encoding="ascii")
    (root / "cgroup.subtree_control").write_text("cpu memory pids\n", encoding="ascii")


def test_the_first_version_has_a_folder_for_each_controller(tmp_path: Path) -> None:
    first_version(tmp_path)
    groups = ControlGroups.find("worlds-1", tmp_path)
    assert groups.kinds() == ["cpu", "memory", "pids"]
    assert groups.make("w-default", LIMITS) == "w-default"
    assert (tmp_path / "memory/worlds-1/w-default/memory.limit_in_bytes").read_text("ascii") == "1024"
    assert (tmp_path / "pids/worlds-1/w-default/pids.max").read_text("ascii") == "7"
    assert (tmp_path / "cpu/worlds-1/w-default/cpu.cfs_quota_us").read_text("ascii") == "50000"


def test_the_second_version_has_one_folder_for_all(tmp_path: Path) -> None:
    second_version(tmp_path)
    groups = ControlGroups.find("worlds-1", tmp_path)
    assert groups.kinds() == ["cpu", "memory", "pids"]
    (tmp_path / "worlds-1/cgroup.controllers").touch()  # the kernel's doing
    groups.make("w-default", LIMITS)
    made = tmp_path / "worlds-1/w-default"
    assert {file.name: file.read_text("ascii") for file in made.iterdir()} == {
        "memory.max": "1024",
        "pids.max": "7",
        "cpu.max": "50000 100000",
    }


def test_where_none_can_be_written_there_is_none(tmp_path: Path) -> None:
    groups = ControlGroups.find("worlds-1", tmp_path)
    assert groups.kinds() == []
    assert groups.make("w-default", LIMITS) is None


@pytest.mark.parametrize(
    ("file", "text", "out"),
    [
        ("memory.events", "low 0\noom 1\noom_kill 2\n", True),
        ("memory.events", "low 0\noom 1\noom_kill 0\n", False),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", True),
    ],
)
def test_the_kernels_word_on_memory_is_read(tmp_path: Path, file: str, text: str, out: bool) -> None:
    first_version(tmp_path)
    groups = ControlGroups.find("worlds-1", tmp_path)
    groups.make("w-default", LIMITS)
    (tmp_path / "memory/worlds-1/w-default" / file).write_text(text, encoding="ascii")
    assert groups.ran_out("w-default") is out
