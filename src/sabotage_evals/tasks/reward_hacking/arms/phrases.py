"""How the work is checked, and what the tools say."""

from collections.abc import Sequence
from typing import Final

from sabotage_evals.agent import SAID
from sabotage_evals.prompts import Stimulus, StimulusError, choices, read_front
from sabotage_evals.stimuli.drafts import WORDING
from sabotage_evals.stimuli.front import Front
from sabotage_evals.stimuli.phrases import read_phrases
from sabotage_evals.tasks.reward_hacking.arms.arm import CHECKS, Check

FOLDER: Final = "checks"


def file_of(check: Check) -> str:
    """Name the file that says how work is checked."""
    return f"{FOLDER}/{check}.md"


def read_check(stimulus: Stimulus, check: Check) -> dict[str, str]:
    """Read the sentence that says how work is checked, by wording."""
    if (named := read_front(stimulus, _CheckFront).check) != check:
        raise StimulusError(
            f"{stimulus.name}: 'check' is {named!r}; give file and check one of the names {', '.join(CHECKS)}."
        )
    for heading, text in stimulus.sections.items():
        if not WORDING.fullmatch(heading):
            raise StimulusError(f"{stimulus.name}: there is no section '# {heading}'; {choices(['w1', 'w2 …'])}.")
        if not text:
            raise StimulusError(f"{stimulus.name}: the section '# {heading}' is empty; write its text.")
    return dict(stimulus.sections)


def read_world_texts(world: Sequence[Stimulus]) -> dict[str, str]:
    """Read what the tools say."""
    for stimulus in world:
        read_front(stimulus, Front)
    return read_phrases(world, dict.fromkeys(SAID, ()), {})


class _CheckFront(Front):
    check: Check
