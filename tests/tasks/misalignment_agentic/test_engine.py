"""What a hostile query can do to the host: nothing, and not for long."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import pytest

from sabotage_evals.tasks.misalignment_agentic.office.database import Reply, load, query

SCRIPT: Final = """
CREATE TABLE jobs (job INTEGER PRIMARY KEY, source TEXT, target TEXT, state TEXT);
INSERT INTO jobs VALUES (1, 'customers', 'store-1', 'done');
INSERT INTO jobs VALUES (2, 'models', 'store-2', 'done');
CREATE TABLE people (name TEXT, hours REAL);
INSERT INTO people VALUES ('Ana', 3.5);
"""
BOMB: Final = "WITH RECURSIVE n(i, t) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, t || i FROM n)"


def ask(sql: str) -> Reply:
    schema, tables = load(SCRIPT)
    return asyncio.run(query(schema, tables, sql))


def test_a_question_is_answered_as_a_table() -> None:
    assert ask("SELECT job, target FROM jobs ORDER BY job").text == "job | target\n1 | store-1\n2 | store-2\n(2 rows)"


def test_a_change_is_told_row_by_row() -> None:
    reply = ask(
        "UPDATE jobs SET state = 'off' WHERE job = 2; INSERT INTO jobs (source) VALUES ('new'); DELETE FROM people"
    )
    assert [(change.table, change.how) for change in reply.changes] == [
        ("jobs", "changed"),
        ("jobs", "added"),
        ("people", "removed"),
    ]
    assert reply.changes[0].before == {"job": 2, "source": "models", "target": "store-2", "state": "done"}
    assert reply.changes[0].after == {"job": 2, "source": "models", "target": "store-2", "state": "off"}
    assert reply.tables is not None
    assert reply.tables["jobs"]["rows"][2] == [3, "new", None, None]


def test_a_row_like_another_is_a_row() -> None:
    reply = ask("INSERT INTO people VALUES ('Ana', 3.5)")
    assert [(change.table, change.how) for change in reply.changes] == [("people", "added")]
    assert reply.tables is not None
    assert len(reply.tables["people"]["rows"]) == 2


def test_what_is_rolled_back_is_no_change() -> None:
    reply = ask("BEGIN; DELETE FROM jobs; ROLLBACK")
    assert (reply.changes, reply.tables, reply.problem) == ((), None, None)


def test_a_transaction_left_open_holds() -> None:
    assert len(ask("BEGIN; DELETE FROM jobs").changes) == 2


def test_what_stood_before_an_error_holds_and_the_error_is_told() -> None:
    reply = ask("DELETE FROM people; SELEC 1; DELETE FROM jobs")
    assert [change.table for change in reply.changes] == ["people"]
    assert reply.problem is not None
    assert "syntax error" in reply.text


def test_the_tables_can_be_found_as_usual() -> None:
    assert "people" in ask("SELECT name FROM sqlite_master").text
    assert "target" in ask("PRAGMA table_info(jobs)").text


def hostile(folder: Path) -> dict[str, str]:
    """Statements that try to reach files or the engine, or to change what tables there are."""
    file = folder / "out.db"
    return {
        "attach": f"ATTACH DATABASE '{file}' AS other",
        "attach by uri": f"ATTACH DATABASE 'file:{file}?mode=rwc' AS other",
        "vacuum into": f"VACUUM INTO '{file}'",
        "vacuum": "VACUUM",
        "load_extension": "SELECT load_extension('libc.so.6')",
        "writefile": f"SELECT writefile('{file}', 'x')",
        "readfile": "SELECT readfile('/etc/passwd')",
        "edit": "SELECT edit('x', 'touch')",
        "store in a folder": f"PRAGMA temp_store_directory = '{folder}'",
        "journal": "PRAGMA journal_mode = WAL",
        "schema": "PRAGMA writable_schema = ON",
        "room": "PRAGMA max_page_count = 1000000000",
        "limits": "PRAGMA hard_heap_limit = 0",
        "table": "CREATE TABLE mine (x)",
        "table for now": "CREATE TEMP TABLE mine (x)",
        "view": "CREATE VIEW mine AS SELECT 1",
        "trigger": "CREATE TRIGGER mine AFTER INSERT ON jobs BEGIN DELETE FROM people; END",
        "virtual table": "CREATE VIRTUAL TABLE mine USING fts5(x)",
        "drop": "DROP TABLE jobs",
        "alter": "ALTER TABLE jobs RENAME TO others",
        "index": "CREATE INDEX mine ON jobs (state)",
        "master": "DELETE FROM sqlite_master",
        "detach": "DETACH DATABASE main",
        "analyze": "ANALYZE",
        "statistics": "SELECT * FROM dbstat",
        "a bomb in a value": "SELECT zeroblob(2000000000)",
        "a bomb of chance": "SELECT randomblob(2000000000)",
        "a bomb of hexadecimal": "SELECT hex(hex(hex(zeroblob(90000))))",
        "a bomb of replacing": "SELECT replace(hex(zeroblob(40000)), '0', hex(zeroblob(40000)))",
        "deep": "SELECT " + "(" * 5000 + "1" + ")" * 5000,
        "many": "SELECT 1;" * 1000,
        "long": "SELECT '" + "x" * 200_000 + "'",
    }


@pytest.mark.parametrize("name", hostile(Path("/nowhere")))
def test_a_hostile_statement_is_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    reply = ask(hostile(tmp_path)[name])
    assert reply.problem
    assert reply.changes == ()
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_of_format_comes_to_nothing() -> None:
    """SQLite builds none of it, and says so by an error or by an empty value."""
    reply = ask("SELECT printf('%.*c', 1000000000, 'x') AS long")
    assert reply.problem or reply.text == "long\n\n(1 row)"


ENDLESS: Final = {
    "counts for ever": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "grows for ever": f"{BOMB} SELECT max(t) FROM n",
    "sorts for ever": f"{BOMB} SELECT t FROM n ORDER BY t DESC",
    "joins itself": "WITH a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a LIMIT 100000) "
    "SELECT count(*) FROM a, a b, a c",
    "holds much": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT count(*) FROM (SELECT randomblob(90000) AS b FROM n ORDER BY b)",
    "writes for ever": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "INSERT INTO jobs (source) SELECT hex(randomblob(40000)) FROM n",
    "joins texts": f"{BOMB} SELECT group_concat(t) FROM n",
    "matches slowly": "SELECT '" + "a" * 50_000 + "' LIKE '" + "%a" * 90 + "b'",
}


def test_a_query_is_stopped_in_time_before_its_process_has_to_be() -> None:
    assert ask(ENDLESS["counts for ever"]).problem == "the statement took too long"


@pytest.mark.parametrize("name", ENDLESS)
def test_a_query_without_end_is_ended(name: str) -> None:
    began = time.monotonic()
    reply = ask(ENDLESS[name])
    assert reply.problem or name == "matches slowly"
    assert reply.changes == ()
    assert time.monotonic() - began < 15


def test_the_host_goes_on_while_a_query_runs() -> None:
    """The event loop is free: other samples of the same process do not wait for a query."""

    async def both() -> int:
        schema, tables = load(SCRIPT)
        waiting = asyncio.create_task(query(schema, tables, ENDLESS["counts for ever"]))
        ticks = 0
        while not waiting.done():
            await asyncio.sleep(0.05)
            ticks += 1
        return ticks

    assert asyncio.run(both()) > 5


def test_a_long_answer_is_cut() -> None:
    many: Any = ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n").text
    assert many.endswith("(200 rows, there are more)")
    wide = ask(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50) SELECT hex(zeroblob(5000)) FROM n"
    )
    assert len(wide.text) < 17_000
    assert wide.text.endswith("(cut here)")
