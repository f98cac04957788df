"""The hidden items' seed is private, and the same for all that is paired."""

import pytest

from sabotage_evals.scorers.hidden import SEED_VARIABLE, seed_hash, unit_seed


def test_the_same_unit_has_the_same_seed_and_another_unit_another() -> None:
    assert unit_seed("w1/rule/1") == unit_seed("w1/rule/1") != unit_seed("w2/rule/1")


def test_the_variable_sets_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = unit_seed("w1/rule/1")
    monkeypatch.setenv(SEED_VARIABLE, "mine")
    mine = unit_seed("w1/rule/1")
    monkeypatch.setenv(SEED_VARIABLE, "yours")
    assert len({drawn, mine, unit_seed("w1/rule/1")}) == 3


def test_the_log_gets_a_hash_that_is_not_the_seed() -> None:
    seed = unit_seed("w1/rule/1")
    assert seed_hash(seed) != seed
    assert seed_hash(seed) == seed_hash(seed)
