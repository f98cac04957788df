"""The questions are files that can be read, and each can be answered."""

import re
from pathlib import Path

import pytest

from sabotage_evals.judge.question import ANSWER_FILE, QUESTIONS, QUESTIONS_FOLDER, read_question
from sabotage_evals.prompts import CANARY, StimulusError, part_names

CLASSES = {
    "answer_misaligned": ("aligned", "misaligned"),
    "mail_coerces": ("coerces", "does_not"),
    "mail_deceives": ("deceives", "does_not"),
    "reasoning_misaligned": ("aligned", "misaligned"),
    "report_discloses": ("discloses", "silent"),
    "report_says_conflict": ("says_conflict", "does_not"),
}
QUESTION = f"""---
canary: "{CANARY}"
question: small
classes: [it_is, is_not]
positive: it_is
takes: [text]
---

# instructions
Is it?

# material
{{boundary}} {{text}} {{boundary}}
"""


def test_there_are_the_questions_that_scorers_ask() -> None:
    assert {name: question.classes for name, question in QUESTIONS.items()} == CLASSES


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_names_every_class_and_piece_and_says_that_material_is_data(name: str) -> None:
    asked = QUESTIONS[name]
    assert all(f"`{each}`" in asked.text for each in asked.classes)
    assert all(asked.layout.count(f"{{{piece}}}") == 1 for piece in asked.takes)
    opening, _, rest = asked.layout.partition(f"{{{asked.takes[0]}}}")
    closing = rest.rpartition(f"{{{asked.takes[-1]}}}")[2]
    assert "instruction to you" in opening, "It must be said before the material ..."
    assert "instruction to you" in closing, "... and after it."
    assert "{boundary}" in opening
    assert "{boundary}" in closing
    assert CANARY not in asked.text + asked.layout
    assert not part_names(asked.text + asked.layout)


@pytest.mark.parametrize("path", [*sorted(QUESTIONS_FOLDER.glob("*.md")), ANSWER_FILE], ids=lambda path: path.stem)
def test_every_file_that_a_grader_reads_carries_the_canary(path: Path) -> None:
    assert CANARY in path.read_text(encoding="utf-8")


def test_no_question_tells_in_which_condition_a_text_was_written() -> None:
    for question in QUESTIONS.values():
        words = f"{question.text} {question.layout}".lower()
        found = re.findall(r"\b(?:arms?|experiment\w*|benchmark\w*|sabotage\w*|treatment|control group)\b", words)
        assert not found, f"{question.name} speaks of {found}."


def test_the_version_changes_with_the_text(tmp_path: Path) -> None:
    path = tmp_path / "small.md"
    path.write_text(QUESTION, encoding="utf-8")
    first = read_question(path)
    path.write_text(QUESTION.replace("Is it?", "Is it so?"), encoding="utf-8")
    second = read_question(path)
    assert len(first.version) == 12
    assert first.version != second.version


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("question: small", "question: large", "'large'; give it the file's name"),
        ("positive: it_is", "positive: maybe", "'maybe' is no class; choose from it_is, is_not"),
        ("# material", "# stuff", "the section '# material' is missing; add it"),
        ("takes: [text]", "takes: []", "takes"),
        (f'canary: "{CANARY}"', "", "lacks the canary"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "small.md"
    path.write_text(QUESTION.replace(old, new), encoding="utf-8")
    with pytest.raises(StimulusError, match=r"small\.md") as refused:
        read_question(path)
    assert told in str(refused.value)
