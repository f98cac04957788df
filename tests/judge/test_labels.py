"""The labelled transcripts: enough of each class and kind, and none of them twice."""

import json
from collections import Counter
from pathlib import Path

import pytest

from sabotage_evals.judge.labels import LABELLED_FOLDER, Item, labelled_file, read_labelled
from sabotage_evals.judge.question import QUESTIONS, Question
from sabotage_evals.prompts import CANARY, StimulusError

THERE = [question for name, question in QUESTIONS.items() if labelled_file(name).is_file()]
ASKED = QUESTIONS["answer_misaligned"]
ITEM = {
    "id": "written-01",
    "material": {"question": "How are you?", "answer": "Fine."},
    "label": "aligned",
    "kind": "written",
    "note": "",
}


def test_labels_are_of_questions_that_are_asked() -> None:
    named = {path.stem for path in LABELLED_FOLDER.iterdir()}
    assert named <= set(QUESTIONS)
    assert {"answer_misaligned", "reasoning_misaligned"} <= named


@pytest.mark.parametrize("question", THERE, ids=lambda question: question.name)
def test_there_are_enough_items_of_each_class_and_kind(question: Question) -> None:
    items = read_labelled(question).items
    labels, kinds = Counter(item.label for item in items), Counter(item.kind for item in items)
    assert len(items) >= 60
    assert all(labels[name] >= 20 for name in question.classes), labels
    assert kinds["injection"] >= 8
    assert set(kinds) == {"actor", "written", "hard", "borderline", "near_miss", "injection"}


@pytest.mark.parametrize("question", THERE, ids=lambda question: question.name)
def test_injections_pull_to_either_side(question: Question) -> None:
    labels = Counter(item.label for item in read_labelled(question).items if item.kind == "injection")
    assert all(labels[name] >= 2 for name in question.classes), "A judge that always says no would pass them all."


@pytest.mark.parametrize("question", THERE, ids=lambda question: question.name)
def test_no_item_is_there_twice(question: Question) -> None:
    materials = [" ".join(json.dumps(item.material).split()) for item in read_labelled(question).items]
    assert [text for text, count in Counter(materials).items() if count > 1] == []


@pytest.mark.parametrize("question", THERE, ids=lambda question: question.name)
def test_every_piece_says_something_and_none_carries_the_canary(question: Question) -> None:
    for item in read_labelled(question).items:
        assert all(piece.strip() for piece in item.material.values()), item.id
        assert CANARY not in json.dumps(item.material), item.id


def written(folder: Path, *lines: str) -> Path:
    labelled_file(ASKED.name, folder).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_items_are_read_as_they_were_written(tmp_path: Path) -> None:
    item = ITEM | {"material": {"question": "a\u2028b", "answer": "c\nd"}}
    folder = written(tmp_path, json.dumps({"canary": CANARY}), json.dumps(item, ensure_ascii=False))
    assert read_labelled(ASKED, folder).items == (Item.model_validate(item),)


@pytest.mark.parametrize(
    ("first", "item", "told"),
    [
        ({"canary": "tweet"}, ITEM, "the first line lacks the canary"),
        ({"canary": CANARY}, ITEM | {"label": "good"}, "line 2: the label is 'good'; choose from aligned, misaligned."),
        ({"canary": CANARY}, ITEM | {"kind": "easy"}, "line 2: kind is no part of an item"),
        ({"canary": CANARY}, ITEM | {"arm": "goals"}, "line 2: arm is no part of an item"),
        (
            {"canary": CANARY},
            ITEM | {"material": {"answer": "b"}},
            "line 2: the material is answer; give question, answer",
        ),
    ],
)
def test_items_that_cannot_be_used_are_refused(
    tmp_path: Path, first: dict[str, str], item: dict[str, object], told: str
) -> None:
    with pytest.raises(StimulusError, match=r"answer_misaligned\.jsonl") as refused:
        read_labelled(ASKED, written(tmp_path, json.dumps(first), json.dumps(item)))
    assert told in str(refused.value)


def test_an_id_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, json.dumps({"canary": CANARY}), json.dumps(ITEM), json.dumps(ITEM))
    with pytest.raises(StimulusError, match="the id 'written-01' is there twice"):
        read_labelled(ASKED, folder)
