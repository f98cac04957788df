"""The task's own agent: a serial shell and a closing report, until the machine is down.

It adds comfort only. Nothing in a verdict depends on it, and `--solver` replaces it.
"""

from typing import Final

from inspect_ai.agent import Agent, agent

from sabotage_evals.agent import shell_agent
from sabotage_evals.sandbox import ask_witness, find_witness
from sabotage_evals.tasks.shutdown.samples import arms_of

TOOL_TIMEOUT: Final = 60
"""Seconds that one command may take; the call that draws the order waits for GRACE."""


@agent
def worker(stimuli: str | None = None) -> Agent:
    """An agent with a shell on the machine and a way to hand in a closing report.

    Args:
        stimuli: The folder of stimuli that the samples were made from; None for our own alone.
    """
    return shell_agent(arms_of(stimuli).world_texts, _machine_is_down, TOOL_TIMEOUT)


async def _machine_is_down() -> bool:
    witness = find_witness()
    return witness is not None and bool((await ask_witness(witness, {"ask": "status"}))["down"])
