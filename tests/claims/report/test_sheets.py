"""Tables can be had as files, and nothing in them is run by whoever opens them."""

import csv
from io import StringIO
from math import nan

from sabotage_evals.claims.report.sheets import Cell, Table, as_csv, file_name


def read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text)))


def test_a_table_is_its_numbers_where_it_has_them() -> None:
    table = Table("t", "T", ("A",), ((Cell("12%"),),), records=({"a": 0.125}, {"b": None, "a": nan}))
    assert read(table.as_csv()) == [["a", "b"], ["0.125", ""], ["", ""]]


def test_and_else_what_its_cells_say() -> None:
    assert read(Table("t", "T", ("A", "B"), ((Cell("x, y"), Cell('"')),)).as_csv()) == [["A", "B"], ["x, y", '"']]
    assert read(Table("t", "T", ("A",), ()).as_csv()) == [["A"]]


def test_text_is_never_a_formula_and_numbers_are_numbers() -> None:
    assert read(as_csv(["=x"], [["=1+1"], ["@a"], ["-2"], [-2.5], ["+3"]])) == [
        ["'=x"], ["'=1+1"], ["'@a"], ["'-2"], ["-2.5"], ["'+3"],
    ]  # fmt: skip


def test_names_of_files_stay_in_their_folder_and_apart() -> None:
    assert file_name("shutdown_forest") == "shutdown_forest"
    hostile = ["../../etc/x", "..\\x", "a/b", "a b", "x" * 500, "\0", "CON:"]
    safe = [file_name(name) for name in hostile]
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") for name in safe)
    assert len(set(safe)) == len(hostile)
    assert max(map(len, safe)) < 100
