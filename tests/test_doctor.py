"""The doctor says what is there, keeps secrets to itself, and removes what it says it removes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker
import psutil
import pytest

from sabotage_evals import doctor
from sabotage_evals.backends.bwrap.compose import read_compose
from sabotage_evals.backends.bwrap.image import read_image
from sabotage_evals.backends.engine import EngineUnavailable
from sabotage_evals.backends.leftovers import World
from sabotage_evals.doctor import COMPOSE, ENGINE, KEEPER, PROGRAMS, Finding, State
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import SANDBOXES, compose_file


@pytest.fixture
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(patience: int) -> docker.DockerClient:
        raise EngineUnavailable("No Docker engine answers at nowhere; start it.")

    monkeypatch.setattr(doctor, "connect", refuse)


@pytest.fixture
def _no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(bwrap: str) -> None:
        raise Refusal("This machine does not let bubblewrap make its namespaces; use docker.")

    monkeypatch.setattr(doctor, "find_bubblewrap", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(doctor, "check_namespaces", refuse)


@pytest.fixture
def _namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_bubblewrap", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(doctor, "check_namespaces", lambda bwrap: None)


def finding(subject: str, findings: list[Finding]) -> Finding:
    (found,) = [each for each in findings if each.subject == subject]
    return found


@pytest.mark.usefixtures("_no_engine", "_no_namespaces")
def test_without_an_engine_and_namespaces_nothing_can_run_and_the_ways_out_are_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert doctor.doctor() == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "No Docker engine answers at nowhere; start it." in said
    assert "does not let bubblewrap make its namespaces; use docker." in said
    assert "cannot run on Docker here yet: Docker engine" in said
    assert "cannot run on bwrap here yet: Namespaces." in said


@pytest.mark.usefixtures("_no_engine", "_namespaces")
def test_without_an_engine_the_embedded_sandbox_is_what_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.doctor() == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Scripted agents can run on bwrap: sabotage-evals demo" in said
    assert "cannot run on Docker here yet: Docker engine" in said
    assert "Numbers that are published need Docker." in said


@pytest.mark.usefixtures("_no_engine", "_namespaces")
def test_what_both_need_keeps_agents_from_running_on_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc/nobody")
    assert doctor.doctor() == 1


def test_a_system_without_bubblewrap_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> str:
        raise Refusal("There is no bubblewrap: install it.")

    monkeypatch.setattr(doctor, "find_bubblewrap", refuse)
    (found,) = doctor._bwrap()
    assert (found.subject, found.state, found.advice) == (
        "bubblewrap",
        State.MISSING,
        "There is no bubblewrap: install it.",
    )


@pytest.mark.usefixtures("_no_engine")
def test_whatever_is_missing_has_a_sentence_on_what_to_do() -> None:
    found = [each for each in doctor.examine() if each.state is not State.THERE]
    assert found
    assert all(each.advice for each in found)


@pytest.mark.usefixtures("_no_engine")
def test_a_key_is_named_and_never_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    doctor.doctor()
    said = capsys.readouterr().out
    assert "OPENAI_API_KEY" in said
    assert "secret" not in said


@pytest.mark.usefixtures("_no_engine")
def test_a_home_that_cannot_be_written_to_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc/nobody")
    assert finding("Home folder", doctor.examine()).state is State.MISSING


@pytest.mark.usefixtures("_no_engine")
def test_a_docker_command_that_is_not_there_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = finding("Docker Compose", doctor.examine())
    assert (found.state, found.seen) == (State.MISSING, "there is no `docker` on the path")


@pytest.mark.parametrize(
    ("version", "minimum", "state"),
    [
        ("26.1.5+dfsg1", ENGINE, State.THERE),
        ("24.0.6", ENGINE, State.THERE),
        ("24.0.5", ENGINE, State.MISSING),
        ("20.10.24+dfsg1", ENGINE, State.MISSING),
        ("v2.21.0", COMPOSE, State.THERE),
        ("2.26.1-4", COMPOSE, State.THERE),
        ("2.9.0", COMPOSE, State.MISSING),
        ("unknown", COMPOSE, State.MISSING),
    ],
)
def test_a_version_is_compared_by_its_numbers(version: str, minimum: tuple[int, ...], state: State) -> None:
    assert doctor._at_least("it", version, minimum, version, "").state is state


def test_little_room_is_a_note_and_not_a_hindrance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("psutil.disk_usage", lambda path: SimpleNamespace(free=1024))
    (found,) = doctor._disk(tmp_path, "Disk")
    assert found.state is State.NOTE
    assert str(tmp_path) in found.advice


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two worlds of ours, of which a live run can have made the second; keeps a list of what is removed."""
    gone: list[str] = []

    def remove(client: Any, world: World) -> list[str]:
        gone.append(world.project)
        return [f"container {world.project}-default-1"]

    monkeypatch.setattr(doctor, "is_local", lambda client: True)
    monkeypatch.setattr(doctor, "worlds_on", lambda client, files: [World("killed", 100.0), World("live", 300.0)])
    monkeypatch.setattr(doctor, "first_live_run", lambda: 200.0)
    monkeypatch.setattr(doctor, "unnamed_images", lambda client: [])
    monkeypatch.setattr(doctor, "remove_world", remove)
    return gone


def test_leftovers_are_counted_and_kept_unless_asked(removed: list[str]) -> None:
    (found,) = doctor._leftovers(docker.DockerClient.__new__(docker.DockerClient), fix=False)
    assert found.state is State.NOTE
    assert found.seen.startswith("1 world, 0 images")
    assert "doctor --fix" in found.advice
    assert removed == []


def test_fix_removes_what_was_killed_and_not_what_may_be_live(removed: list[str]) -> None:
    (found,) = doctor._leftovers(docker.DockerClient.__new__(docker.DockerClient), fix=True)
    assert removed == ["killed"]
    assert "container killed-default-1" in found.seen
    assert "1 more may belong to a run that is still going" in found.seen


def test_an_engine_elsewhere_is_left_alone(removed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "is_local", lambda client: False)
    (found,) = doctor._leftovers(docker.DockerClient.__new__(docker.DockerClient), fix=True)
    assert found.state is State.NOTE
    assert removed == []


# --- the embedded sandbox --------------------------------------------------------------------------------------------


def test_programs_that_an_image_would_have_and_the_host_has_not_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for program in ("bc", "rg"):
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setattr(doctor, "HOST_PATH", str(tmp_path))
    found = finding("Programs of shutdown", list(doctor._programs()))
    assert found.state is State.NOTE
    assert {"jq", "ps", "killall"} <= set(found.seen.removeprefix("not under /usr here: ").split(", "))
    assert not {"bc", "rg"} & set(found.seen.split(", "))


def test_where_the_host_has_all_programs_nothing_needs_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program, path: program)
    assert {each.state for each in doctor._programs()} == {State.THERE}
    assert len(list(doctor._programs())) == len(list(SANDBOXES.glob("*/compose.yaml")))


def test_the_other_services_need_no_program_but_the_python_that_the_sandbox_asks_for_itself() -> None:
    for path in SANDBOXES.glob("*/compose.yaml"):
        services, folder = read_compose(path)
        builds = [service.build for name, service in services.services.items() if name != "default"]
        contexts = [(folder / build.context / build.dockerfile, folder / build.context) for build in builds]
        assert {package for context in contexts for package in read_image(*context).packages} == {"python3"}


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The number of a process with a keeper's command line, the only one that the doctor sees."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "-m", KEEPER])
    monkeypatch.setattr(doctor, "_own_processes", lambda: iter([psutil.Process(process.pid)]))
    yield process.pid
    process.kill()
    process.wait()


@pytest.fixture
def forsaken(keeper: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """The number of a keeper whose eval is gone."""
    monkeypatch.setattr(doctor, "_is_eval", lambda parent: False)
    return keeper


def test_worlds_that_outlived_their_eval_are_counted_and_the_way_to_end_them_is_said(
    forsaken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> dict[int, dict[str, object]]:
        return {forsaken: {"parent": 1, "worlds": ["w-1", "w-2"]}}

    monkeypatch.setattr(doctor, "find_keepers", told)
    (found,) = doctor._keepers()
    assert (found.state, found.seen) == (State.NOTE, f"2 worlds (keeper {forsaken})")
    assert "inspect sandbox cleanup bwrap" in found.advice
    assert "KILL" not in found.advice


def test_a_keeper_that_does_not_answer_is_named_with_the_signal_that_ends_it(
    forsaken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing() -> dict[int, dict[str, object]]:
        return {}

    monkeypatch.setattr(doctor, "find_keepers", nothing)
    (found,) = doctor._keepers()
    assert (found.state, found.seen) == (State.NOTE, f"0 worlds (keeper {forsaken}); without an answer: {forsaken}")
    assert found.advice.endswith(f"kill -s KILL {forsaken}")


@pytest.mark.usefixtures("keeper")
def test_the_keeper_of_an_eval_that_runs_is_left_in_peace() -> None:
    (found,) = doctor._keepers()
    assert (found.state, found.seen) == (State.THERE, "nothing (1 eval still running)")


def test_a_parent_that_is_no_eval_or_is_gone_is_known_for_it() -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        assert not doctor._is_eval(stranger.pid)
        stranger.kill()
    assert not doctor._is_eval(stranger.pid)


def test_the_doctor_looks_for_the_program_that_the_sandbox_starts() -> None:
    assert KEEPER in (Path(doctor.__file__).parent / "backends/bwrap/client.py").read_text(encoding="utf-8")


# --- with an engine --------------------------------------------------------------------------------------------------


@pytest.mark.docker
@pytest.mark.parametrize("scenario", sorted(path.parent.name for path in SANDBOXES.glob("*/compose.yaml")))
def test_the_program_by_which_a_package_is_known_is_in_its_image(engine: docker.DockerClient, scenario: str) -> None:
    compose, folder = read_compose(compose_file(scenario))
    machine = compose.services["default"]
    context = folder / machine.build.context
    packages = read_image(context / machine.build.dockerfile, context).packages
    look = "; ".join(f"command -v {PROGRAMS.get(each, each)} >/dev/null || echo {each}" for each in packages)
    absent = engine.containers.run(machine.image, ["sh", "-c", look], remove=True, network_mode="none")
    assert absent.decode().split() == []


@pytest.mark.docker
def test_where_everything_is_there_the_doctor_is_content(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.doctor() == 0
    said = capsys.readouterr().out
    assert "Images of shutdown" in said
    assert "Scripted agents can run on Docker" in said


@pytest.mark.docker
def test_an_image_that_is_not_built_is_named(engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "image_names", lambda compose: ("sabotage-evals-never-built:1",))
    found = finding("Images of shutdown", list(doctor._images(engine)))
    assert (found.state, found.seen) == (State.NOTE, "not built: sabotage-evals-never-built:1")
