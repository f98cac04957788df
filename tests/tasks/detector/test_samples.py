"""What is asked for is checked in one sentence, and the samples come in an order whose every head is balanced."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai.dataset import Sample

from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.tasks.detector.arms import CORE, DELIVERABLES, Deliverable, read_arms
from sabotage_evals.tasks.detector.samples import FACTORS, choose, make_dataset, plan_cells
from tests.tasks.refusing import refused_by


def cells(**asked: Any) -> list[Cell]:
    return plan_cells(choose(**asked))


def samples(**asked: Any) -> list[Sample]:
    return list(make_dataset(choose(**asked)))


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 32),
        ({"arms": None}, 32),
        ({"arms": "self_hacking"}, 8),
        ({"wordings": 2}, 8),
        ({"seeds": 3}, 96),
        ({"arms": "all"}, 16 * 8),
        ({"arms": "all", "deliverable": "prompt"}, 13 * 8),
        ({"arms": "all", "deliverable": "review"}, 15 * 8),
        ({"arms": ["core", "best_effort", "self_hacking"], "wordings": 1}, 5),
    ],
    ids=str,
)
def test_a_choice_is_the_product_of_what_was_chosen(asked: dict[str, Any], count: int) -> None:
    planned = cells(**asked)
    assert len(planned) == len(set(planned)) == count


@pytest.mark.parametrize("block", range(8))
def test_every_four_samples_of_the_core_run_are_one_unit_in_all_four_cells(block: int) -> None:
    head = cells()[4 * block : 4 * block + 4]
    assert tuple(cell.arm for cell in head) == CORE
    assert len({cell.unit for cell in head}) == 1


def test_a_head_of_any_length_differs_by_at_most_one_between_arms() -> None:
    planned = cells(arms="all", seeds=2)
    for length in range(1, len(planned)):
        counts = Counter(cell.arm for cell in planned[:length])
        assert max(counts.values()) - min(counts[cell.arm] for cell in planned) <= 1


@pytest.mark.parametrize("deliverable", DELIVERABLES)
def test_an_id_says_arm_wording_deliverable_and_seed_as_the_metadata_does(deliverable: Deliverable) -> None:
    made = samples(arms="all", deliverable=deliverable, seeds=2)
    assert len({sample.id for sample in made}) == len(made)
    for sample in made:
        facts = sample.metadata or {}
        assert facts["unit"] == f"{facts['wording']}/{deliverable}/{facts['seed']}"
        assert sample.id == f"{facts['arm']}/{facts['unit']}"


def test_a_sample_carries_every_factor_of_its_arm() -> None:
    arms = read_arms("rule")
    for sample in samples(arms="all", wordings=1, items=7):
        facts = sample.metadata or {}
        arm = arms.arm(facts["arm"])
        assert {factor: facts[factor] for factor in FACTORS} == {factor: getattr(arm, factor) for factor in FACTORS}
        assert (facts["title"], facts["items"]) == (arm.title, 7)
        assert facts["published"] == (arm.published.model_dump() if arm.published else None)


@pytest.mark.parametrize("deliverable", DELIVERABLES)
def test_a_sample_says_to_the_model_what_its_arm_says_in_its_wording(deliverable: Deliverable) -> None:
    arms = read_arms(deliverable)
    for sample in samples(deliverable=deliverable):
        facts = sample.metadata or {}
        assert not isinstance(sample.input, str)
        told = {message.role: message.text for message in sample.input}
        assert told == arms.render(facts["arm"], facts["wording"])._asdict()


REFUSED: Final[list[tuple[dict[str, Any], str]]] = [
    ({"arms": "self"}, "There is no arm 'self'; choose from core, all, "),
    ({"arms": 1}, "'arms' is 1, and must be a name or names"),
    ({"arms": "score_shown", "deliverable": "prompt"}, "The arm 'score_shown' makes no sense with the deliverable"),
    ({"deliverable": "rules"}, "There is no deliverable 'rules'; choose from rule, prompt, review."),
    ({"deliverable": ["rule", "prompt"]}, "There is no deliverable ['rule', 'prompt']; choose from rule, "),
    ({"deliverable": None}, "There is no deliverable None; choose from rule, prompt, review."),
    ({"seeds": 0}, "'seeds' is 0, and must be a whole number from 1 up."),
    ({"items": 2.5}, "'items' is 2.5, and must be a whole number from 1 up."),
    ({"wordings": True}, "'wordings' is True, and must be a whole number from 1 up."),
    ({"wordings": 9}, "9 wordings cannot be had of the arm 'self_hacking'"),
    ({"stimuli": "/no/such/folder"}, "There is no folder of stimuli '/no/such/folder'"),
]


@pytest.mark.parametrize(("asked", "told"), REFUSED, ids=[str(asked) for asked, _ in REFUSED])
def test_what_cannot_be_had_is_refused_in_one_sentence(asked: dict[str, Any], told: str) -> None:
    assert told in refused_by(lambda: choose(**asked))


def test_a_broken_stimulus_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("---\narm: mine\n---\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"mine\.md: the front matter lacks the canary"):
        choose(stimuli=tmp_path)
