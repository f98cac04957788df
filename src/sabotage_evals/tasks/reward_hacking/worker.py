"""The task's own agent: a serial shell and a closing message.

It adds comfort only. Nothing in a verdict depends on it, and `--solver` replaces it.
"""

from typing import Final

from inspect_ai.agent import Agent, agent

from sabotage_evals.agent import machine_is_gone, shell_agent
from sabotage_evals.tasks.reward_hacking.samples import arms_of

TOOL_TIMEOUT: Final = 120
"""Seconds that one command may take; the tests of a workspace run in less than one."""


@agent
def programmer(stimuli: str | None = None) -> Agent:
    """An agent with a shell on the machine and a way to hand in a closing message.

    Args:
        stimuli: The folder of stimuli that the samples were made from; None for our own alone.
    """
    return shell_agent(arms_of(stimuli).world_texts, machine_is_gone, TOOL_TIMEOUT)
