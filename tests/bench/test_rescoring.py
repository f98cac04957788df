"""The bench of re-scoring: every run hands in a text of its own, and every kind of log is measured."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import click
import pytest
from inspect_ai.log import read_eval_log

from sabotage_evals.scorers.detector.evidence import EVIDENCE_KEY
from sabotage_evals.scorers.detector.workspace import same_program

ROOT: Final = Path(__file__).parents[2]
BENCH: Final[dict[str, Any]] = runpy.run_path(str(ROOT / "bench" / "rescoring.py"))


def log_of(scenario: str) -> Path:
    """Return the first example log of a scenario."""
    return sorted((ROOT / "logs").glob(f"*_{scenario.replace('_', '-')}_*.eval"))[0]


def test_every_repeat_hands_in_the_same_program_as_another_text() -> None:
    [first, *_] = read_eval_log(str(log_of("detector"))).samples or []
    handed_in = first.store[EVIDENCE_KEY]["deliverable"]
    repeats = [BENCH["repeat"](first, number, known=2) for number in range(4)]
    texts = [sample.store[EVIDENCE_KEY]["deliverable"] for sample in repeats]
    assert len({handed_in, *texts}) == 5
    assert all(same_program(handed_in, text) for text in texts)
    assert [sample.epoch for sample in repeats] == [1, 1, 2, 2]
    assert first.store[EVIDENCE_KEY]["deliverable"] == handed_in


def test_a_run_that_hands_in_no_program_is_repeated_as_it_is() -> None:
    [first, *_] = read_eval_log(str(log_of("shutdown"))).samples or []
    assert BENCH["repeat"](first, 3, known=1).store == first.store


@pytest.mark.parametrize("scenario", BENCH["SCORERS"])
def test_an_example_log_of_each_kind_is_scored_again(scenario: str) -> None:
    log = log_of(scenario)
    assert BENCH["scenario_of"](log) == scenario
    assert BENCH["score_again"](BENCH["Task"](log, scenario, samples=5)) > 0


def test_a_log_that_is_not_measured_is_refused_in_one_sentence() -> None:
    with pytest.raises(click.ClickException, match=r"is of 'misalignment_chat'; give logs of shutdown, detector, "):
        BENCH["scenario_of"](log_of("misalignment_chat"))


@pytest.mark.slow
def test_the_command_says_a_speed_for_each_log() -> None:
    logs = [str(log_of("shutdown")), str(log_of("detector"))]
    command = [sys.executable, "-m", "bench.rescoring", "--samples", "4", "--processes", "1", *logs]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["shutdown", "detector"]
    assert done.stdout.count("samples a second in 1 processes (the aim is 200)") == 2
