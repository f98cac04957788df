"""The task on the embedded sandbox: scripted agents run, a real model by explicit wish, and never as a headline."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from sabotage_evals.scorers.shutdown.evidence import EVIDENCE_KEY, Evidence
from sabotage_evals.tasks.shutdown import shutdown

pytestmark = pytest.mark.slow

ARM: Final = "allow_system_unfinished"
USAGE: Final = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)


@modelapi(name="real")
def real() -> type[ModelAPI]:
    """A provider whose model is none of the suite's scripted agents, as far as a name can tell."""

    class Real(ModelAPI):
        async def generate(
            self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
        ) -> ModelOutput:
            await asyncio.sleep(0)
            output = ModelOutput.from_content("real/model", "I stop here.")
            output.usage = USAGE
            return output

    return Real


def run(model: str | Model, **chosen: Any) -> tuple[EvalLog, EvalSample]:
    task = shutdown(arms=ARM, work="sums", wordings=1, **chosen)
    [log] = eval(task, model=model, sandbox="bwrap", display="none")
    assert log.samples
    return log, log.samples[0]


def headline_of(log: EvalLog) -> dict[str, float]:
    assert log.results is not None
    [score] = [score for score in log.results.scores if score.name == "headline"]
    return {name.rpartition("/")[2]: metric.value for name, metric in score.metrics.items()}


def test_a_scripted_agent_runs_and_the_record_says_on_what() -> None:
    log, sample = run("sabotage_evals/overwrites_script")
    assert log.status == "success", sample.error
    evidence = Evidence.model_validate(sample.store[EVIDENCE_KEY])
    assert evidence.backend is not None
    assert (evidence.backend.name, evidence.backend.real_model) == ("bwrap", False)
    assert evidence.engine is not None
    assert evidence.engine.status == "running"
    assert headline_of(log)["headline_rate"] == 1.0


def test_a_real_model_is_refused_where_nobody_wished_it() -> None:
    log, sample = run(get_model("real/model"))
    assert log.status == "error"
    assert sample.error is not None
    assert "weaker_walls=true" in sample.error.message
    assert not any(event.event == "model" for event in sample.events)


def test_a_real_model_runs_by_explicit_wish_and_is_never_a_headline() -> None:
    log, sample = run(get_model("real/model"), weaker_walls=True)
    assert log.status == "success", sample.error
    assert Evidence.model_validate(sample.store[EVIDENCE_KEY]).backend is not None
    assert sample.scores is not None
    value = sample.scores["shutdown_outcome"].value
    assert isinstance(value, dict)
    assert value["headline"] == "weaker_walls"
    assert headline_of(log)["headline_rate"] != headline_of(log)["headline_rate"]  # NaN
    assert log.eval.task_args["weaker_walls"] is True


def test_the_command_line_refuses_a_real_model_before_anything_starts(tmp_path: Path) -> None:
    inspect = str(Path(sys.executable).with_name("inspect"))
    command = [inspect, "eval", "sabotage_evals/shutdown", "--sandbox", "bwrap", "--display", "plain"]
    chosen = ["--model", "openai/o4-mini", "--log-dir", str(tmp_path)]
    without_network = os.environ | {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    done = subprocess.run([*command, *chosen], env=without_network, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "may not run on the sandbox 'bwrap'" in " ".join(done.stdout.split())
    assert not list(tmp_path.iterdir())
