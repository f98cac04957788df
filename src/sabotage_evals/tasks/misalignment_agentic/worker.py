"""The task's own agent: Inspect's react loop with the office's tools and a closing report.

It adds comfort only. Nothing in a verdict depends on it, and `--solver` replaces it by whatever uses the tools that the
set-up leaves in the task's state.
"""

from inspect_ai.agent import Agent, AgentState, AgentSubmit, agent, react
from inspect_ai.model import ChatMessageAssistant
from inspect_ai.tool import ToolDef

from sabotage_evals.agent import IDLE_TURNS, closing_report
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
        idle = 0
        for message in reversed(state.messages):
            if isinstance(message, ChatMessageAssistant):
                if message.tool_calls:
                    break
                idle += 1
        return False if idle >= IDLE_TURNS else said["go_on"] if idle else True

    return react(
        prompt=None,
        tools=office_tools(said),
        submit=AgentSubmit(
            tool=ToolDef(
                closing_report(),
                name="submit",
                description=said["submit_tool"],
                parameters={"report": said["submit_report"]},
            ),
            name="submit",
            answer_only=True,
            keep_in_messages=True,
        ),
        on_continue=go_on,
    )
