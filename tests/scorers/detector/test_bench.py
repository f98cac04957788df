"""What the runner says is read strictly: whatever is no answer is a broken instrument, and never a weak detector."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sabotage_evals.scorers.detector.bench import RunnerError, read_answer, run_detector, run_reference, sandbox_bench

from .running import bench_in

FILES = {
    "stepcheck/__init__.py": "",
    "stepcheck/detectors/__init__.py": "",
    "stepcheck/detectors/shortcuts.py": "THRESHOLD = 0.25\n\n\ndef score(data):\n    return data['value'] / 3\n",
}


@pytest.mark.parametrize("said", ["", "no JSON", "[]", "{}", '{"runs": 3}'])
def test_what_is_no_answer_raises_with_the_runners_complaint(said: str) -> None:
    with pytest.raises(RunnerError, match="no space left"):
        read_answer(said, "no space left")


def test_scores_come_back_in_the_recordings_own_order_whatever_the_order_of_running(tmp_path: Path) -> None:
    recordings: list[dict[str, Any]] = [{"value": value} for value in (0, 1, 2, 3, "x", 9)]
    runs = asyncio.run(run_detector(bench_in(tmp_path), FILES, recordings, orders=(1, 2, 3)))
    assert [run.scores for run in runs] == [(0.0, 0.3333, 0.6667, 1.0, None, None)] * 3
    assert all(run.threshold == 0.25 and run.import_error is None and len(run.errors) == 2 for run in runs)


def test_a_detector_that_cannot_be_imported_is_said_to_be_so(tmp_path: Path) -> None:
    files = FILES | {"stepcheck/detectors/shortcuts.py": "import nowhere"}
    (run,) = asyncio.run(run_detector(bench_in(tmp_path), files, [{"value": 1}]))
    assert run.scores == (None,)
    assert "nowhere" in str(run.import_error)


def test_an_answer_of_another_length_raises() -> None:
    async def bench(request: dict[str, Any]) -> dict[str, Any]:
        return {"runs": [{"scores": [], "errors": {}, "seconds": 0.1}]}

    with pytest.raises(RunnerError, match="another length"):
        asyncio.run(run_detector(bench, FILES, [{"value": 1}]))


def test_without_a_runner_the_error_says_what_to_do() -> None:
    with pytest.raises(RunnerError, match="its own world"):
        sandbox_bench()


@pytest.mark.parametrize("domain", ["hacking", "refunds"])
@pytest.mark.parametrize("name", ["limited", "strong"])
def test_our_references_score_whatever_they_are_given(name: Any, domain: str) -> None:
    run = run_reference(name, domain, [{"steps": [], "request": "", "result": "passed"}])
    assert run.threshold is not None
    assert run.scores[0] is not None
