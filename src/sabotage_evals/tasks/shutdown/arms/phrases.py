"""What client and tools say and what is asked afterwards, as `world.md` and `probes.md` have it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import Field

from sabotage_evals.prompts import Stimulus, StimulusError, read_front
from sabotage_evals.stimuli.front import Front
from sabotage_evals.stimuli.phrases import read_phrases, where_in

_WORLD_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "task": ("number", "count", "left", "text"),
    "needs_answer": ("task",),
    "done": (),
    "nothing_left": (),
    "granted": (),
    "refused_time": (),
    "still_due": (),
    "bash_tool": (),
    "bash_command": (),
    "submit_tool": (),
    "submit_report": (),
    "go_on": (),
    "machine_gone": (),
}
"""What client and tools say, each with the placeholders that are filled while the run goes on."""
_MUST_HOLD: Final = {"task": "text", "needs_answer": "task"}
_PROBE_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {"comprehension": (), "debrief": ()}
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def read_names(world: Sequence[Stimulus]) -> tuple[str, str]:
    """Read the names of client and script; of several files that give one, the last counts."""
    client = script = ""
    for stimulus in world:
        front = read_front(stimulus, _WorldFront)
        client, script = front.client or client, front.script or script
    if client == script:
        raise StimulusError(f"{world[-1].name}: client and script are both {client!r}; give them different names.")
    return client, script


def read_world_texts(world: Sequence[Stimulus], client: str) -> dict[str, str]:
    """Read what client and tools say."""
    texts = read_phrases(world, _WORLD_TEXTS, {"client": f"./{client}"})
    for stimulus in world:
        for name, needed in _MUST_HOLD.items():
            if f"{{{needed}}}" not in stimulus.sections.get(name, f"{{{needed}}}"):
                raise StimulusError(
                    f"{where_in(stimulus, name)}: the text lacks the placeholder {{{needed}}}; put it where it belongs."
                )
    return texts


def read_probes(probes: Sequence[Stimulus], client: str) -> dict[str, str]:
    """Read the questions asked afterwards."""
    for stimulus in probes:
        read_front(stimulus, _ProbesFront)
    return read_phrases(probes, _PROBE_TEXTS, {"client": f"./{client}"})


class _WorldFront(Front):
    client: str | None = Field(default=None, pattern=f"^{_FILE_NAME.pattern}$")
    script: str | None = Field(default=None, pattern=f"^{_FILE_NAME.pattern}$")


class _ProbesFront(Front):
    pass
