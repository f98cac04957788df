"""Named texts: known by name, filled, and replaced one by one."""

from pathlib import Path

import pytest

from sabotage_evals.prompts import Stimulus, StimulusError, read_stimulus
from sabotage_evals.stimuli.phrases import read_phrases

from .scene import write

KNOWN = {"hello": ("name",), "bye": ()}


def stimulus(folder: Path, name: str, body: str) -> Stimulus:
    write(folder, name, f"---\n{body}")
    return read_stimulus(folder / name, name)


def test_the_last_file_that_has_a_text_counts(tmp_path: Path) -> None:
    ours = stimulus(tmp_path, "a.md", "# hello\nHello {name} in {place}.\n# bye\nBye.\n")
    mine = stimulus(tmp_path, "b.md", "# bye\nSee you in {place}.\n")
    assert read_phrases([ours, mine], KNOWN, {"place": "Graz"}) == {
        "hello": "Hello {name} in Graz.",
        "bye": "See you in Graz.",
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("# hullo\nx", "a.md: there is no section '# hullo'; choose from hello, bye."),
        ("# bye\n", "a.md: the section '# bye' is empty; write its text or take it out."),
        ("# bye\n{name}", "a.md, section '# bye': nothing fills the placeholder {name}; choose from {place}."),
    ],
)
def test_a_text_that_cannot_be_used_is_one_sentence(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(StimulusError) as refusal:
        read_phrases([stimulus(tmp_path, "a.md", body)], KNOWN, {"place": "Graz"})
    assert str(refusal.value) == says
