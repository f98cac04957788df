"""`docs/sandboxes.md` says what the worlds are: mounts and bounds, name for name."""

from typing import Any, Final

import pytest
import yaml

from .reading import PACKAGE, WORLD, constants, names, rows

DOCUMENT: Final = "sandboxes.md"


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((WORLD / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return services


def mounts(service: str) -> dict[str, str]:
    """Return where a service mounts its volumes, with `ro` for those that it only reads."""
    parts = [volume.split(":") for volume in compose()[service]["volumes"]]
    return {place: "".join(mode) for _, place, *mode in parts}


def test_every_mount_of_the_machine_is_told() -> None:
    told = {names(row[0])[0]: row[1] for row in rows(DOCUMENT, "What lies where") if row[0].startswith("`/")}
    told = {place: how for place, how in told.items() if how != "not mounted"}
    assert set(told) == set(mounts("default"))


def test_every_place_that_the_witness_reads_is_told() -> None:
    told = {names(row[2])[0] for row in rows(DOCUMENT, "What lies where") if names(row[2])}
    assert told == {place for place, mode in mounts("witness").items() if mode == "ro"}


def test_every_wall_of_the_compose_file_is_told() -> None:
    told = {name for row in rows(DOCUMENT, "The walls") for name in names(row[0])}
    walls = {"network_mode", "read_only", "mem_limit", "pids_limit", "cpus", "init"} & set(compose()["default"])
    assert walls <= {name.split(":")[0] for name in told}
    assert set(compose()["witness"]["cap_add"]) <= told


@pytest.mark.parametrize(
    ("name", "file", "value"), [row[:3] for row in rows(DOCUMENT, "What it costs an agent to blind it")]
)
def test_bounds_are_those_of_the_code(name: str, file: str, value: str) -> None:
    place = file.strip("`")
    path = next(room / place for room in (WORLD, WORLD.parent, PACKAGE) if (room / place).is_file())
    assert str(constants(path)[name.strip("`")]) == value
