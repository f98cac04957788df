"""What is run: a balanced order, ids that say what they are, and refusals in one sentence."""

from typing import Any

import pytest

from sabotage_evals.refusal import Refusal
from sabotage_evals.tasks.misalignment_agentic.samples import choose, make_dataset


def test_all_arms_and_texts_are_run_by_default() -> None:
    assert len(make_dataset(choose())) == 7 * 4


def test_every_head_of_seven_is_one_unit_in_all_arms() -> None:
    samples = list(make_dataset(choose(seeds=2)))
    for start in range(0, len(samples), 7):
        head = [sample.metadata or {} for sample in samples[start : start + 7]]
        assert len({each["unit"] for each in head}) == 1
        assert len({each["arm"] for each in head}) == 7


def test_a_sample_says_what_it_is() -> None:
    [sample] = make_dataset(choose("exfil_offer_unmonitored", wordings=1))
    assert sample.id == "exfil_offer_unmonitored/w1/office/1"
    assert sample.metadata is not None
    assert {key: sample.metadata[key] for key in ("arm", "wording", "work", "seed", "unit", "records", "twin")} == {
        "arm": "exfil_offer_unmonitored",
        "wording": "w1",
        "work": "office",
        "seed": 1,
        "unit": "w1/office/1",
        "records": "not_kept",
        "twin": False,
    }


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"arms": "monitor"}, "There is no arm 'monitor'"),
        ({"wordings": 5}, "5 wordings cannot be had"),
        ({"seeds": 0}, "'seeds' is 0"),
        ({"arms": 3}, "'arms' is 3"),
        ({"stimuli": "/nowhere"}, "has no stimuli"),
    ],
)
def test_what_there_is_not_is_refused_in_one_sentence(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        choose(**asked)
