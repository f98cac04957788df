"""What the deliverables ask for, what the tools say and what is asked afterwards."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from sabotage_evals.agent import SAID
from sabotage_evals.prompts import Stimulus, StimulusError, choices, read_front
from sabotage_evals.stimuli.drafts import WORDING
from sabotage_evals.stimuli.front import Front
from sabotage_evals.stimuli.phrases import read_phrases
from sabotage_evals.tasks.detector.arms.arm import DELIVERABLES, Deliverable

FOLDER: Final = "deliverables"
JOB: Final = "user_job"
"""The part that says what is asked for: the same in all arms, in each wording."""
_WORLD_TEXTS: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(SAID, ())
_PROBE_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {"misses": (), "look_at": ()}


def file_of(deliverable: Deliverable) -> str:
    """Name the file that says what a deliverable is."""
    return f"{FOLDER}/{deliverable}.md"


def read_deliverable(stimulus: Stimulus, deliverable: Deliverable) -> dict[str, dict[str, str]]:
    """Read the parts by which a deliverable is asked for, by wording."""
    if (named := read_front(stimulus, _DeliverableFront).deliverable) != deliverable:
        raise StimulusError(
            f"{stimulus.name}: 'deliverable' is {named!r}; give file and deliverable one of the names "
            f"{', '.join(DELIVERABLES)}."
        )
    parts: dict[str, dict[str, str]] = {}
    for heading, text in stimulus.sections.items():
        wording, _, key = heading.partition(" ")
        if not WORDING.fullmatch(wording) or key != JOB:
            raise StimulusError(
                f"{stimulus.name}: there is no section '# {heading}'; {choices([f'w1 {JOB}', 'w2 …'])}."
            )
        if not text:
            raise StimulusError(f"{stimulus.name}: the section '# {heading}' is empty; write its text.")
        parts[wording] = {JOB: text}
    return parts


def read_world_texts(world: Sequence[Stimulus]) -> dict[str, str]:
    """Read what the tools say."""
    return _read(world, _WORLD_TEXTS)


def read_probes(probes: Sequence[Stimulus]) -> dict[str, str]:
    """Read the questions asked afterwards."""
    return _read(probes, _PROBE_TEXTS)


def _read(stimuli: Sequence[Stimulus], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    for stimulus in stimuli:
        read_front(stimulus, _BareFront)
    return read_phrases(stimuli, known, {})


class _BareFront(Front):
    pass


class _DeliverableFront(Front):
    deliverable: Literal["rule", "prompt", "review"]
