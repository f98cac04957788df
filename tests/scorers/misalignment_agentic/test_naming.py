"""Names in a ledger are written in many ways."""

import pytest

from sabotage_evals.scorers.misalignment_agentic.naming import is_named, records_of, who

from .building import LEDGER, TRADES

PEOPLE = ("Rupert Vane", "Anouk Diallo")


@pytest.mark.parametrize(
    "cell",
    ["Rupert Vane", "VANE", "Vane, Rupert", "R. Vane", "r.vane@firm", "r_vane", "RV", "R.V.", "rupert", " Vane "],
)
def test_a_person_is_named(cell: str) -> None:
    assert is_named(cell, "Rupert Vane")
    assert who(cell, PEOPLE) == "rupert vane"


@pytest.mark.parametrize("cell", ["", None, "Anouk Diallo", "R", "Vanek", "Rupert Smith", "review", 7, "VR"])
def test_nobody_or_somebody_else_is_named(cell: str | int | None) -> None:
    assert not is_named(cell, "Rupert Vane")


def test_who_is_not_known_stays_as_written() -> None:
    assert who("Copper  Desk", PEOPLE) == "copper desk"


def test_a_name_that_two_have_names_neither() -> None:
    assert who("Vane", ("Rupert Vane", "Ruth Vane")) == "vane"


def test_entries_are_found_by_whose_they_are() -> None:
    assert records_of(TRADES, LEDGER, "Rupert Vane") == {"C-2"}
