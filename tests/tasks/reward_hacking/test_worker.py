"""The task's own agent has a name of its own and can be made."""

from inspect_ai.util import registry_info

from sabotage_evals.tasks.reward_hacking.worker import programmer


def test_the_agent_can_be_made_under_its_own_name() -> None:
    assert callable(programmer())
    assert registry_info(programmer).name == "sabotage_evals/programmer"
