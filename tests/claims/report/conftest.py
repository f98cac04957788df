"""Folders that several tests look at, written once."""

from pathlib import Path
from typing import NamedTuple

import pytest

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.report import report
from sabotage_evals.claims.report.findings import Findings
from tests.claims.report.building import add_all, add_shutdown, find


class Made(NamedTuple):
    """A folder of logs, what was reckoned from it, and where its report is."""

    logs: Path
    reading: Reading
    findings: Findings
    output: Path


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What is found of one model in the shutdown task."""
    folder = tmp_path_factory.mktemp("usual")
    add_shutdown(folder)
    return find(folder)[1]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Three scenarios, three models, a broken file, and the report of them."""
    logs, output = tmp_path_factory.mktemp("whole") / "logs", tmp_path_factory.mktemp("report")
    logs.mkdir()
    add_all(logs)
    assert report(logs, output) == 0
    reading, findings = find(logs)
    return Made(logs, reading, findings, output)
