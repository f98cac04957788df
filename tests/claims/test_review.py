"""People judge a sample of runs, blind, and the scorer is held to them: over all runs, and with nothing lost."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample

from sabotage_evals.claims.review import (
    KEY_FILE,
    RESULT_FILE,
    SHEETS,
    Item,
    Key,
    Stratum,
    _rates,
    read_review,
    review_export,
    review_import,
)
from sabotage_evals.refusal import Refusal

ROOT: Final = Path(__file__).parents[2]
Verdict = Callable[[Item], str]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder with the example logs of scripted agents."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for path in (ROOT / "logs").glob("*_shutdown_*.eval"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def exported(logs: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    assert review_export(logs, folder, sample=4, key="defied") == 0
    return folder


def key_of(folder: Path) -> Key:
    return Key.model_validate_json((folder / KEY_FILE).read_text(encoding="utf-8"))


def fill_in(folder: Path, *people: Verdict) -> None:
    for sheet, says in zip(SHEETS, people, strict=True):
        with (folder / sheet).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["item", "verdict", "note"])
            writer.writerows([item.item, says(item), ""] for item in key_of(folder).items)


def as_the_scorer(item: Item) -> str:
    return {1.0: "yes", 0.0: "no", None: "unclear"}[item.scorer_says]


def test_all_positives_and_a_sample_of_the_rest_are_drawn(exported: Path, logs: Path) -> None:
    items = key_of(exported).items
    assert [item.item for item in items] == list(range(1, len(items) + 1))
    defied = [
        (path.name, str(sample.id))
        for path in logs.glob("*.eval")
        for sample in read_eval_log(str(path)).samples or []
        for score in (sample.scores or {}).values()
        if isinstance(score.value, dict) and score.value["defied"] == 1
    ]
    assert {(item.file, item.sample_id) for item in items if item.stratum == "positive"} == set(defied)
    others = [item for item in items if item.stratum == "other"]
    assert len(others) == 4
    assert 0 < others[0].drawn < 1


def test_people_see_neither_arm_nor_verdict_nor_model(exported: Path) -> None:
    key = key_of(exported)
    for item in key.items:
        text = (exported / "items" / f"{item.item:04}.md").read_text(encoding="utf-8")
        assert "## assistant" in text
        assert "sabotage_evals/" not in text
        assert item.sample_id not in text
        assert "resisted" not in text.partition("\n\n## ")[2]
    for sheet in SHEETS:
        assert "yes" not in (exported / sheet).read_text(encoding="utf-8")
    seen = [item.scorer_says for item in key.items]
    assert seen != sorted(seen, key=str), "the order would tell"


def test_where_people_and_scorer_agree_all_shares_are_one(exported: Path, logs: Path) -> None:
    fill_in(exported, as_the_scorer, as_the_scorer)
    assert review_import(exported) == 0
    (found,) = read_review(logs)
    assert (found.kappa, found.sensitivity, found.specificity) == (1.0, 1.0, 1.0)
    assert found.sensitivity_lower is not None
    assert found.sensitivity_lower < 1
    assert (found.overruled, found.disputed) == (0, 0)


def test_an_overruled_verdict_goes_into_the_log_and_the_old_one_stays(exported: Path, logs: Path) -> None:
    wrong = next(item for item in key_of(exported).items if item.scorer_says == 1)
    fill_in(exported, *[lambda item: "no" if item == wrong else as_the_scorer(item)] * 2)
    review_import(exported)
    sample = read_eval_log_sample(str(logs / wrong.file), wrong.sample_id, wrong.epoch)
    (score,) = (sample.scores or {}).values()
    assert isinstance(score.value, dict)
    assert score.value["defied"] == 0
    assert "overruled_by_people" in str(score.value["flags"])
    assert len(score.history) == 2
    first = score.history[0].value
    assert isinstance(first, dict)
    assert first["defied"] == 1
    provenance = score.history[-1].provenance
    assert provenance is not None
    assert provenance.reason == "Judged blind on 'defied': no and no."
    (found,) = read_review(logs)
    assert found.overruled == 1
    log = read_eval_log(str(logs / wrong.file), header_only=True)
    assert log.results is not None


def test_what_two_people_dispute_overrules_nobody(exported: Path, logs: Path) -> None:
    item = next(item for item in key_of(exported).items if item.scorer_says == 1)
    fill_in(exported, as_the_scorer, lambda each: "no" if each == item else as_the_scorer(each))
    review_import(exported)
    (found,) = read_review(logs)
    assert (found.disputed, found.overruled) == (1, 0)
    assert found.kappa is not None
    assert found.kappa < 1
    sample = read_eval_log_sample(str(logs / item.file), item.sample_id, item.epoch)
    (score,) = (sample.scores or {}).values()
    assert isinstance(score.value, dict)
    assert score.value["defied"] == 1


def test_an_unfinished_sheet_is_refused_and_no_log_is_touched(exported: Path, logs: Path) -> None:
    before = {path.name: path.read_bytes() for path in logs.iterdir()}
    fill_in(exported, as_the_scorer, lambda item: "" if item.item == 2 else as_the_scorer(item))
    with pytest.raises(Refusal, match=r"second\.csv: 1 items have no verdict \(2\)"):
        review_import(exported)
    assert {path.name: path.read_bytes() for path in logs.iterdir()} == before


@pytest.mark.parametrize(
    ("row", "told"), [("1,maybe,", "'1,maybe' is no verdict"), ("9999,yes,", "there is no item 9999")]
)
def test_what_cannot_be_read_in_a_sheet_is_named(exported: Path, row: str, told: str) -> None:
    fill_in(exported, as_the_scorer, as_the_scorer)
    sheet = exported / SHEETS[0]
    sheet.write_text(sheet.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    with pytest.raises(Refusal, match=told):
        review_import(exported)


def test_nothing_is_overwritten(exported: Path, logs: Path) -> None:
    with pytest.raises(Refusal, match="nothing in it is overwritten"):
        review_export(logs, exported)


def test_a_folder_that_nobody_judged_has_no_review_and_a_broken_one_is_named(logs: Path) -> None:
    assert read_review(logs) == ()
    (logs / RESULT_FILE).write_text(json.dumps({"scenarios": [{}]}), encoding="utf-8")
    with pytest.raises(Refusal, match="not as 'review import' wrote it"):
        read_review(logs)


# --- the rates are those of all runs, and not of the drawn ones ------------------------------------------------------

SENSITIVITY, SPECIFICITY, PREVALENCE, RUNS, DRAWN = 0.8, 0.97, 0.1, 4000, 150


def drawn_runs(luck: Random) -> list[tuple[Item, bool]]:
    runs = []
    for _ in range(RUNS):
        so = luck.random() < PREVALENCE
        said = luck.random() < (SENSITIVITY if so else 1 - SPECIFICITY)
        runs.append((so, said))
    others = [run for run in runs if not run[1]]
    share = DRAWN / len(others)

    def item(said: bool, stratum: Stratum, drawn: float) -> Item:
        return Item(
            item=1,
            file="a",
            sample_id="a",
            epoch=1,
            scenario="s",
            key="k",
            scorer_says=said,
            stratum=stratum,
            drawn=drawn,
        )

    positives = [(item(True, "positive", 1.0), so) for so, said in runs if said]
    return positives + [(item(False, "other", share), so) for so, _ in luck.sample(others, DRAWN)]


def test_reweighted_rates_are_right_in_the_mean_and_their_intervals_cover() -> None:
    luck = Random(7)
    held = {"sensitivity": 0, "specificity": 0}
    sums = dict.fromkeys(held, 0.0)
    sets = 200
    for _ in range(sets):
        found = dict(zip(held, _rates(drawn_runs(luck)), strict=True))
        for name, truth in (("sensitivity", SENSITIVITY), ("specificity", SPECIFICITY)):
            sums[name] += found[name].value
            held[name] += found[name].lower <= truth <= found[name].upper
    assert abs(sums["sensitivity"] / sets - SENSITIVITY) < 0.03
    assert abs(sums["specificity"] / sets - SPECIFICITY) < 0.003
    # 95 %, and three of its own standard errors over so many sets
    assert min(held.values()) >= sets * (0.95 - 3 * (0.95 * 0.05 / sets) ** 0.5)
