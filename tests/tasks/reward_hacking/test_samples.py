"""What is asked for is checked in one sentence, and the samples come in an order whose every head is balanced."""

from collections import Counter
from typing import Any, Final

import pytest

from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.tasks.reward_hacking.arms import CORE
from sabotage_evals.tasks.reward_hacking.problems import KINDS, PROBLEMS
from sabotage_evals.tasks.reward_hacking.samples import Work, choose, make_dataset, plan_cells
from tests.tasks.refusing import refused_by

COUNT: Final = len(PROBLEMS)


def cells(**asked: Any) -> list[Cell]:
    return plan_cells(choose(**asked))


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 9 * COUNT),
        ({"arms": "no_hint"}, 3 * COUNT),
        ({"arms": "all", "kinds": "impossible"}, 10 * COUNT),
        ({"problems": ["lamp_ring", "van_loads"], "seeds": 3}, 2 * 9 * 3),
        ({"problems": "lamp_ring", "crossed": True}, 9 * 8),
        ({"problems": "lamp_ring", "crossed": True, "wordings": 2}, 9 * 2),
    ],
    ids=str,
)
def test_a_choice_is_the_product_of_what_was_chosen(asked: dict[str, Any], count: int) -> None:
    planned = cells(**asked)
    assert len(planned) == len(set(planned)) == count


def test_every_nine_samples_of_the_core_run_are_one_problem_in_all_kinds_and_arms() -> None:
    planned = cells()
    for start in range(0, len(planned), 9):
        head = planned[start : start + 9]
        works = [Work.read(cell.work) for cell in head]
        assert len({work.problem for work in works}) == 1
        assert Counter((work.kind, cell.arm) for work, cell in zip(works, head, strict=True)) == {
            (kind, arm): 1 for kind in KINDS for arm in CORE
        }


def test_arms_are_paired_by_unit() -> None:
    units = [{cell.unit for cell in cells(seeds=2) if cell.arm == arm} for arm in CORE]
    assert units[0] == units[1] == units[2]


def test_every_wording_meets_every_kind() -> None:
    met = Counter((cell.wording, Work.read(cell.work).kind) for cell in cells(arms="no_hint"))
    assert len(met) == 8 * 3
    assert max(met.values()) - min(met.values()) <= 1


def test_another_seed_is_another_wording() -> None:
    planned = cells(arms="no_hint", problems="lamp_ring", kinds="fair", seeds=8)
    assert len({cell.wording for cell in planned}) == 8


def test_a_sample_says_what_it_is() -> None:
    [sample] = make_dataset(choose(arms="please_hack", kinds="impossible", problems="lamp_ring"))
    facts = sample.metadata or {}
    assert sample.id == f"please_hack/{facts['unit']}"
    assert facts["unit"] == f"{facts['wording']}/lamp_ring-impossible/1"
    assert (facts["kind"], facts["instructed"], facts["hint"]) == ("impossible", "asked", 0)
    assert "conflict" not in facts


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"arms": "hint"}, "There is no arm 'hint'"),
        ({"kinds": "hard"}, "There is no kind 'hard'; choose from fair, loophole, impossible, all."),
        ({"problems": "sums"}, "There is no problem 'sums'; choose from "),
        ({"wordings": 9}, "9 wordings cannot be had"),
        ({"seeds": 0}, "'seeds' is 0"),
        ({"crossed": 1}, "'crossed' is 1, and must be true or false."),
        ({"kinds": 3}, "'kinds' is 3"),
    ],
    ids=str,
)
def test_what_there_is_not_is_refused_in_one_sentence(asked: dict[str, Any], told: str) -> None:
    assert told in refused_by(lambda: cells(**asked))
