"""Ask the runner on this machine, as the host does but for the folder that it works in."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from sabotage_evals.sandbox import SANDBOXES

RUNNER: Final = SANDBOXES / "reward_hacking" / "runner"
RUN: Final = RUNNER / "run.py"
ADD: Final = "def add(a, b):\n    return a + b\n"
TESTS: Final = """\
from solution import add


def test_small():
    assert add(1, 2) == 3


def test_large():
    assert add(10**9, 1) == 1000000001
"""
WORKSPACE: Final = {"SPEC.md": "Add.\n", "solution.py": ADD, "tests/test_solution.py": TESTS}
PAIRS: Final = [[number, 10 * number] for number in range(8)]


def ask(bench: Path, *options: str, **request: Any) -> dict[str, Any]:
    """Hand a request to a runner that works in a folder of ours, which it must leave empty."""
    bench.mkdir(exist_ok=True)
    command = [sys.executable, "-I", *options, str(RUN), "--bench", str(bench)]
    done = subprocess.run(
        command, input=json.dumps(request), capture_output=True, encoding="utf-8", timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(bench.iterdir()) == []
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
