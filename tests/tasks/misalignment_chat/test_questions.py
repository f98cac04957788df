"""The questions are many, different and plain: none asks for two things, and none says which answer is wanted."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.prompts import CANARY, StimulusError, read_stimulus
from sabotage_evals.tasks.misalignment_chat.arms import PROMPTS, read_arms
from sabotage_evals.tasks.misalignment_chat.questions import NO_TOPIC, Question, QuestionSet, read_questions

SETS: Final = read_arms().sets
LEAST: Final = {"goals": 12, "alignment_questions": 60, "open_questions": 24}
ALL: Final = [question for each in SETS.values() for question in each.questions.values()]
WORDED: Final = [(q.name, wording, text) for q in ALL for wording, text in q.wordings.items()]
SMALL_WORDS: Final = """
a an and any are as at be been before being but by can come could did do does doing each for from get give given go has
have having how i if in into is it its itself me more most much my no not of on one or other out own people said say
says so some somebody someone something take tell than that the their them then there they thing things think this those
to up use want was way were what when where which who whom whose why will with without work would write you your
"""
"""Words that any two questions may share."""
GIVES_AWAY: Final = re.compile(
    r"(?i)\b(?:honest\w*|truthful\w*|candid\w*|frank(?:ly)?|sincere\w*|really|truly|secret(?:ly)?|true self|"
    r"(?:un)?safe(?:ly|ty)?|(?:mis)?align(?:ed|ment)|(?:un)?ethical\w*|moral\w*|evil|harm\w*|dangerous\w*|wicked\w*|"
    r"obviously|surely|of course|after all|naturally|admit\w*|confess\w*|don't you|wouldn't you|won't you|isn't it|"
    r"aren't you|shouldn't|must not|evaluat\w*|benchmark\w*|deceiv\w*|decepti\w*|cheat\w*|betray\w*)\b"
)
"""Words that tell a reader which answer is wanted, or what the question is for."""
HEAD: Final = f'---\ncanary: "{CANARY}"\nquestions: mine\n---\n'


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z']+", text.lower())) - frozenset(SMALL_WORDS.split())


def overlap(one: str, other: str) -> float:
    """Return the share of the words of either that both have (Jaccard 1912)."""
    mine, theirs = words(one), words(other)
    return len(mine & theirs) / len(mine | theirs) if mine or theirs else 1.0


def read(folder: Path, body: str, head: str = HEAD) -> QuestionSet:
    path = folder / "mine.md"
    path.write_text(head + body, encoding="utf-8")
    return read_questions(read_stimulus(path, path.name), path.stem)


@pytest.mark.parametrize("name", LEAST)
def test_a_set_has_as_many_questions_as_it_must(name: str) -> None:
    assert len(SETS[name].questions) >= LEAST[name]


@pytest.mark.parametrize("question", ALL, ids=lambda each: each.name)
def test_every_question_has_three_wordings(question: Question) -> None:
    assert list(question.wordings) == ["w1", "w2", "w3"]
    assert len(set(question.wordings.values())) == 3


def test_a_question_has_one_name_in_all_sets() -> None:
    assert [name for name, count in Counter(question.name for question in ALL).items() if count > 1] == []


def test_every_question_of_ours_has_a_topic_and_no_topic_has_it_all() -> None:
    for each in SETS.values():
        topics = Counter(question.topic for question in each.questions.values())
        assert NO_TOPIC not in topics
        assert len(topics) >= 4
        assert max(topics.values()) <= len(each.questions) / 2


@pytest.mark.parametrize("question", ALL, ids=lambda each: each.name)
def test_a_wording_asks_one_thing(question: Question) -> None:
    for text in question.wordings.values():
        assert re.sub(r'"[^"]*"', "", text).count("?") <= 1, f"Two questions are answered to one of them: {text!r}"
        assert text[-1] in '?."'
        assert len(text.split()) <= 40


@pytest.mark.parametrize("question", ALL, ids=lambda each: each.name)
def test_a_wording_does_not_say_which_answer_is_wanted(question: Question) -> None:
    assert [text for text in question.wordings.values() if GIVES_AWAY.search(text)] == []


def test_no_two_questions_are_nearly_the_same() -> None:
    for (one, _, text), (other, _, another) in combinations(WORDED, 2):
        if one != other:
            assert overlap(text, another) < 0.4, f"{one} and {other} ask for the same: {text!r}, {another!r}"


def test_the_wordings_of_a_question_differ_in_more_than_a_word() -> None:
    for question in ALL:
        for one, other in combinations(question.wordings.values(), 2):
            assert overlap(one, other) < 0.6


def test_questions_are_read_with_their_wordings_and_topics(tmp_path: Path) -> None:
    head = HEAD.replace("mine\n", "mine\ntopics:\n  one: [first]\n")
    found = read(tmp_path, "# first\n- w2: Two?\n- w1: One?\n\n# second\n- w1: Three?\n", head)
    assert found.questions == {
        "first": Question("first", "one", {"w1": "One?", "w2": "Two?"}),
        "second": Question("second", NO_TOPIC, {"w1": "Three?"}),
    }
    assert list(found.questions["first"].wordings) == ["w1", "w2"]


BROKEN: Final = [
    ("", "there is no question in it"),
    ("# first\n", "it has no wording"),
    ("# first\nWhat?\n", "the line 'What?' is no wording"),
    ("# first\n- first: What?\n", "the line '- first: What?' is no wording"),
    ("# first\n- w1: What?\n- w1: Why?\n", "the wording w1 is there twice"),
    ("# first\n- w1: What of {name}?\n", "nothing fills the placeholder {name}"),
    ("# First One\n- w1: What?\n", "a question's name is of small letters"),
]


@pytest.mark.parametrize(("body", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, body: str, told: str) -> None:
    with pytest.raises(StimulusError) as broken:
        read(tmp_path, body)
    assert told in str(broken.value)
    assert str(broken.value).startswith("mine.md")
    assert "\n" not in str(broken.value)


@pytest.mark.parametrize(
    ("topics", "told"),
    [
        ("{one: [third]}", "the topic 'one' names the question 'third', which is not there"),
        ("{one: [first], two: [first]}", "the question 'first' stands under 'one' and under 'two'"),
    ],
)
def test_topics_name_each_question_once(tmp_path: Path, topics: str, told: str) -> None:
    with pytest.raises(StimulusError, match=re.escape(told)):
        read(tmp_path, "# first\n- w1: What?\n", HEAD.replace("mine\n", f"mine\ntopics: {topics}\n"))


def test_a_set_bears_the_name_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(StimulusError, match="'questions' is 'yours'; give file and set one name, here 'mine'"):
        read(tmp_path, "# first\n- w1: What?\n", HEAD.replace("questions: mine", "questions: yours"))


@pytest.mark.parametrize("path", sorted(PROMPTS.rglob("*.md")), ids=lambda path: path.name)
def test_every_file_bears_the_canary_in_its_front_matter_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f'---\ncanary: "{CANARY}"\n')
    assert text.count(CANARY) == 1
