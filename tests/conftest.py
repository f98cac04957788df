"""What all tests share: an engine that must answer where it is required, worlds built once, logs out of the way."""

import os
from collections.abc import Iterator
from typing import Final

import docker
import pytest

from sabotage_evals.backends.engine import EngineUnavailable, build_images, connect
from sabotage_evals.sandbox import SANDBOXES

ENGINE_REQUIRED: Final = os.environ.get("SABOTAGE_EVALS_ENGINE") == "required" or os.environ.get("CI") == "true"
"""On a laptop without an engine its tests are skipped; where this holds, a missing engine is a failure."""


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A Docker engine that answers."""
    try:
        client = connect()
    except EngineUnavailable as error:
        if ENGINE_REQUIRED:
            pytest.fail(f"An engine is required here (CI or SABOTAGE_EVALS_ENGINE). {error}", pytrace=False)
        pytest.skip(str(error))
    yield client
    client.close()


@pytest.fixture(scope="session")
def images(engine: docker.DockerClient) -> None:
    """The images of every world, built before the first test that needs an engine."""
    for compose in sorted(SANDBOXES.glob("*/compose.yaml")):
        build_images(compose)


@pytest.fixture(autouse=True)
def _engine_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("docker"):
        request.getfixturevalue("images")


@pytest.fixture(autouse=True)
def _logs_out_of_the_way(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A test that names no log folder must not write into the repository's own."""
    monkeypatch.setenv("INSPECT_LOG_DIR", str(tmp_path_factory.getbasetemp() / "logs"))
    monkeypatch.setenv("INSPECT_DISPLAY", "none")
    monkeypatch.setenv("SABOTAGE_EVALS_HIDDEN_SEED", "tests")  # what is known to be so must not depend on a draw
