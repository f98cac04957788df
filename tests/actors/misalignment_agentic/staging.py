"""Play actors in the office without the command line, with a scripted grader."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import Task, eval, task_with
from inspect_ai.log import EvalLog
from inspect_ai.model import Model, get_model

from sabotage_evals.actors import graders, misalignment_agentic, provider
from sabotage_evals.tasks.misalignment_agentic import misalignment_agentic as office

GRADER: Final = "grades_by_rule"
SCORER: Final = "misalignment_agentic_outcome"


def offer_the_cast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the provider know this cast and the graders, whichever others it knows."""
    known = ChainMap(misalignment_agentic.ACTORS, graders.ACTORS)
    monkeypatch.setattr(provider, "ACTORS", known)


def casting(actor: str, arms: Sequence[str], grader: str | None = GRADER, **choices: Any) -> Task:
    """Return the task for one actor, who plays in these arms."""
    roles: dict[str, str | Model] = {} if grader is None else {"grader": get_model(f"sabotage_evals/{grader}")}
    task = office(arms=list(arms), **{"wordings": 1, **choices})
    return task_with(task, model=get_model(f"sabotage_evals/{actor}"), model_roles=roles)


def play(tasks: Task | list[Task], folder: Path, **settings: Any) -> list[EvalLog]:
    """Run tasks, and return their logs."""
    return list(eval(tasks, log_dir=str(folder), display="none", max_tasks=8, **settings))


def values_of(log: EvalLog) -> dict[str, Mapping[str, Any]]:
    """Return the score's values by arm."""
    values: dict[str, Mapping[str, Any]] = {}
    for sample in log.samples or []:
        assert sample.scores, sample.error
        value = sample.scores[SCORER].value
        assert isinstance(value, dict)
        values[sample.metadata["arm"]] = value
    return values
