"""A Dockerfile of ours as an image over the host's own programs."""

from pathlib import Path

import pytest

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
