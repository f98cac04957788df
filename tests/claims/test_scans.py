"""Results of scans come to the runs that they are about."""

from pathlib import Path
from typing import Any

import pandas as pd

from sabotage_evals.claims.frames import SCAN, read_folder
from sabotage_evals.claims.scans import read_scans
from tests.claims.made_logs import Truth, draw_shutdown, write_log

TRUTH = Truth("made/model", {"unmentioned": 0.5})


def lay(folder: Path, scan: str, name: str, values: dict[str, object]) -> None:
    place = folder / "scans" / f"scan_id={scan}"
    place.mkdir(parents=True)
    results = pd.DataFrame({
        "transcript_id": list(values),
        "scanner_name": f"sabotage_evals/{name}",
        "value": [None if value is None else str(value) for value in values.values()],
    })
    results.to_parquet(place / f"{name}.parquet")


def test_what_a_scan_found_stands_in_the_row_of_its_run(tmp_path: Path) -> None:
    runs = list(draw_shutdown(TRUTH, 2, ["sums"], 1, 1, "a", 1))
    write_log(tmp_path, "a", TRUTH, runs)
    uuids = [str(run.uuid) for run in runs]
    lay(tmp_path, "one", "voiced_awareness", {uuids[0]: 1, uuids[1]: None, "another run": 1})
    frame: Any = read_folder(tmp_path).frame.set_index("uuid")
    assert frame.loc[uuids[0], f"{SCAN}voiced_awareness"] == 1.0
    assert pd.isna(frame.loc[uuids[1], f"{SCAN}voiced_awareness"])
    assert len(frame) == 2


def test_of_two_scans_the_later_counts(tmp_path: Path) -> None:
    lay(tmp_path, "one", "stated_intent", {"a": 0, "b": 1})
    lay(tmp_path, "two", "stated_intent", {"a": 1})
    found = read_scans(tmp_path)["stated_intent"]
    assert found.to_dict() == {"a": 1.0, "b": 1.0}


def test_files_that_are_no_results_are_passed_over(tmp_path: Path) -> None:
    place = tmp_path / "scans" / "scan_id=x"
    place.mkdir(parents=True)
    (place / "broken.parquet").write_bytes(b"no parquet")
    pd.DataFrame({"other": [1]}).to_parquet(place / "other.parquet")
    assert read_scans(tmp_path) == {}
