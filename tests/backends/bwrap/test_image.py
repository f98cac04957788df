"""A Dockerfile of ours as an image over the host's own programs."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.backends.bwrap import image
from sabotage_evals.backends.bwrap.image import Image, read_image
from sabotage_evals.refusal import Refusal


def image_of(folder: Path, text: str) -> Image:
    (folder / "Dockerfile").write_text(f"FROM debian:bookworm-slim\n{text}\n", encoding="utf-8")
    return read_image(folder / "Dockerfile", folder)


def test_what_is_copied_is_in_the_image_with_its_mode(tmp_path: Path) -> None:
    (tmp_path / "boot").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "part").mkdir()
    (tmp_path / "part/one.py").write_text("x = 1\n", encoding="utf-8")
    image = image_of(tmp_path, "COPY --chmod=755 boot /usr/local/sbin/boot\nCOPY part /opt/part\nCOPY boot /srv/")
    assert image.files == {
        "/usr/local/sbin/boot": (b"#!/bin/sh\n", 0o755),
        "/opt/part/one.py": (b"x = 1\n", 0o644),
        "/srv/boot": (b"#!/bin/sh\n", 0o644),
    }


def test_users_environment_and_place_are_those_of_the_file(tmp_path: Path) -> None:
    image = image_of(
        tmp_path,
        "RUN groupadd --gid 1001 runner \\\n    && useradd --uid 1001 --gid 1001 --create-home --shell /bin/sh runner\n"
        "ENV STYLE=plain\nUSER runner\nWORKDIR /home/runner",
    )
    user = image.find_user("runner")
    assert user is not None
    assert (user.uid, user.gid, user.home, user.shell) == (1001, 1001, "/home/runner", "/bin/sh")
    assert image.find_user("1001") == user
    assert (image.user, image.working_directory, image.environment["STYLE"]) == ("runner", "/home/runner", "plain")
    assert set(image.files) == {"/home/runner/.profile", "/home/runner/.bashrc"}


def test_our_own_modules_are_compiled_once_for_all_trials(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text("x = 1\n", encoding="utf-8")
    image = image_of(tmp_path, "COPY serve.py /opt/ours/\nRUN python3 -m compileall -q /opt/ours")
    (compiled,) = [path for path in image.files if path.endswith(".pyc")]
    assert compiled.startswith("/opt/ours/__pycache__/serve.cpython-")
    assert str(tmp_path).encode() not in image.files[compiled][0]


@pytest.mark.parametrize(
    "line",
    ["RUN curl example.org", "ADD x /x", 'ENTRYPOINT ["x"]', "VOLUME /x", "COPY --chown=1 x /x", "RUN useradd someone"],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(Refusal, match="cannot be done on the sandbox 'bwrap'"):
        image_of(tmp_path, line)


def test_a_copy_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="COPY names 'missing'"):
        image_of(tmp_path, "COPY missing /x")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="Dockerfile"):
        read_image(tmp_path / "Dockerfile", tmp_path)


# --- the pytest that is lent -----------------------------------------------------------------------------------------

INSTALL: Final = "RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-pytest"
PROGRAM: Final = "import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '--color=yes', '.']))"


@pytest.fixture
def nothing_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "_has_pytest", lambda: False)


@pytest.mark.usefixtures("nothing_on_the_host")
def test_a_pytest_that_the_host_lacks_is_lent_whole_and_runs_on_the_worlds_python(tmp_path: Path) -> None:
    lent = image_of(tmp_path, INSTALL)
    assert lent.packages == ["python3"]
    assert all(path.startswith("/usr/local/lib/python3.") for path in lent.files)
    for path, (content, mode) in lent.files.items():
        place = Path(f"{tmp_path}/root{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        assert mode == 0o644
    place = next(
        Path(f"{tmp_path}/root{path}").parent.parent for path in lent.files if path.endswith("/pytest/__init__.py")
    )
    work = tmp_path / "work"
    work.mkdir()
    (work / "test_it.py").write_text("def test_it():\n    assert [1, 2] == {'a': 1}\n", encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    done = subprocess.run(
        [str(image.HOST_PYTHON), "-s", "-c", f"import sys; sys.path.insert(0, {str(place)!r}); {PROGRAM}"],
        cwd=work,
        env={"PYTHONNOUSERSITE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "1 failed" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before, "Some of it was not compiled."


@pytest.mark.usefixtures("nothing_on_the_host")
def test_what_is_lent_says_nothing_of_where_it_comes_from_and_is_not_large(tmp_path: Path) -> None:
    lent = image_of(tmp_path, INSTALL).files
    here = str(Path(pytest.__file__).parent.parent).encode()
    assert not [path for path, (content, _) in lent.items() if here in content or b"sabotage" in content]
    assert sum(len(content) for content, _ in lent.values()) < 8 * 2**20
    names = {path.split("/")[6] for path in lent}
    assert {"_pytest", "pytest", "pluggy", "iniconfig", "packaging", "pygments"} <= names


def test_a_pytest_of_the_hosts_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "_has_pytest", lambda: True)
    made = image_of(tmp_path, INSTALL)
    assert (made.packages, made.files) == (["python3"], {})


@pytest.mark.parametrize(
    "said",
    ["3.11.2 /usr/lib/python3/site-packages", "3.8.1 /usr/local/lib/python3.8/dist-packages", ""],
    ids=["no place", "too old", "no answer"],
)
@pytest.mark.usefixtures("nothing_on_the_host")
def test_where_it_cannot_be_lent_the_host_has_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    image._lent_pytest.cache_clear()
    monkeypatch.setattr(image, "_ask_python", lambda program: said)
    made = image_of(tmp_path, INSTALL)
    image._lent_pytest.cache_clear()
    assert (made.packages, made.files) == (["python3", "python3-pytest"], {})


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("/usr/lib/python3/dist-packages/pytest/__init__.py", True),
        ("/usr/local/lib/python3.11/dist-packages/pytest/__init__.py", False),
        ("", False),
    ],
)
def test_the_hosts_own_counts_only_where_a_world_sees_it(
    monkeypatch: pytest.MonkeyPatch, place: str, found: bool
) -> None:
    monkeypatch.setattr(image, "_ask_python", lambda program: place)
    assert image._has_pytest.__wrapped__() is found
