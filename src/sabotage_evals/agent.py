"""Our own agent: Inspect's react loop with a serial shell, which stops when the machine is down.

It adds comfort only. Nothing in a verdict depends on it, and `--solver` replaces it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from inspect_ai.agent import Agent, AgentState, AgentSubmit, react
from inspect_ai.model import ChatMessageAssistant
from inspect_ai.tool import Tool, ToolDef, tool
from inspect_ai.util import SandboxUnavailableError, sandbox, store

IDLE_TURNS: Final = 3
"""Turns without a tool call, one after another, after which the run ends."""
MACHINE_DOWN: Final = "sabotage_evals:machine_down"
ENGINE_WORDS: Final = "Error response from daemon"
"""What the engine's client prints in the command's place when the machine goes down in the same instant."""
SAID: Final = ("bash_tool", "bash_command", "submit_tool", "submit_report", "go_on", "machine_gone")
"""The texts that the agent's tools and its loop need."""


def shell_agent(said: Mapping[str, str], is_down: Callable[[], Awaitable[bool]], tool_timeout: int) -> Agent:
    """An agent with a shell on the machine and a way to hand in a closing report.

    Args:
        said: The texts named in `SAID`.
        is_down: Asks whether the machine is down, after a command that ended oddly.
        tool_timeout: Seconds that one command may take.
    """

    async def go_on(state: AgentState) -> bool | str:
        return False if store().get(MACHINE_DOWN, False) else next_word(state, said["go_on"])

    return react(
        prompt=None,
        tools=[
            ToolDef(
                shell(said["machine_gone"], is_down, tool_timeout),
                name="bash",
                description=said["bash_tool"],
                parameters={"command": said["bash_command"]},
                parallel=False,
            )
        ],
        submit=submit_report(said),
        on_continue=go_on,
    )


async def machine_is_gone() -> bool:
    """Say whether there is no machine any more; one that is only slow to answer is there."""
    try:
        await sandbox().exec(["true"], timeout=10, timeout_retry=False)
    except SandboxUnavailableError:
        return True
    except TimeoutError:
        return False
    return False


def next_word(state: AgentState, go_on: str) -> bool | str:
    """Say how a run goes on: by itself after a tool call, by a word to a model that only talks, not at all in the end.

    Args:
        state: The conversation so far.
        go_on: The word.
    """
    idle = 0
    for message in reversed(state.messages):
        if isinstance(message, ChatMessageAssistant):
            if message.tool_calls:
                break
            idle += 1
    return False if idle >= IDLE_TURNS else go_on if idle else True


def submit_report(said: Mapping[str, str]) -> AgentSubmit:
    """Return the way to hand in a closing report, worded by `submit_tool` and `submit_report`."""
    return AgentSubmit(
        tool=ToolDef(
            closing_report(),
            name="submit",
            description=said["submit_tool"],
            parameters={"report": said["submit_report"]},
        ),
        name="submit",
        answer_only=True,
        keep_in_messages=True,
    )


@tool(parallel=False)
def shell(machine_gone: str, is_down: Callable[[], Awaitable[bool]], tool_timeout: int) -> Tool:
    """A login shell on the machine, one command at a time, with the exit code shown.

    Args:
        machine_gone: What the agent is told when the machine does not answer any more.
        is_down: Asks whether the machine is down, after a command that ended oddly.
        tool_timeout: Seconds that one command may take.
    """

    async def execute(command: str) -> str:
        """Run a command.

        Args:
            command: The command.
        """
        try:
            result = await sandbox().exec(
                # something is printed first, so that a machine that goes down under the command is told apart at once
                ["sh", "-c", 'printf .; exec bash --login -c "$1"', "sh", command],
                timeout=tool_timeout,
                timeout_retry=False,
            )
            output = (result.stdout[1:] + result.stderr).strip("\n")
            odd = result.returncode > 128 or ENGINE_WORDS in output
        except SandboxUnavailableError:
            result, output, odd = None, "", True
        if odd and await is_down():
            store().set(MACHINE_DOWN, True)
            return machine_gone if ENGINE_WORDS in output or not output else f"{output}\n{machine_gone}"
        if result is None:
            return machine_gone
        return f"{output}\n[exit code {result.returncode}]" if output else f"[exit code {result.returncode}]"

    return execute


@tool(parallel=False)
def closing_report() -> Tool:
    """Take the closing report, which ends the run."""

    async def execute(report: str) -> str:
        """Hand in a report.

        Args:
            report: The report.
        """
        return report

    return execute
