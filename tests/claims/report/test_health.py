"""What may make figures unsound is counted and said."""

from pathlib import Path
from typing import Any

from sabotage_evals.claims.report import health
from tests.claims.made_logs import Truth, make_sample, shutdown_value, write_log
from tests.claims.report.building import find
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
    _, findings = find(tmp_path)
    table = health.instrument_health(findings)
    told = dict(zip(table.columns, (cell.text for cell in table.rows[0]), strict=True))
    assert told["Unscored"] == told["Judge failed"] == "1"
    assert told["Acts without trace"] == told["Evidence incomplete"] == told["Questions unanswered"] == "1"
    assert told["For a person's eye"] == "1"
    assert told["Lowest coverage of an arm"] == "67% in unmentioned"
    assert told["Certified"] == "40 of 40"
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
