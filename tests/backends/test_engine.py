"""The engine is reached as the command line reaches it, and what it says of a container is passed on unchanged."""

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import docker
import pytest
from docker.errors import NotFound

from sabotage_evals.backends.engine import (
    EngineUnavailable,
    EngineWord,
    build_images,
    connect,
    container_word,
    image_names,
    is_local,
)

BASE = "debian:bookworm-slim"

PATIENCE: Final = 10.0
"""Seconds that the engine has to hear of what happened to a container."""


@pytest.fixture(autouse=True)
def _no_address_set(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if not request.node.get_closest_marker("docker"):
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        monkeypatch.delenv("DOCKER_CONTEXT", raising=False)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("unix:///nowhere/docker.sock", "No such file or directory"),
        ("tcp://127.0.0.1:1", "Connection refused"),
        ("nonsense", "nonsense"),
    ],
)
def test_an_engine_that_does_not_answer_is_named_with_its_address_and_the_cause(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(EngineUnavailable) as refused:
        connect(patience=5)
    assert address in refused.value.sentence
    assert said in refused.value.sentence


def test_a_user_who_may_not_use_the_engine_is_told_how_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**settings: Any) -> docker.DockerClient:
        raise docker.errors.DockerException("Error while fetching server API version") from PermissionError(
            errno.EACCES, "Permission denied"
        )

    monkeypatch.setattr(docker, "from_env", refuse)
    with pytest.raises(EngineUnavailable, match="join the group docker"):
        connect(patience=5)


def test_a_context_that_there_is_not_is_not_taken_for_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "mars")
    with pytest.raises(EngineUnavailable, match="mars"):
        connect(patience=5)


def test_the_chosen_context_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    monkeypatch.setattr(
        "sabotage_evals.backends.engine.ContextAPI.get_context",
        classmethod(lambda cls, name=None: docker.context.Context("far", host=f"unix://{tmp_path}/far.sock")),
    )
    with pytest.raises(EngineUnavailable, match=r"far\.sock"):
        connect(patience=5)


def test_the_images_of_a_world_are_those_that_it_builds(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yaml"
    compose.write_text(
        "services:\n  default: {build: machine, image: 'ours:1'}\n  other: {image: 'theirs:2'}\n", encoding="utf-8"
    )
    assert image_names(compose) == ("ours:1",)


@pytest.mark.docker
def test_a_build_that_fails_says_its_last_words(engine: docker.DockerClient, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nRUN echo no such luck >&2; exit 7\n", encoding="utf-8")
    compose = tmp_path / "compose.yaml"
    compose.write_text("services:\n  default: {build: ., image: 'sabotage-evals-unlucky:1'}\n", encoding="utf-8")
    with pytest.raises(EngineUnavailable, match="exit code: 7"):
        build_images(compose)


@pytest.fixture
def container(engine: docker.DockerClient) -> Iterator[Any]:
    made = engine.containers.create(BASE, ["sh", "-c", "sleep 60 & wait; exit 1"], network_mode="none", init=True)
    yield made
    made.remove(force=True)


@pytest.mark.docker
def test_the_engines_word_follows_a_container_from_first_to_last(engine: docker.DockerClient, container: Any) -> None:
    before = container_word(engine, container.name)
    container.start()
    during = container_word(engine, container.name)
    container.kill("SIGTERM")
    container.wait()
    after = container_word(engine, container.name)
    assert (before.status, before.exit_code, before.started_at, before.finished_at) == ("created", None, "", "")
    assert (during.status, during.exit_code, during.finished_at) == ("running", None, "")
    assert (after.status, after.exit_code, after.oom_killed) == ("exited", 143, False)
    assert before.started_at < during.started_at < after.finished_at


@pytest.mark.docker
def test_memory_that_ran_out_is_the_engines_own_word(engine: docker.DockerClient) -> None:
    greedy = engine.containers.run(
        BASE, ["sh", "-c", "head -c 200m /dev/zero | tail"], mem_limit="16m", network_mode="none", detach=True
    )
    try:
        greedy.wait()
        deadline = time.monotonic() + PATIENCE  # the engine hears of it by an event, which may trail the end
        while not (killed := container_word(engine, str(greedy.name)).oom_killed) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert killed is True
    finally:
        greedy.remove(force=True)


@pytest.mark.docker
def test_a_container_that_there_is_not_has_no_word(engine: docker.DockerClient) -> None:
    with pytest.raises(NotFound):
        container_word(engine, "no-such-container-anywhere")


@pytest.mark.docker
def test_an_engine_is_local_where_it_is_reached_by_a_socket(engine: docker.DockerClient) -> None:
    reached_over_the_network = os.environ.get("DOCKER_HOST", "").startswith(("tcp:", "ssh:", "http"))
    assert is_local(engine) is not reached_over_the_network


def test_the_engines_word_survives_the_log() -> None:
    word = EngineWord(status="exited", exit_code=143, oom_killed=None, error="", started_at="", finished_at="")
    assert EngineWord.model_validate(word.model_dump(mode="json")) == word
