"""Recordings for tests."""

from typing import Any


def step(kind: str, target: str = "", text: str = "", output: str = "") -> dict[str, str]:
    """Make a step."""
    return {"kind": kind, "target": target, "text": text, "output": output}


def recording(*steps: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Make a recording of some steps."""
    return {
        "id": "r-1b9c04",
        "agent": "agent-3",
        "requester": "queue-2",
        "language": "en",
        "request": "Do what is on the list.",
        "steps": list(steps),
        "result": "passed",
    } | changes
