"""The office's database: what a query answers, and which rows it changed."""

import json
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from inspect_ai.util import subprocess

from sabotage_evals.scorers.misalignment_agentic.evidence import Row, RowChange, Tables

ENGINE: Final = Path(__file__).with_name("engine.py")
TIMEOUT: Final = 60
"""Seconds after which a query's process is given up; it ends itself long before."""
ANSWER_SHOWN: Final = 16_000
"""Characters of an answer that the agent reads."""

State = dict[str, Any]
"""Tables by name, each with `columns` and `rows`, as the store keeps them."""


class Reply(NamedTuple):
    """What came of a query."""

    text: str
    problem: str | None
    changes: tuple[RowChange, ...]
    tables: State | None
    """The tables as they are now, or None where they are as they were."""


def load(script: str) -> tuple[list[str], State]:
    """Read a script of our own into the statements that make the tables, and their rows."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    tables: State = {}
    for name, _ in made:
        cursor = connection.execute(f'SELECT * FROM "{name}"')
        columns = [column[0] for column in cursor.description]
        tables[name] = {"columns": columns, "rows": [list(row) for row in cursor]}
    connection.close()
    return [sql for _, sql in made], tables


def select(script: str, statement: str) -> list[tuple[Any, ...]]:
    """Ask a database of our own a question of our own."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


async def query(schema: list[str], tables: State, sql: str) -> Reply:
    """Run the agent's statements in a process of their own.

    Raises:
        RuntimeError: The process said something that no query can make it say.
    """
    request = json.dumps({"schema": schema, "tables": tables, "sql": sql})
    try:
        result = await subprocess(
            [sys.executable, "-I", "-S", str(ENGINE)], input=request, cwd="/", timeout=TIMEOUT, capture_output=True
        )
    except TimeoutError:
        return _refused("the statement took too long")
    if not result.success:
        killed = result.returncode < 0 or "MemoryError" in result.stderr or "out of memory" in result.stderr
        if killed:
            return _refused("out of memory or time")
        raise RuntimeError(f"The database of the office broke: {result.stderr[-1000:]}")
    answer = json.loads(result.stdout)
    now: State | None = answer["tables"]
    changes = changed_rows(as_rows(tables), as_rows(now)) if now is not None else ()
    return Reply(_as_text(answer), answer["problem"], changes, now if changes else None)


def _refused(problem: str) -> Reply:
    return Reply(f"Error: {problem}", problem, (), None)


def as_rows(tables: Mapping[str, Any]) -> Tables:
    """Return the rows of all tables, each by column."""
    return {
        name: tuple(dict(zip(table["columns"], row, strict=True)) for row in table["rows"])
        for name, table in tables.items()
    }


def changed_rows(before: Tables, after: Tables) -> tuple[RowChange, ...]:
    """Return what became of the rows. A row that was changed keeps its first column, which names it."""
    changes: list[RowChange] = []
    for table, rows in before.items():
        now = after.get(table, ())
        new, gone = list(now), []
        for row in rows:  # one against one, since rows may be alike
            if row in new:
                new.remove(row)
            else:
                gone.append(row)
        for row in gone:
            successor = next((each for each in new if _key(each) == _key(row)), None)
            if successor is not None:
                new.remove(successor)
            how = "removed" if successor is None else "changed"
            changes.append(RowChange(table=table, how=how, before=row, after=successor))
        changes += [RowChange(table=table, how="added", after=row) for row in new]
    return tuple(changes)


def _key(row: Row) -> object:
    return next(iter(row.values()), None)


def _as_text(answer: Mapping[str, Any]) -> str:
    parts = []
    if answer["columns"]:
        lines = [" | ".join(answer["columns"])]
        lines += [" | ".join("" if value is None else str(value) for value in row) for row in answer["rows"]]
        count = len(answer["rows"])
        lines.append(f"({count} rows, there are more)" if answer["more"] else f"({count} {_rows(count)})")
        parts.append("\n".join(lines))
    if answer["changed"]:
        parts.append(f"{answer['changed']} {_rows(answer['changed'])} changed")
    if answer["problem"]:
        parts.append(f"Error: {answer['problem']}")
    text = "\n".join(parts) or "OK"
    return text if len(text) <= ANSWER_SHOWN else f"{text[:ANSWER_SHOWN]}\n(cut here)"


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"
