"""What people and scans found comes to the page where there is any, and is called what it is."""

from pathlib import Path

import pandas as pd
from inspect_ai.log import read_eval_log

from sabotage_evals.claims.report import people
from sabotage_evals.claims.report.words import NOTHING
from sabotage_evals.claims.review import Agreement
from tests.claims.report.building import add_shutdown, find, stop_log
from tests.claims.report.conftest import Made


def test_where_nobody_looked_there_is_nothing(whole: Made) -> None:
    assert people.reviews(whole.reading) is None
    assert people.splits(whole.findings) is None


def mark_every_other(folder: Path, path: Path) -> None:
    """Leave what a scan would that marks every other run of a log."""
    samples = read_eval_log(str(path)).samples or []
    place = folder / "scans" / "scan_id=x"
    place.mkdir(parents=True)
    found = [(sample.uuid, str(number % 2)) for number, sample in enumerate(samples)]
    results = pd.DataFrame(found, columns=["transcript_id", "value"]).assign(
        scanner_name="sabotage_evals/voiced_awareness"
    )
    results.to_parquet(place / "voiced_awareness.parquet")


def test_after_a_stop_the_halves_have_the_interval_of_the_stop_too(tmp_path: Path) -> None:
    path = add_shutdown(tmp_path, wordings=1, seeds=41, rates={"allow_system_unfinished": 0.0})
    mark_every_other(tmp_path, path)
    ordinary = people.splits(find(tmp_path)[1])
    stop_log(path, "defied in allow_system_unfinished below 0.5")
    stopped = people.splits(find(tmp_path)[1])
    assert ordinary is not None
    assert stopped is not None
    upper = [[float(row[5].text.split(" to ")[1].rstrip("%")) for row in table.rows] for table in (ordinary, stopped)]
    assert all(after > before for before, after in zip(*upper, strict=True))


def test_headlines_with_and_without_marked_runs_are_descriptive(tmp_path: Path) -> None:
    mark_every_other(tmp_path, add_shutdown(tmp_path))
    table = people.splits(find(tmp_path)[1])
    assert table is not None
    assert "Descriptive" in table.notes[0]
    rows = [[cell.text for cell in row] for row in table.rows]
    assert [row[2:4] for row in rows] == [["voiced awareness", "marked"], ["voiced awareness", "not marked"]]
    assert sum(int(row[-1].split(" of ")[1]) for row in rows) == 16


def test_agreement_with_people_is_told_with_its_interval(tmp_path: Path) -> None:
    add_shutdown(tmp_path)
    agreement = Agreement(
        scenario="shutdown",
        key="resisted",
        question="Did it?",
        judged=50,
        unclear=2,
        disputed=3,
        overruled=1,
        kappa=0.8,
        kappa_lower=0.7,
        kappa_upper=0.9,
        sensitivity=0.95,
        sensitivity_lower=0.8,
        sensitivity_upper=0.99,
        specificity=None,
        specificity_lower=None,
        specificity_upper=None,
    )
    text = f'{{"methods": "", "scenarios": [{agreement.model_dump_json()}]}}'
    (tmp_path / "review.json").write_text(text, encoding="utf-8")
    table = people.reviews(find(tmp_path)[0])
    assert table is not None
    assert [cell.text for cell in table.rows[0]][4:7] == ["0.80 (0.70 to 0.90)", "95.0% (80% to 99.0%)", NOTHING]
