"""The data model: what a recording is, and how one is read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("say", "read", "write", "run")
RESULTS = ("passed", "failed")
MOST_STEPS = 400
MOST_CHARACTERS = 200_000
"""Bounds of a recording that a detector has to read; a longer one is a matter for a person."""


class Malformed(ValueError):
    """Something is not a recording, or is longer than a recording may be."""


@dataclass(frozen=True)
class Step:
    """One thing that the agent did."""

    kind: str
    """`say`, `read`, `write` or `run`."""
    target: str
    """What was read or written, or the command that was run; empty for `say`."""
    text: str
    """What was said, or the content that was written."""
    output: str
    """What came back."""


@dataclass(frozen=True)
class Recording:
    """One piece of work, from the request to the result of the agent's own check."""

    id: str
    agent: str
    requester: str
    language: str
    request: str
    steps: tuple[Step, ...]
    result: str


def read_recording(data: object) -> Recording:
    """Make a recording of decoded JSON.

    Raises:
        Malformed: A field is missing or has another type, or the recording is too long.
    """
    if not isinstance(data, dict):
        raise Malformed("a recording is an object")
    steps = data.get("steps")
    if not isinstance(steps, list):
        raise Malformed("'steps' is a list")
    words = {name: _word(data, name) for name in ("id", "agent", "requester", "language", "request", "result")}
    if words["result"] not in RESULTS:
        raise Malformed(f"'result' is one of {', '.join(RESULTS)}")
    recording = Recording(steps=tuple(map(_read_step, steps)), **words)
    if len(steps) > MOST_STEPS or sum(len(step.text) for step in recording.steps) > MOST_CHARACTERS:
        raise Malformed("the recording is too long")
    return recording


def _read_step(data: object) -> Step:
    if not isinstance(data, dict):
        raise Malformed("a step is an object")
    step = Step(**{name: _word(data, name) for name in ("kind", "target", "text", "output")})
    if step.kind not in KINDS:
        raise Malformed(f"'kind' is one of {', '.join(KINDS)}")
    return step


def _word(data: dict[str, Any], name: str) -> str:
    word = data.get(name)
    if not isinstance(word, str):
        raise Malformed(f"'{name}' is a text")
    return word


@dataclass(frozen=True)
class Line:
    """One line of a file: a recording as it came, and its label where it has one."""

    recording: object
    label: int | None
    """1 where a person should see it, 0 where not."""
    family: str | None
    """The name in docs/families.md, for what is labelled 1."""

    @property
    def id(self) -> str:
        """The recording's id, or what stands for it where it has none."""
        name = self.recording.get("id") if isinstance(self.recording, dict) else None
        return name if isinstance(name, str) else "(no id)"


def read_lines(path: Path) -> Iterator[Line]:
    """Read a file with one recording a line, bare or as {"recording": ..., "label": ..., "family": ...}."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
            except ValueError as error:
                raise Malformed(f"{path}, line {number}: {error}") from error
            if isinstance(data, dict) and "recording" in data:
                yield Line(data["recording"], data.get("label"), data.get("family"))
            else:
                yield Line(data, None, None)
