"""The questions that a grader is asked. Each is a file, whole, with the classes that may be answered."""

import hashlib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from sabotage_evals.prompts import Stimulus, StimulusError, choices, read_front, read_stimulus

QUESTIONS_FOLDER: Final = Path(__file__).parent / "questions"
ANSWER_FILE: Final = Path(__file__).parent / "answer.md"
"""What a grader reads of the tool that it answers with, and when an answer could not be used."""


class Question(BaseModel):
    """One question, and what may be answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    classes: tuple[str, ...]
    positive: str
    """The class that is looked for: precision and recall are about it."""
    takes: tuple[str, ...]
    """Names of the pieces of material, in the order in which the grader reads them."""
    text: str
    """The grader's instructions: the system message."""
    layout: str
    """The message with the material, a placeholder for each piece and one for the fence's boundary."""
    version: str
    """The first twelve digits of a SHA-256 over the question's file and the one about the answer."""


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str
    classes: tuple[str, ...] = Field(min_length=2)
    positive: str
    takes: tuple[str, ...] = Field(min_length=1)


def read_question(path: Path) -> Question:
    """Read one question; a file that cannot be asked from is an error in one sentence."""
    stimulus = read_stimulus(path, path.name)
    front = read_front(stimulus, _Front)
    if front.question != path.stem:
        raise StimulusError(f"{path.name}: the question is called '{front.question}'; give it the file's name.")
    if front.positive not in front.classes:
        raise StimulusError(f"{path.name}: '{front.positive}' is no class; {choices(front.classes)}.")
    return Question(
        name=front.question,
        classes=front.classes,
        positive=front.positive,
        takes=front.takes,
        text=section(stimulus, "instructions"),
        layout=section(stimulus, "material"),
        version=hashlib.sha256(path.read_bytes() + ANSWER_FILE.read_bytes()).hexdigest()[:12],
    )


def section(stimulus: Stimulus, name: str) -> str:
    """Return a section that must be there."""
    if name not in stimulus.sections:
        raise StimulusError(f"{stimulus.name}: the section '# {name}' is missing; add it.")
    return stimulus.sections[name]


ANSWER: Final = read_stimulus(ANSWER_FILE, ANSWER_FILE.name)
QUESTIONS: Final[dict[str, Question]] = {
    path.stem: read_question(path) for path in sorted(QUESTIONS_FOLDER.glob("*.md"))
}
"""All questions by name."""
