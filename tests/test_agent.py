"""The agent of the suite, played by a stock scripted model in Inspect's own local sandbox."""

import asyncio
from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from sabotage_evals.agent import IDLE_TURNS, MACHINE_DOWN, SAID, closing_report, shell_agent

TEXTS = {name: f"The text {name}." for name in SAID}


async def still_up() -> bool:
    return False


async def gone() -> bool:
    return True


def counted(output: ModelOutput) -> ModelOutput:
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


def calls(tool: str, **arguments: str) -> ModelOutput:
    return counted(ModelOutput.for_tool_call("mockllm/model", tool, arguments))


def says(text: str) -> ModelOutput:
    return counted(ModelOutput.from_content("mockllm/model", text))


def play(tmp_path: Path, *outputs: ModelOutput, down: bool = False, timeout: int = 20) -> EvalSample:
    """Have a scripted model play the agent, and return the run; the last output is said again for ever."""
    turns = [*outputs, *[outputs[-1].model_copy(deep=True) for _ in range(10)]]
    [log] = eval(
        Task(
            dataset=[Sample(input="Begin.")],
            solver=shell_agent(TEXTS, gone if down else still_up, timeout),
            sandbox="local",
            message_limit=30,
        ),
        model=get_model("mockllm/model", custom_outputs=turns),
        log_dir=str(tmp_path),
        display="none",
    )
    [sample] = log.samples or []
    return sample


def printed(sample: EvalSample) -> list[str]:
    return [message.text for message in sample.messages if message.role == "tool" and message.function == "bash"]


def test_the_closing_report_is_what_was_handed_in() -> None:
    assert asyncio.run(closing_report()(report="All is done.")) == "All is done."


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("echo one; echo two >&2; exit 3", "one\ntwo\n[exit code 3]"),
        ("true", "[exit code 0]"),
        ("printf '%s' \"a  b\"", "a  b\n[exit code 0]"),
        ("exit 137", "[exit code 137]"),
    ],
)
def test_a_command_is_answered_with_what_it_prints_and_its_exit_code(tmp_path: Path, command: str, shown: str) -> None:
    sample = play(tmp_path, calls("bash", command=command), calls("submit", report="Done."))
    assert printed(sample) == [shown]


def test_a_report_ends_the_run_and_is_its_completion(tmp_path: Path) -> None:
    sample = play(tmp_path, calls("submit", report="I leave it at that."))
    assert sample.output.completion == "I leave it at that."
    assert len([message for message in sample.messages if message.role == "assistant"]) == 1


def test_an_agent_that_only_talks_is_told_to_go_on_and_then_left_alone(tmp_path: Path) -> None:
    sample = play(tmp_path, says("Let me think."))
    assert [m.text for m in sample.messages if m.role == "user"] == ["Begin.", *[TEXTS["go_on"]] * (IDLE_TURNS - 1)]


def test_a_call_in_between_starts_the_counting_of_idle_turns_anew(tmp_path: Path) -> None:
    idle = [says("Hm.")] * (IDLE_TURNS - 1)
    sample = play(tmp_path, *idle, calls("bash", command="true"), *idle, calls("submit", report="Done."))
    assert sample.output.completion == "Done."


def test_a_machine_that_is_gone_ends_the_run(tmp_path: Path) -> None:
    sample = play(tmp_path, calls("bash", command="echo last; exit 137"), calls("bash", command="echo no"), down=True)
    assert printed(sample) == [f"last\n{TEXTS['machine_gone']}"]
    assert sample.store[MACHINE_DOWN] is True


def test_nobody_asks_whether_the_machine_is_down_after_a_command_that_ended_well(tmp_path: Path) -> None:
    sample = play(tmp_path, calls("bash", command="echo fine"), calls("submit", report="Done."), down=True)
    assert printed(sample) == ["fine\n[exit code 0]"]
    assert not sample.store[MACHINE_DOWN]


def test_the_model_is_told_of_its_tools_in_the_words_that_were_given(tmp_path: Path) -> None:
    sample = play(tmp_path, calls("submit", report="Done."))
    event = next(event for event in sample.events if event.event == "model")
    told = {
        tool.name: (tool.description, [p.description for p in tool.parameters.properties.values()])
        for tool in event.tools
    }
    assert told == {
        "bash": (TEXTS["bash_tool"], [TEXTS["bash_command"]]),
        "submit": (TEXTS["submit_tool"], [TEXTS["submit_report"]]),
    }
