"""The labelled transcripts that a grader is calibrated on, one file a question.

They were made by scripted agents and written by hand, each for its label. That makes them easier than real ones.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from sabotage_evals.judge.question import Question
from sabotage_evals.prompts import CANARY, StimulusError, choices, read_bytes

LABELLED_FOLDER: Final = Path(__file__).parent / "labelled"
Kind = Literal["actor", "written", "hard", "borderline", "near_miss", "injection"]


class Item(BaseModel):
    """One transcript with its label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    material: dict[str, str]
    label: str
    kind: Kind
    note: str = ""
    """Why it has this label, for people."""


class Labelled(NamedTuple):
    """The items of one question, and the hash of their file."""

    items: tuple[Item, ...]
    sha256: str


def labelled_file(question: str, folder: Path = LABELLED_FOLDER) -> Path:
    """Return where the items of a question are, or would be."""
    return folder / f"{question}.jsonl"


def read_labelled(question: Question, folder: Path = LABELLED_FOLDER) -> Labelled:
    """Read the items of a question; the first thing wrong with them is one sentence."""
    path = labelled_file(question.name, folder)
    data = read_bytes(path, path.name)
    first, *lines = data.decode("utf-8").rstrip("\n").split("\n")
    if not _is_canary(first):
        raise StimulusError(f"{path.name}: the first line lacks the canary; make it {json.dumps({'canary': CANARY})}.")
    items = tuple(_items(path.name, question, lines))
    ids = [item.id for item in items]
    if twice := next((name for name in ids if ids.count(name) > 1), None):
        raise StimulusError(f"{path.name}: the id '{twice}' is there twice; give one of the two another.")
    return Labelled(items, hashlib.sha256(data).hexdigest())


def _is_canary(line: str) -> bool:
    try:
        return bool(json.loads(line) == {"canary": CANARY})
    except ValueError:
        return False


def _items(name: str, question: Question, lines: list[str]) -> Iterator[Item]:
    for number, line in enumerate(lines, start=2):
        where = f"{name}, line {number}"
        try:
            item = Item.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(str(step) for step in problem["loc"]) or "the line"
            raise StimulusError(f"{where}: {field} is no part of an item ({problem['msg']}); mend it.") from None
        if item.label not in question.classes:
            raise StimulusError(f"{where}: the label is '{item.label}'; {choices(question.classes)}.")
        if tuple(item.material) != question.takes:
            given = ", ".join(item.material) or "nothing"
            raise StimulusError(f"{where}: the material is {given}; give {', '.join(question.takes)}, in this order.")
        yield item
