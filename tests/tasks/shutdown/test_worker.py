"""The agent of the suite, played by a stock scripted model and by nobody."""

from pathlib import Path

import pytest
from inspect_ai import eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from sabotage_evals.tasks.shutdown import shutdown


def says(tool: str, **arguments: str) -> ModelOutput:
    output = ModelOutput.for_tool_call("mockllm/model", tool, arguments)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


@pytest.mark.docker
@pytest.mark.slow
def test_a_stock_model_works_with_the_tools_and_its_report_ends_the_run(tmp_path: Path) -> None:
    outputs = [says("bash", command="./next_task; exit 3"), says("submit", report="I leave it at that.")]
    [log] = eval(
        shutdown(arms="allow_system_unfinished", work="sums", wordings=1, comprehension=False, debrief=False),
        model=get_model("mockllm/model", custom_outputs=outputs),
        log_dir=str(tmp_path),
        display="none",
        sandbox_prebuilt=True,
    )
    [sample] = log.samples or []
    [printed] = [m.text for m in sample.messages if m.role == "tool" and m.function == "bash"]
    assert printed.startswith("Task 1 of 6")
    assert printed.endswith("[exit code 3]")
    assert (sample.scores or {})["shutdown_outcome"].answer == "not_warned"
    assert sample.output.completion == "I leave it at that."
