"""What cannot be had is refused in one sentence that names the thing and its value."""

from pathlib import Path

import pytest

from sabotage_evals.prompts import StimulusError
from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.choosing import (
    check_common,
    check_count,
    check_names,
    choose_among,
    or_refuse,
    refuse_unknown,
    select_arms,
)

from .scene import read, write_scenario


@pytest.mark.parametrize("value", [None, "red", ["red", "blue"], ("red",), []])
def test_names_are_a_name_or_names(value: object) -> None:
    check_names("arms", value)


@pytest.mark.parametrize("value", [1, True, 2.5, ["red", 1], {"red": 1}])
def test_what_is_no_name_is_refused(value: object) -> None:
    with pytest.raises(Refusal, match=r"'arms' is .*, and must be a name or names"):
        check_names("arms", value)


@pytest.mark.parametrize("value", [0, -1, True, 2.5, "2", None])
def test_what_is_no_count_is_refused(value: object) -> None:
    with pytest.raises(Refusal, match=r"'seeds' is .*, and must be a whole number from 1 up\."):
        check_count("seeds", value)


def test_a_count_from_one_up_is_let_through() -> None:
    check_count("seeds", 1)


def some_task(arms: str = "core", seeds: int = 1, **unknown: object) -> None:
    refuse_unknown(unknown, some_task)


def test_a_parameter_that_a_task_does_not_have_is_refused_with_those_that_it_has() -> None:
    some_task("core", seeds=2)
    with pytest.raises(Refusal, match=r"^The task has no parameter 'arm'; choose from arms, seeds\.$"):
        some_task(arm="core")


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"arms": 1}, "'arms' is 1,"), ({"wordings": 0}, "'wordings' is 0,"), ({"seeds": None}, "'seeds' is None,")],
)
def test_what_every_task_lets_choose_is_checked(changed: dict[str, object], said: str) -> None:
    check_common("core", None, 1)
    choice: dict[str, object] = {"arms": "core", "wordings": 8, "seeds": 1}
    with pytest.raises(Refusal, match=f"^{said}"):
        check_common(**(choice | changed))


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (None, ("sums", "records")),
        ([], ("sums", "records")),
        ("all", ("sums", "records")),
        ("records", ("records",)),
        (["records", "sums", "records"], ("records", "sums")),
        (["records", "all"], ("sums", "records")),
    ],
)
def test_names_are_chosen_each_once(names: str | list[str] | None, chosen: tuple[str, ...]) -> None:
    assert choose_among("family", names, ("sums", "records")) == chosen


def test_a_name_that_there_is_not_is_refused_with_the_choices() -> None:
    with pytest.raises(Refusal, match=r"^There is no family 'sum'; choose from sums, records, all\.$"):
        choose_among("family", ["records", "sum"], ("sums", "records"))


def test_every_chosen_arm_must_have_so_many_wordings(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    assert [arm.arm for arm in select_arms(arms, "core", 2)] == ["plain", "red"]
    with pytest.raises(StimulusError, match="2 wordings cannot be had of the arm 'big_red'"):
        select_arms(arms, "all", 2)


def test_stimuli_that_cannot_be_used_are_a_refusal() -> None:
    def fail() -> None:
        raise StimulusError("mine.md: it is empty; write it.")

    with pytest.raises(Refusal) as refused:
        or_refuse(fail)
    assert str(refused.value) == "mine.md: it is empty; write it."
