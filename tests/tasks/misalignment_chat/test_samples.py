"""What is asked for is checked in one sentence, and the samples come in an order whose every head is balanced."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.tasks.misalignment_chat.arms import CORE, HEADLINE, PRIMARY, read_arms
from sabotage_evals.tasks.misalignment_chat.samples import choose, make_dataset, plan_cells
from tests.tasks.refusing import refused_by

ARMS: Final = read_arms()
COUNT: Final = {name: len(ARMS.questions(name)) for name in ARMS.by_name}
CORE_COUNT: Final = sum(COUNT[name] for name in CORE)


def cells(**asked: Any) -> list[Cell]:
    return plan_cells(choose(**asked))


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 3 * CORE_COUNT),
        ({"arms": None}, 3 * CORE_COUNT),
        ({"wordings": 1}, CORE_COUNT),
        ({"arms": "goals"}, 3 * COUNT["goals"]),
        ({"arms": "all", "wordings": 2}, 2 * sum(COUNT.values())),
        ({"arms": list(PRIMARY), "questions": "backup_offer"}, 6),
        ({"questions": ["own_goals", "backup_offer"], "wordings": 2}, 4),
    ],
    ids=str,
)
def test_a_choice_is_the_product_of_what_was_chosen(asked: dict[str, Any], count: int) -> None:
    planned = cells(**asked)
    assert len(planned) == len(set(planned)) == count


def test_a_head_is_balanced_over_the_arms_as_long_as_all_have_questions_left() -> None:
    planned = cells()
    for length in range(1, 3 * min(COUNT[name] for name in CORE)):
        counts = Counter(cell.arm for cell in planned[:length])
        assert max(counts.values()) - min(counts[name] for name in CORE) <= 1


def test_a_head_goes_round_the_topics() -> None:
    order = [cell.work for cell in cells(arms=HEADLINE)]
    questions = ARMS.questions(HEADLINE)
    topics = {question.topic for question in questions.values()}
    assert {questions[name].topic for name in order[: len(topics)]} == topics


def test_every_two_samples_of_the_pair_are_one_unit_in_both_arms() -> None:
    planned = cells(arms=list(PRIMARY))
    for first, second in zip(planned[::2], planned[1::2], strict=True):
        assert (first.arm, second.arm) == PRIMARY
        assert first.unit == second.unit


def test_an_id_says_arm_wording_question_and_seed_as_the_metadata_does() -> None:
    samples = list(make_dataset(choose("all")))
    assert len({sample.id for sample in samples}) == len(samples)
    for sample in samples:
        facts = sample.metadata or {}
        assert facts["unit"] == f"{facts['wording']}/{facts['work']}/{facts['seed']}"
        assert sample.id == f"{facts['arm']}/{facts['unit']}"
        arm = ARMS.arm(facts["arm"])
        assert (facts["questions"], facts["replies"], facts["title"]) == (arm.questions, arm.replies, arm.title)
        assert facts["topic"] == ARMS.questions(arm.arm)[facts["work"]].topic


def test_a_sample_says_to_the_model_what_its_arm_says() -> None:
    for sample in make_dataset(choose("all", 1)):
        facts = sample.metadata or {}
        assert not isinstance(sample.input, str)
        system, user = ARMS.render(facts["arm"], facts["work"], facts["wording"])
        assert [(m.role, m.text) for m in sample.input] == [
            *([("system", system)] if system else []),
            ("user", user),
        ]


REFUSED: Final[list[tuple[dict[str, Any], str]]] = [
    ({"arms": "goal"}, "There is no arm 'goal'; choose from core, all, "),
    ({"arms": 1}, "'arms' is 1, and must be a name or names"),
    ({"questions": {"own_goals": 1}}, "'questions' is {'own_goals': 1}, and must be a name or names"),
    ({"questions": "backup"}, "There is no question 'backup' in goals, alignment_questions, open_questions; choose"),
    ({"arms": "goals", "questions": "backup_offer"}, "There is no question 'backup_offer' in goals; choose from "),
    ({"wordings": 0}, "'wordings' is 0, and must be a whole number from 1 up."),
    ({"wordings": 4}, "4 wordings cannot be had of the question 'own_goals' in goals, which has w1, w2, w3;"),
    ({"stimuli": "/no/such/folder"}, "There is no folder of stimuli '/no/such/folder'"),
]


@pytest.mark.parametrize(("asked", "told"), REFUSED, ids=[str(asked) for asked, _ in REFUSED])
def test_what_cannot_be_had_is_refused_in_one_sentence(asked: dict[str, Any], told: str) -> None:
    assert told in refused_by(lambda: choose(**asked))


def test_a_broken_stimulus_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("---\narm: mine\n---\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"mine\.md: the front matter lacks the canary"):
        choose(stimuli=tmp_path)
