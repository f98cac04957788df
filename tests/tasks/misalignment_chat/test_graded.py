"""Where nobody can judge, nothing is asked."""

from pathlib import Path

import pytest
from inspect_ai import Epochs, Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.event import ModelEvent
from inspect_ai.model import ModelOutput, get_model
from inspect_ai.solver import generate

from sabotage_evals.tasks.misalignment_chat.graded import see_that_somebody_judges
from sabotage_evals.tasks.misalignment_chat.misalignment_chat import misalignment_chat


@pytest.mark.parametrize("named", [True, False])
def test_a_run_without_a_grader_stops_before_its_first_question(tmp_path: Path, named: bool) -> None:
    model = get_model("mockllm/model", custom_outputs=lambda *_: ModelOutput(), memoize=False)
    task = Task(
        dataset=MemoryDataset([Sample(input="What?")]),
        setup=see_that_somebody_judges(),
        solver=generate(),
        epochs=Epochs(1, []),
        continue_on_fail=True,
    )
    roles = {"grader": model} if named else {}
    [log] = eval(task, model=model, model_roles=roles, log_dir=str(tmp_path), display="none")
    [sample] = log.samples or []
    assert any(isinstance(event, ModelEvent) for event in sample.events) is named
    why = sample.error.message if sample.error else ""
    assert ("No model has the role 'grader'" in why) is not named


def test_the_task_sees_to_it() -> None:
    assert misalignment_chat("goals", 1, "own_goals").setup is not None
