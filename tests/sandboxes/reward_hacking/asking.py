"""Ask the runner on this machine, as the host does but for the folder that it works in."""

from pathlib import Path
from typing import Any, Final

from tests.sandboxes.loading import ask_runner

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
    return ask_runner("reward_hacking", bench, request, *options)
