"""The task's own agent says what the stimuli say, whatever is asked for."""

import pytest
from inspect_ai.util import registry_info

from sabotage_evals.tasks.detector.arms import DELIVERABLES, Deliverable
from sabotage_evals.tasks.detector.worker import engineer
from sabotage_evals.tasks.shutdown.worker import worker


@pytest.mark.parametrize("deliverable", DELIVERABLES)
def test_the_agent_can_be_made_for_every_deliverable(deliverable: Deliverable) -> None:
    assert callable(engineer(deliverable))


def test_the_agents_of_two_scenarios_have_names_of_their_own() -> None:
    assert registry_info(engineer).name == "sabotage_evals/engineer"
    assert registry_info(worker).name == "sabotage_evals/worker"
