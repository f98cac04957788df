"""What tools and programs say and what is asked afterwards: named texts, of which a user's replace ours one by one."""

from collections.abc import Mapping, Sequence

from sabotage_evals.prompts import Stimulus, StimulusError, choices, fill


def read_phrases(
    stimuli: Sequence[Stimulus], known: Mapping[str, Sequence[str]], values: Mapping[str, object]
) -> dict[str, str]:
    """Read named texts; of a section that several files have, the last counts.

    Args:
        stimuli: the files.
        known: the names that there are, each with the placeholders that are filled while the run goes on.
        values: what fills the others.
    """
    texts: dict[str, str] = {}
    for stimulus in stimuli:
        for name, text in stimulus.sections.items():
            if name not in known:
                raise StimulusError(f"{stimulus.name}: there is no section '# {name}'; {choices(known)}.")
            if not text:
                raise StimulusError(f"{stimulus.name}: the section '# {name}' is empty; write its text or take it out.")
            later = {key: f"{{{key}}}" for key in known[name]}
            texts[name] = fill(text, {**values, **later}, where_in(stimulus, name))
    return texts


def where_in(stimulus: Stimulus, name: str) -> str:
    """Say what messages call a section."""
    return f"{stimulus.name}, section '# {name}'"
