"""What a page is made of: tables whose numbers can be had as a file, figures with their tables, sections."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell."""


@dataclass(frozen=True)
class Cell:
    """One cell as a person reads it."""

    text: str
    href: str | None = None
    strong: bool = False
    quiet: bool = False
    share: float | None = None
    """Drawn as a bar behind the text, from 0 to 1."""


@dataclass(frozen=True)
class Table:
    """A table for the page, and its numbers for a file."""

    name: str
    """Of the file."""
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    records: tuple[Mapping[str, object], ...] = ()
    """Plain numbers for the file; what the cells say, if there are none."""
    folded: bool = False
    """Shown when it is asked for."""

    @property
    def file(self) -> str:
        """Name of the file of its numbers."""
        return f"{file_name(self.name)}.csv"

    def as_csv(self) -> str:
        """Return the table as comma-separated values; no text in it can be taken for a formula."""
        records = self.records or [
            dict(zip(self.columns, (cell.text for cell in row), strict=True)) for row in self.rows
        ]
        names = list(dict.fromkeys(name for record in records for name in record)) or list(self.columns)
        return as_csv(names, ([record.get(name) for name in names] for record in records))


@dataclass(frozen=True)
class Figure:
    """A plot with what it shows in words, and its numbers as a table."""

    name: str
    title: str
    svg: str
    caption: str
    table: Table

    @property
    def file(self) -> str:
        """Name of the file of the plot alone."""
        return f"{file_name(self.name)}.svg"


@dataclass(frozen=True)
class RunList:
    """Runs behind a figure, each with its address in the viewer."""

    anchor: str
    title: str
    groups: tuple[tuple[str, tuple[Cell, ...], int], ...]
    """What they have in common, the first few of them, and how many there are."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    anchor: str
    title: str
    text: tuple[str, ...] = ()
    parts: tuple[Table | Figure | RunList, ...] = ()


def file_name(name: str) -> str:
    """Return a name that is safe for a file; scenarios and keys come from logs, and may be called anything."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:60]
    return safe if safe == name else f"{safe}-{sha256(name.encode()).hexdigest()[:8]}"


def as_csv(names: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Write comma-separated values; text that begins like a formula gets an apostrophe before it."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(name) for name in names])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else "" if cell != cell else cell
