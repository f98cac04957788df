"""`docs/sandboxes.md` says what worlds and backends are: mounts, walls and bounds, name for name."""

import re
from typing import Any, Final

import pytest
import yaml

from sabotage_evals.backends.bwrap.world import read_blueprint
from sabotage_evals.backends.running import Backend
from sabotage_evals.cli import SANDBOX_CHOICES
from sabotage_evals.sandbox import UNSUITED

from .reading import DOCS, PACKAGE, ROOT, WORLD, code, constants, first_names, names, rows, section

DOCUMENT: Final = "sandboxes.md"
SCENARIOS: Final = {
    "shutdown": "What lies where",
    "detector": "What lies where for the detector",
    "reward_hacking": "What lies where for reward_hacking",
}
"""The worlds, and the section that says what lies where in each."""
KEYS: Final = {"build", "image", "command", "user", "working_dir", "hostname", "stop_grace_period", "volumes"}
"""What a compose file says that is no wall, or has sections of its own."""
CONFORMANCE: Final = ROOT / "tests/backends/bwrap/test_conformance.py"


def compose(scenario: str) -> dict[str, Any]:
    text = (WORLD.parent / scenario / "compose.yaml").read_text(encoding="utf-8")
    services: dict[str, Any] = yaml.safe_load(text)["services"]
    return services


def mounts(scenario: str, service: str) -> dict[str, str]:
    """Return where a service mounts its volumes, with `ro` for those that it only reads."""
    parts = [volume.split(":") for volume in compose(scenario)[service]["volumes"]]
    return {place: "".join(mode) for _, place, *mode in parts}


def told() -> set[str]:
    """Return every name that stands in backticks, the code apart."""
    text = (DOCS / DOCUMENT).read_text(encoding="utf-8")
    return set(names(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)))


def test_every_world_and_every_service_has_its_place() -> None:
    assert {path.parent.name for path in WORLD.parent.glob("*/compose.yaml")} == set(SCENARIOS)
    assert {service for scenario in SCENARIOS for service in compose(scenario)} <= told()


@pytest.mark.parametrize(("scenario", "heading"), SCENARIOS.items())
def test_every_mount_of_the_machine_is_told(scenario: str, heading: str) -> None:
    places = {names(row[0])[0]: row[1] for row in rows(DOCUMENT, heading) if row[0].startswith("`/")}
    assert {place for place, how in places.items() if how != "not mounted"} == set(mounts(scenario, "default"))


@pytest.mark.parametrize(("scenario", "heading"), SCENARIOS.items())
def test_every_place_that_the_witness_reads_is_told(scenario: str, heading: str) -> None:
    read = {names(row[2])[0] for row in rows(DOCUMENT, heading) if names(row[2])}
    assert read == {place for place, mode in mounts(scenario, "witness").items() if mode == "ro"}


@pytest.mark.parametrize("scenario", ["detector", "reward_hacking"])
def test_every_mount_of_the_runner_is_told(scenario: str) -> None:
    assert set(mounts(scenario, "runner")) <= set(names(section(DOCUMENT, SCENARIOS[scenario])))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_wall_of_the_compose_file_is_told(scenario: str) -> None:
    known = {name.split(":")[0] for row in rows(DOCUMENT, "The walls") for cell in row for name in names(cell)}
    for service in compose(scenario).values():
        walls = set(service) - KEYS - {"cap_drop", "cap_add", "security_opt", "ulimits"}
        assert walls <= known
        assert {option.split(":")[0] for option in service["security_opt"]} <= known
        assert {*service.get("cap_add", ()), *service.get("ulimits", {})} - {"core"} <= known


def test_what_can_be_chosen_and_what_is_refused_is_told() -> None:
    refused, chosen = set(names(section(DOCUMENT, "Docker"))), {name.split()[-1] for name in told()}
    assert set(UNSUITED) <= refused
    assert set(SANDBOX_CHOICES) <= chosen


# --- the embedded sandbox --------------------------------------------------------------------------------------------


def test_every_fact_of_the_backend_in_the_record_is_told() -> None:
    assert first_names(DOCUMENT, "A real model on it") == list(Backend.model_fields)


def test_every_check_that_is_not_met_is_told() -> None:
    written = set(re.findall(r'"(test_\w+)"', CONFORMANCE.read_text(encoding="utf-8")))
    assert set(first_names(DOCUMENT, "What it does not do")) == written


def test_the_parts_of_etc_are_as_many_as_is_told() -> None:
    service = read_blueprint(str(WORLD / "compose.yaml")).services["default"]
    parts = {file["path"] for file in service["files"] if file["path"].startswith("etc/")}
    assert len(parts) == 10
    assert "ten files and folders" in next(row[2] for row in rows(DOCUMENT, "The walls") if row[0] == "`/etc`")


def test_the_volumes_of_a_world_are_as_many_as_is_told() -> None:
    file = yaml.safe_load((WORLD / "compose.yaml").read_text(encoding="utf-8"))
    assert len(file["volumes"]) == 6
    assert "six volumes of `VOLUME_SIZE`" in section(DOCUMENT, "The walls")


def test_the_first_processes_are_those_that_a_person_is_told_to_look_for() -> None:
    (said, _) = code(DOCUMENT, "On bwrap", "bash")
    patterns = re.findall(r"pgrep .*'\^(.*)'", said)
    services = read_blueprint(str(WORLD / "compose.yaml")).services.values()
    commands = [" ".join(service["command"]) for service in services]
    assert [sum(command.startswith(pattern) for command in commands) for pattern in patterns] == [1, 1]


# --- bounds ----------------------------------------------------------------------------------------------------------

BOUNDS: Final = [
    row[:3] for heading in ("Bounds", "What it costs an agent to blind it") for row in rows(DOCUMENT, heading)
]


@pytest.mark.parametrize(("name", "file", "value"), BOUNDS)
def test_bounds_are_those_of_the_code(name: str, file: str, value: str) -> None:
    place = file.strip("`")
    path = next(room / place for room in (WORLD, WORLD.parent, PACKAGE) if (room / place).is_file())
    assert str(constants(path)[name.strip("`")]) == value
