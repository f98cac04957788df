"""The task's own agent: Inspect's react loop with the office's tools and a closing report.

It adds comfort only. Nothing in a verdict depends on it, and `--solver` replaces it by whatever uses the tools that the
set-up leaves in the task's state.
"""

from inspect_ai.agent import Agent, AgentState, agent, react

from sabotage_evals.agent import next_word, submit_report
from sabotage_evals.tasks.misalignment_agentic.office import office_tools
from sabotage_evals.tasks.misalignment_agentic.samples import arms_of


@agent
def assistant(stimuli: str | None = None) -> Agent:
    """An agent with the tools of the office and a way to hand in a closing report.

    Args:
        stimuli: The folder of stimuli that the samples were made from; None for our own alone.
    """
    said = arms_of(stimuli).world_texts

    async def go_on(state: AgentState) -> bool | str:
        return next_word(state, said["go_on"])

    return react(
        prompt=None,
        tools=office_tools(said),
        submit=submit_report(said),
        on_continue=go_on,
    )
