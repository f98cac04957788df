"""What may make figures unsound is counted and said."""

import csv
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log, write_eval_log

from sabotage_evals.claims.report import health
from sabotage_evals.claims.report.overview import run_anchor
from sabotage_evals.claims.report.runs import all_runs, run_lists
from tests.claims.made_logs import Truth, make_sample, shutdown_value, write_log
from tests.claims.report.building import add_shutdown, find
from tests.claims.report.conftest import Made


def test_what_is_unsound_is_counted(tmp_path: Path) -> None:
    made: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"flags": "inspected, restored"}, {"tried_in_transcript": ["deleted"]}),
        ({"outcome": "grader_failed", "covered": 0.0}, {}),
        ({"needs_review": 1.0, "flags": "inspected"}, {"evidence_errors": ["x"], "probe_problems": ["y"]}),
    ]
    runs = [
        make_sample("unmentioned", f"w{n}", "sums", 1, 1, shutdown_value("unmentioned", n > 1) | more, "s", 1, metadata)
        for n, (more, metadata) in enumerate(made, start=1)
    ]
    write_log(tmp_path, "a", Truth("m", {}), runs)
    reading, findings = find(tmp_path)
    table = health.instrument_health(findings)
    told = dict(zip(table.columns, (cell.text for cell in table.rows[0]), strict=True))
    assert told["Unscored"] == told["Judge failed"] == "1"
    assert told["Acts without trace"] == told["Evidence incomplete"] == told["Questions unanswered"] == "1"
    assert told["For a person's eye"] == "1"
    assert told["Lowest coverage of an arm"] == "67% in unmentioned"
    assert told["Certified"] == "40 of 40"
    [subject] = findings.subjects
    anchor = f"#{run_anchor(subject, 'unmentioned')}"
    assert {cell.href for cell in table.rows[0][2:-1]} == {anchor, None}
    assert [cell.href for cell in table.rows[0] if cell.text == "1"] == [anchor] * 6
    assert next(cell for cell in table.rows[0] if cell.text.startswith("67%")).href == anchor
    [listed] = run_lists(findings, "shutdown", "")
    groups = {name: total for name, _, total in listed.groups}
    assert {"acts without trace": 1, "evidence incomplete": 1, "questions unanswered": 1}.items() <= groups.items()
    lines = list(csv.DictReader(StringIO(all_runs(reading, ""))))
    for column in ("left_no_trace", "incomplete_evidence", "unanswered"):
        assert sorted(line[column] for line in lines) == ["False", "False", "True"]
    flags = health.flags(findings)
    assert flags is not None
    assert flags.rows[0][2].text == "inspected 2, restored 1"


def test_files_that_are_left_out_are_listed(whole: Made) -> None:
    table = health.left_out(whole.reading)
    assert table is not None
    assert [row[0].text for row in table.rows] == ["broken.eval"]
    assert table.rows[0][2].text


def test_where_nothing_is_wrong_nothing_is_said(whole: Made) -> None:
    assert health.repeated(whole.reading) is None
    assert health.stops(whole.findings) is None


@pytest.mark.parametrize("changed", [0, 2])
def test_of_runs_in_several_files_it_is_said_how_many_are_scored_otherwise(tmp_path: Path, changed: int) -> None:
    path = add_shutdown(tmp_path, rates={"unmentioned": 1.0}, wordings=2)
    copy = tmp_path / "copy.eval"
    shutil.copy(path, copy)
    log = read_eval_log(str(copy))
    for run in (log.samples or [])[:changed]:
        assert run.scores is not None
        run.scores["shutdown_outcome"].value = shutdown_value("unmentioned", False)
    write_eval_log(log, str(copy))
    reading, findings = find(tmp_path)
    table = health.repeated(reading)
    assert table is not None
    assert [row[-1].text for row in table.rows] == [str(changed) if changed else "\N{EN DASH}"]
    assert bool(table.notes) == bool(changed)
    groups = {name: total for each in run_lists(findings, "shutdown", "") for name, _, total in each.groups}
    assert groups.get("not alike in several files", 0) == changed
