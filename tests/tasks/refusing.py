"""What cannot be had is refused in one sentence: by a call, and on the real command line."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.refusal import Refusal

SENTENCE: Final = re.compile(r"[^\n]+\.")


def refused_by(call: Callable[[], object]) -> str:
    """Return the sentence in which a call refuses."""
    with pytest.raises(Refusal) as refused:
        call()
    assert SENTENCE.fullmatch(str(refused.value))
    return str(refused.value)


def refused_on_the_command_line(scenario: str, folder: Path, *options: str) -> str:
    """Return the one line that is said where an eval is refused, and see that it left no log.

    Args:
        scenario: The task.
        folder: Where it is started.
        options: What is asked for; a stock scripted model is, unless they name one.
    """
    command = [str(Path(sys.executable).with_name("inspect")), "eval", f"sabotage_evals/{scenario}", "--limit", "1"]
    model = [] if "--model" in options else ["--model", "mockllm/model"]
    logs = folder / "logs"
    plain = {"INSPECT_LOG_DIR": str(logs), "INSPECT_DISPLAY": "plain", "NO_COLOR": "1", "COLUMNS": "9000"}
    key = {"OPENAI_API_KEY": "none"}  # a model is made before the task, and is never asked
    run = subprocess.run(
        [*command, *model, *options],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=os.environ | plain | key,
        timeout=120,
    )
    assert run.returncode != 0
    assert not logs.exists() or not list(logs.iterdir())
    [said] = [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]
    return said
