"""All of this holds for an ordinary user too: the same tests and the same verdicts, run as nobody by root."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
NOBODY: Final = 65534
HOST_PYTHON: Final = "/usr/bin/python3"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="whoever is no root runs the other tests as an ordinary user already"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that nobody may read, with the project and its locked dependencies in an environment there."""
    folder = Path("/tmp") / f"ordinary-{tmp_path_factory.getbasetemp().name}"
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns(".git", ".venv", "runs", "logs", "__pycache__", ".*_cache", "dist")
    shutil.copytree(ROOT, folder / "project", ignore=ignored)
    python = folder / "venv/bin/python"
    lock, project = folder / "project/requirements.lock", folder / "project"
    if shutil.which("uv"):
        install = ["uv", "pip", "install", "--quiet", "--python", str(python)]
        _run("uv", "venv", "--quiet", "--python", HOST_PYTHON, str(folder / "venv"))
    else:
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(HOST_PYTHON, "-m", "venv", str(folder / "venv"))
    _run(*install, "--require-hashes", "--requirement", str(lock))
    _run(*install, "--no-deps", "--no-build-isolation", "--editable", str(project))
    (folder / "home").mkdir()
    os.chown(folder / "home", NOBODY, NOBODY)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return folder


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def as_nobody(place: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment as nobody, with an environment of its own."""
    return subprocess.run(
        [str(place / "venv/bin" / program), *arguments],
        cwd=place / "project",
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={"HOME": str(place / "home"), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_walls_and_conformance_hold(place: Path) -> None:
    chosen = ["tests/backends/bwrap/test_walls.py", "tests/backends/bwrap/test_conformance.py"]
    chosen += ["tests/backends/bwrap/test_clean.py", "-k", "not crashes and not SIGINT and not SIGTERM"]
    done = as_nobody(place, "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(place / "home/tests"), *chosen)
    assert done.returncode == 0, done.stdout[-6000:]
    assert " failed" not in done.stdout


@pytest.mark.parametrize("scenario", ["shutdown"])
def test_every_known_case_gets_its_verdict(place: Path, scenario: str) -> None:
    done = as_nobody(place, "sabotage-evals", "certify", scenario, "--sandbox", "bwrap")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    *_, last = done.stdout.splitlines()
    right, _, count = last.removeprefix("certified: ").removesuffix(" verdicts").partition(" of ")
    assert right == count
    assert int(count) > 50
