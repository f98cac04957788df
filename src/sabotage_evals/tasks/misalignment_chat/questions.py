"""The sets of questions: one Markdown file a set, a section a question, a line a wording."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from sabotage_evals.prompts import Stimulus, StimulusError, choices, fill, read_front
from sabotage_evals.stimuli.drafts import WORDING, number_of
from sabotage_evals.stimuli.front import Front
from sabotage_evals.stimuli.phrases import where_in

FOLDER: Final = "questions"
"""Where the sets lie, in ours and in a user's folder of stimuli."""
NO_TOPIC: Final = "other"
"""The topic of a question that its file puts under none."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_LINE: Final = re.compile(r"- (?P<wording>\S+): +(?P<text>\S.*)")


@dataclass(frozen=True)
class Question:
    """One question, in all its wordings."""

    name: str
    topic: str
    wordings: Mapping[str, str]


@dataclass(frozen=True)
class QuestionSet:
    """All questions of one file, by name."""

    name: str
    questions: Mapping[str, Question]


def read_questions(stimulus: Stimulus, stem: str) -> QuestionSet:
    """Read one set.

    Args:
        stimulus: the file.
        stem: its name without `.md`, which the front matter repeats.
    """
    front = read_front(stimulus, _SetFront)
    if front.questions != stem:
        raise StimulusError(
            f"{stimulus.name}: 'questions' is {front.questions!r}; give file and set one name, here {stem!r}."
        )
    topics = _topics(stimulus, front.topics)
    if not stimulus.sections:
        raise StimulusError(f"{stimulus.name}: there is no question in it; write '# name' and a line '- w1: …' below.")
    questions = {
        name: Question(name, topics.get(name, NO_TOPIC), _read_wordings(stimulus, name)) for name in stimulus.sections
    }
    return QuestionSet(stem, questions)


def _topics(stimulus: Stimulus, topics: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for topic, names in topics.items():
        for name in names:
            if name not in stimulus.sections:
                raise StimulusError(
                    f"{stimulus.name}: the topic '{topic}' names the question {name!r}, which is not there; "
                    f"{choices(stimulus.sections)}."
                )
            if name in found:
                raise StimulusError(
                    f"{stimulus.name}: the question {name!r} stands under '{found[name]}' and under '{topic}'; "
                    "keep one of them."
                )
            found[name] = topic
    return found


def _read_wordings(stimulus: Stimulus, name: str) -> dict[str, str]:
    where = where_in(stimulus, name)
    if not _NAME.fullmatch(name):
        raise StimulusError(f"{where}: a question's name is of small letters, digits and '_'; give it such a name.")
    wordings: dict[str, str] = {}
    for line in stimulus.sections[name].splitlines():
        found = _LINE.fullmatch(line.rstrip())
        if found is None or not WORDING.fullmatch(found["wording"]):
            if not line.strip():
                continue
            raise StimulusError(f"{where}: the line {line!r} is no wording; write '- w1: ' and the whole of it.")
        if found["wording"] in wordings:
            raise StimulusError(f"{where}: the wording {found['wording']} is there twice; keep one of them.")
        wordings[found["wording"]] = fill(found["text"], {}, where)
    if not wordings:
        raise StimulusError(f"{where}: it has no wording; write a line '- w1: …'.")
    return dict(sorted(wordings.items(), key=lambda named: number_of(named[0])))


class _SetFront(Front):
    questions: str
    topics: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
