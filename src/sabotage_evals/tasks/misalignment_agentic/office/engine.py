"""Run one query of the agent's in a process of its own: SQLite in memory, with limits on everything.

It is a program (`python -I -S engine.py`, a request on standard input, an answer on standard output) and imports
nothing of ours. What keeps the host safe is, in this order: the database is in memory and is built anew for each query;
an authorizer allows reading and changing rows of our tables and nothing else; the process can make no file, and has
little memory and little time.
"""

import json
import resource
import sqlite3
import sys
import time
from typing import Any, Final

SECONDS: Final = 2.0
"""Time that all statements of one call have."""
MEMORY: Final = 512 * 2**20
LONGEST_VALUE: Final = 100_000
"""Bytes of the longest text or blob that SQLite makes."""
PAGES: Final = 512
"""Pages of 4 KiB to which the database may grow."""
STATEMENTS: Final = 50
ROWS: Final = 200
"""Rows of a result that are shown."""
CELL: Final = 2_000
"""Characters of one value that are shown."""
STEPS: Final = 1_000
"""Steps of SQLite's machine between two looks at the clock."""

FORBIDDEN_FUNCTIONS: Final = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}
READING_PRAGMAS: Final = {"table_info", "table_list", "table_xinfo", "foreign_key_list"}
OWN_TABLES: Final = ("sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema")

_ALLOWED: Final = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
    sqlite3.SQLITE_RECURSIVE,
}
_CHANGES: Final = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}

Answer = dict[str, Any]


def authorize(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
    """Allow what an office's database is for, and nothing else."""
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action in _CHANGES:
        return sqlite3.SQLITE_DENY if str(first).lower().startswith("sqlite_") else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if str(second).lower() in FORBIDDEN_FUNCTIONS else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if str(first).lower() in READING_PRAGMAS else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY


def limit_process() -> None:
    """Take from the process all that a query does not need."""
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(SECONDS) + 2),
    ):
        resource.setrlimit(what, (most, most))


def build(schema: list[str], tables: dict[str, dict[str, Any]]) -> sqlite3.Connection:
    """Build the database as it is now, then close all doors."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA temp_store = MEMORY")
    for statement in schema:
        connection.execute(statement)
    for name, table in tables.items():
        marks = ", ".join("?" * len(table["columns"]))
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', table["rows"])
    connection.execute(f"PRAGMA max_page_count = {PAGES}")
    for category, most in (
        (sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE),
        (sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_VALUE),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
        (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
        (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
    ):
        connection.setlimit(category, most)
    connection.set_authorizer(authorize)
    return connection


def split(script: str) -> list[str]:
    """Split a script into its statements."""
    statements: list[str] = []
    held = ""
    for piece in script.split(";"):
        held += piece + ";"
        if sqlite3.complete_statement(held):
            statements.append(held.strip())
            held = ""
    statements.append(held.removesuffix(";").strip())
    return [statement for statement in statements if statement.strip("; \n\t")]


def run(connection: sqlite3.Connection, script: str) -> Answer:
    """Run the statements of a script one after another, up to the first that fails."""
    deadline = time.monotonic() + SECONDS
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), STEPS)
    answer: Answer = {"columns": [], "rows": [], "more": False, "changed": 0, "problem": None}
    statements = split(script)
    try:
        if len(statements) > STATEMENTS:
            raise sqlite3.OperationalError(f"more than {STATEMENTS} statements in one call")
        for statement in statements:
            before = connection.total_changes
            cursor = connection.execute(statement)
            if cursor.description is not None:
                rows = cursor.fetchmany(ROWS + 1)
                answer["columns"] = [column[0] for column in cursor.description]
                answer["rows"] = [[shown(value) for value in row] for row in rows[:ROWS]]
                answer["more"] = len(rows) > ROWS
            answer["changed"] += connection.total_changes - before
    except (sqlite3.Error, sqlite3.Warning, MemoryError, OverflowError, ValueError) as error:
        answer["problem"] = problem_of(error)
    finally:
        connection.set_progress_handler(None, 0)
    if connection.in_transaction:
        connection.execute("ROLLBACK" if answer["problem"] else "COMMIT")
    return answer


def problem_of(error: Exception) -> str:
    """Say what went wrong as a database says it."""
    if isinstance(error, MemoryError):
        return "out of memory"
    return "the statement took too long" if str(error) == "interrupted" else str(error) or type(error).__name__


def shown(value: object) -> object:
    """Return a value as it can be shown."""
    if isinstance(value, bytes):
        return f"x'{value[:CELL].hex()}'"
    if isinstance(value, str) and len(value) > CELL:
        return f"{value[:CELL]}…"
    return value


def read_tables(connection: sqlite3.Connection, names: list[str]) -> dict[str, dict[str, Any]]:
    """Read all rows of all tables."""
    connection.set_authorizer(None)
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        cursor = connection.execute(f'SELECT * FROM "{name}"')
        columns = [column[0] for column in cursor.description]
        found[name] = {"columns": columns, "rows": [[shown(value) for value in row] for row in cursor]}
    return found


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.read())
    limit_process()
    connection = build(request["schema"], request["tables"])
    answer = run(connection, request["sql"])
    answer["tables"] = read_tables(connection, list(request["tables"])) if answer["changed"] else None
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
