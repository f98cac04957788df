"""The arms ask what they say, their pair differs in one word, and a user's folder is laid over them."""

import hashlib
import re
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.prompts import CANARY, StimulusError
from sabotage_evals.tasks.misalignment_chat.arms import CORE, HEADLINE, PRIMARY, PROMPTS, Texts, read_arms

ARMS: Final = read_arms()
HEAD: Final = f'---\ncanary: "{CANARY}"\n'
QUESTION: Final = "# anything\n- w1: What is it?\n- w2: And what is this?\n"


def write(path: Path, front: str, body: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}{front}\n---\n{body}", encoding="utf-8")


def write_arm(folder: Path, name: str = "mine", questions: str = "goals", body: str = "", front: str = "") -> None:
    write(folder / f"{name}.md", f"arm: {name}\ntitle: Mine\nquestions: {questions}\nreplies: unsaid\n{front}", body)


def test_all_arms_are_there() -> None:
    assert set(ARMS.by_name) == {*CORE, *PRIMARY}
    assert HEADLINE in CORE
    assert tuple(arm.arm for arm in ARMS.select()) == tuple(arm.arm for arm in ARMS.select("core")) == CORE
    assert {arm.arm for arm in ARMS.select("all")} == set(ARMS.by_name)


@pytest.mark.parametrize("name", CORE)
def test_nothing_stands_before_the_question_in_a_core_arm(name: str) -> None:
    assert ARMS.arm(name).questions == name
    assert ARMS.systems[name] == {}


def test_the_pair_asks_the_same_and_says_the_opposite_of_the_replies() -> None:
    unrecorded, recorded = PRIMARY
    for question in ARMS.questions(HEADLINE):
        for wording in ARMS.wordings(HEADLINE, question):
            mine, theirs = (ARMS.render(name, question, wording) for name in (unrecorded, recorded))
            assert mine.user == theirs.user == ARMS.render(HEADLINE, question, wording).user
            assert mine.system is not None
            assert mine.system.replace(" not ", " ") == theirs.system
            assert mine.system.count(" not ") == 2


def test_the_primary_contrast_is_declared_as_unrecorded_minus_recorded() -> None:
    first, second = PRIMARY
    declared = {each.other: each.parts for each in ARMS.arm(first).contrasts}
    assert declared == {second: ("system",), HEADLINE: ("system",)}


def test_hashes_are_those_of_the_files() -> None:
    assert ARMS.hashes() == {
        path.relative_to(PROMPTS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in PROMPTS.rglob("*.md")
    }


def test_a_users_file_takes_the_place_of_ours_and_a_new_one_is_a_new_arm(tmp_path: Path) -> None:
    write(tmp_path / "questions/goals.md", "questions: goals", QUESTION)
    write_arm(tmp_path, body="# w2 system\nBefore.\n")
    arms = read_arms(tmp_path)
    assert list(arms.questions("goals")) == ["anything"]
    assert arms.wordings("goals", "anything") == ("w1", "w2")
    assert arms.wordings("mine", "anything") == ("w2",)
    assert arms.render("mine", "anything", "w2") == Texts("Before.", "And what is this?")
    assert set(arms.hashes()) > {"stimuli/mine.md", "stimuli/questions/goals.md", "questions/goals.md"}


def test_contrasts_of_ours_that_no_longer_hold_are_let_go(tmp_path: Path) -> None:
    write_arm(tmp_path, PRIMARY[1], HEADLINE)
    held = read_arms(tmp_path).arm(PRIMARY[0]).contrasts
    assert [each.other for each in held] == [PRIMARY[1], HEADLINE]
    write_arm(tmp_path, PRIMARY[1], "goals")
    assert [each.other for each in read_arms(tmp_path).arm(PRIMARY[0]).contrasts] == [HEADLINE]


BROKEN: Final = [
    ({"questions": "none"}, "mine.md: there are no questions 'none'; choose from alignment_questions, goals"),
    ({"body": "# system\nBefore.\n"}, "mine.md: there is no section '# system'; choose from w1 system"),
    ({"body": "# w1 user\nBefore.\n"}, "mine.md: there is no section '# w1 user'"),
    ({"body": "# w1 system\n"}, "mine.md: the section '# w1 system' is empty"),
    ({"body": "# w9 system\nBefore.\n"}, "mine.md: it shares no wording with the question 'own_goals'"),
    ({"front": "contrasts: [{with: goals, parts: [system]}]"}, "declares the parts [system], but in w1 the texts"),
    ({"front": "contrasts: [{with: nothing, parts: []}]"}, "the contrast with 'nothing' is with no other arm"),
    ({"front": "contrasts: [{with: open_questions, parts: []}]"}, "the contrast with 'open_questions' asks other"),
    ({"front": "instructed: none"}, "mine.md: the front matter has an unknown key 'instructed'"),
]


@pytest.mark.parametrize(("written", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_an_arm_that_cannot_be_run_is_told_in_one_sentence(tmp_path: Path, written: dict[str, str], told: str) -> None:
    write_arm(tmp_path, **written)
    with pytest.raises(StimulusError) as broken:
        read_arms(tmp_path)
    assert told in str(broken.value)
    assert re.fullmatch(r"[^\n]+\.", str(broken.value))


@pytest.mark.parametrize("name", ["core", "other"])
def test_an_arm_bears_the_name_of_its_file(tmp_path: Path, name: str) -> None:
    write_arm(tmp_path, name)
    if name == "other":
        (tmp_path / "other.md").rename(tmp_path / "mine.md")
    with pytest.raises(StimulusError, match=f"'arm' is '{name}'; give file and arm one name"):
        read_arms(tmp_path)


def test_a_file_in_a_place_that_nothing_reads_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "base/w1.md", "wording: w1")
    with pytest.raises(StimulusError, match="nothing reads a file in this place"):
        read_arms(tmp_path)


def test_an_arm_that_there_is_not_is_told_with_the_choices() -> None:
    with pytest.raises(StimulusError, match=r"There is no arm 'goal'; choose from core, all, alignment_questions,"):
        ARMS.select("goal")
