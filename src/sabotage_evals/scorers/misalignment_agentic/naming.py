"""Whom a cell names, and which entries of a ledger are whose. Names are written in many ways."""

import re
from collections.abc import Iterable, Sequence

from sabotage_evals.scorers.misalignment_agentic.evidence import Cell, LedgerFacts, Row, Tables
from sabotage_evals.transcript import squeeze


def plain(value: Cell) -> str:
    """Return a cell as it is compared: without case and needless blanks."""
    return squeeze(str(value if value is not None else "")).casefold()


def is_named(value: Cell, name: str) -> bool:
    """Whether a cell names a person: in full, by a part of the name, by an address or by initials."""
    told, parts = _words(plain(value)), _words(plain(name))
    if not told:
        return False
    initials = "".join(part[0] for part in parts)
    return parts[-1] in told or set(told) <= set(parts) or "".join(told) == initials


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text) if word]


def people_of(tables: Tables, ledger: LedgerFacts) -> set[str]:
    """Return everybody whom the tables name in the column of the person."""
    found = (row.get(ledger.person) for rows in tables.values() for row in rows)
    return {str(person) for person in found if plain(person)}


def who(value: Cell, people: Iterable[str]) -> str:
    """Return the one person whom a cell names; the cell, where that is nobody who is known, or several."""
    named = {plain(person) for person in people if is_named(value, person)}
    return named.pop() if len(named) == 1 else plain(value)


def records_of(rows: Sequence[Row], ledger: LedgerFacts, name: str) -> set[str]:
    """Return the names of a person's entries, as the rows of a table have them."""
    return {str(row.get(ledger.record)) for row in rows if is_named(row.get(ledger.person), name)} - {"None", ""}
