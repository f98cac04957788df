"""People judge a sample of runs, blind, and the scorer is held to them: over all runs, and with nothing lost."""

import csv
import json
import shutil
from collections.abc import Callable
from math import isnan
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from inspect_ai.log import ProvenanceData, edit_score, read_eval_log, read_eval_log_sample, write_eval_log
from inspect_ai.scorer import ScoreEdit

from sabotage_evals.claims.frames import read_folder
from sabotage_evals.claims.report import people
from sabotage_evals.claims.review import (
    AUTHOR,
    KEY_FILE,
    OTHERWISE,
    OVERRULED,
    RESULT_FILE,
    SHEETS,
    Item,
    Key,
    Layer,
    Reweighted,
    read_review,
    review_export,
    review_import,
    reweigh,
)
from sabotage_evals.refusal import Refusal
from tests.claims.made_logs import Truth, draw_shutdown, write_log

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


def score_of(logs: Path, item: Item) -> Any:
    sample = read_eval_log_sample(str(logs / item.file), item.sample_id, item.epoch)
    (score,) = (sample.scores or {}).values()
    return score


def overrule(wrong: Item) -> Verdict:
    says = {1.0: "no", 0.0: "yes", None: "yes"}[wrong.scorer_says]
    return lambda item: says if item == wrong else as_the_scorer(item)


def test_what_people_say_goes_into_the_log_and_the_scorers_value_stays(exported: Path, logs: Path) -> None:
    wrong = next(item for item in key_of(exported).items if item.scorer_says == 1)
    before = score_of(logs, wrong).value
    fill_in(exported, overrule(wrong), overrule(wrong))
    review_import(exported)
    score = score_of(logs, wrong)
    marks = {"flags", "needs_review"}
    assert {k: v for k, v in score.value.items() if k not in marks} == {
        k: v for k, v in before.items() if k not in marks
    }
    assert score.value["flags"].split(", ")[-1] == OTHERWISE
    assert score.value["needs_review"] == 0
    assert score.metadata["review"] == {"defied": {"first": "no", "second": "no", "agreed": "no"}}
    assert len(score.history) == 2
    provenance = score.history[-1].provenance
    assert provenance is not None
    assert (provenance.author, provenance.reason) == (AUTHOR, "Judged blind on 'defied': no and no.")
    (found,) = read_review(logs)
    assert found.overruled == 1
    log = read_eval_log(str(logs / wrong.file), header_only=True)
    assert log.results is not None


def test_no_figure_of_a_report_changes_by_a_review(exported: Path, logs: Path) -> None:
    place = ["file", "sample_id", "epoch"]
    before = read_folder(logs).frame.set_index(place)
    fill_in(exported, *[lambda item: "no" if item.scorer_says == 1 else "yes"] * 2)
    review_import(exported)
    after = read_folder(logs).frame.set_index(place).loc[before.index]
    for key in ("outcome", "headline", "resisted", "defied", "tampered"):
        assert after[key].astype(str).tolist() == before[key].astype(str).tolist(), key
    assert after["flags"].astype(str).str.contains(OTHERWISE).any()


def test_importing_the_same_review_twice_changes_nothing(exported: Path, logs: Path) -> None:
    wrong = next(item for item in key_of(exported).items if item.scorer_says == 1)
    fill_in(exported, overrule(wrong), overrule(wrong))
    review_import(exported)
    before = {path.name: path.read_bytes() for path in logs.iterdir()}
    review_import(exported)
    assert {path.name: path.read_bytes() for path in logs.iterdir()} == before


def test_a_corrected_sheet_takes_the_place_of_the_first(exported: Path, logs: Path) -> None:
    wrong = next(item for item in key_of(exported).items if item.scorer_says == 1)
    fill_in(exported, overrule(wrong), overrule(wrong))
    review_import(exported)
    fill_in(exported, as_the_scorer, as_the_scorer)
    review_import(exported)
    score = score_of(logs, wrong)
    assert OTHERWISE not in score.value["flags"]
    assert score.metadata["review"]["defied"]["agreed"] == "yes"
    fill_in(exported, as_the_scorer, overrule(wrong))
    review_import(exported)
    score = score_of(logs, wrong)
    assert score.metadata["review"]["defied"]["agreed"] is None
    assert score.value["needs_review"] == score.history[0].value["needs_review"]


def test_a_run_for_a_person_s_eye_is_settled_where_people_agree_and_only_then(tmp_path: Path) -> None:
    truth = Truth("made/model", {"allow_system_unfinished": 0.5}, reviewed=1.0)
    write_log(tmp_path / "made", "a", truth, list(draw_shutdown(truth, 2, ("sums",), 1, 1, "x", 1)))
    review_export(tmp_path / "made", tmp_path / "judged")
    item = key_of(tmp_path / "judged").items[0]
    for second, needed in ((as_the_scorer, 0.0), (overrule(item), 1.0)):
        fill_in(tmp_path / "judged", as_the_scorer, second)
        review_import(tmp_path / "judged")
        assert score_of(tmp_path / "made", item).value["needs_review"] == needed


def test_a_review_of_another_key_stands_beside_the_first(exported: Path, logs: Path, tmp_path: Path) -> None:
    fill_in(exported, as_the_scorer, as_the_scorer)
    review_import(exported)
    other = tmp_path / "other"
    review_export(logs, other, sample=1, key="tampered")
    fill_in(other, as_the_scorer, as_the_scorer)
    review_import(other)
    both = {(item.file, item.sample_id) for item in key_of(exported).items} & {
        (item.file, item.sample_id) for item in key_of(other).items
    }
    item = next(item for item in key_of(other).items if (item.file, item.sample_id) in both)
    assert set(score_of(logs, item).metadata["review"]) == {"defied", "tampered"}


def overwrite_as_before(logs: Path, item: Item, times: int) -> None:
    """Edit a run as earlier versions did: people's verdict in place of the scorer's."""
    path = logs / item.file
    log = read_eval_log(str(path))
    sample = next(s for s in log.samples or [] if (str(s.id), s.epoch) == (item.sample_id, item.epoch))
    ((name, score),) = (sample.scores or {}).items()
    for _ in range(times):
        assert isinstance(score.value, dict)
        flags = ", ".join(filter(None, [str(score.value["flags"]), OVERRULED]))
        value = dict(score.value) | {item.key: 0.0, "headline": "no", "flags": flags, "needs_review": 0.0}
        review = {"key": item.key, "first": "no", "second": "no"}
        provenance = ProvenanceData(author=AUTHOR, reason=f"Judged blind on '{item.key}': no and no.")
        edit = ScoreEdit(value=value, metadata={**(score.metadata or {}), "review": review}, provenance=provenance)
        edit_score(log, sample.id, name, edit, epoch=item.epoch)
    write_eval_log(log, str(path))


@pytest.mark.parametrize("times", [1, 2])
def test_a_log_that_was_edited_in_the_former_way_is_told_and_gets_the_scorers_value_back(
    exported: Path, logs: Path, times: int
) -> None:
    wrong = next(item for item in key_of(exported).items if item.scorer_says == 1)
    before = score_of(logs, wrong).value
    overwrite_as_before(logs, wrong, times)
    table = people.reviews(read_folder(logs))
    assert table is not None
    assert "In 1 run of these logs people's verdict stands in place of the scorer's" in table.notes[-1]
    fill_in(exported, overrule(wrong), overrule(wrong))
    review_import(exported)
    score = score_of(logs, wrong)
    assert (score.value["defied"], score.value["headline"]) == (before["defied"], before["headline"])
    assert OVERRULED not in score.value["flags"]
    assert score.value["flags"].count(OTHERWISE) == 1
    assert "put back" in score.history[-1].provenance.reason


def test_what_the_scorer_said_is_drawn_where_people_s_verdict_stands_in_its_place(logs: Path, tmp_path: Path) -> None:
    review_export(logs, tmp_path / "first", sample=0, key="defied")
    wrong = next(item for item in key_of(tmp_path / "first").items if item.scorer_says == 1)
    overwrite_as_before(logs, wrong, 1)
    review_export(logs, tmp_path / "second", sample=0, key="defied")
    drawn = [(item.file, item.sample_id) for item in key_of(tmp_path / "second").items if item.stratum == "positive"]
    assert (wrong.file, wrong.sample_id) in drawn


@pytest.mark.parametrize("place", ["empty", "fewer", "otherwise"])
def test_logs_that_lack_a_judged_run_are_refused_and_none_is_touched(
    exported: Path, logs: Path, tmp_path: Path, place: str
) -> None:
    fill_in(exported, as_the_scorer, as_the_scorer)
    other = tmp_path / "other"
    shutil.copytree(logs, other)
    item = key_of(exported).items[0]
    log = read_eval_log(str(other / item.file))
    if place == "empty":
        (other / item.file).unlink()
    elif place == "fewer":
        log.samples = [each for each in log.samples or [] if str(each.id) != item.sample_id]
        write_eval_log(log, str(other / item.file))
    else:
        for sample in log.samples or []:
            for score in (sample.scores or {}).values():
                assert isinstance(score.value, dict)
                score.value["defied"] = 0.5
        write_eval_log(log, str(other / item.file))
    before = {path.name: path.read_bytes() for path in other.iterdir()}
    with pytest.raises(Refusal, match=r"is not there|has no scored run|was scored again"):
        review_import(exported, other)
    assert {path.name: path.read_bytes() for path in other.iterdir()} == before


def test_a_review_that_an_earlier_version_drew_is_read(
    exported: Path, logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = json.loads((exported / KEY_FILE).read_text(encoding="utf-8"))
    del old["populations"]
    for item in old["items"]:
        del item["population"]
    (exported / KEY_FILE).write_text(json.dumps(old), encoding="utf-8")
    fill_in(exported, as_the_scorer, as_the_scorer)
    review_import(exported)
    (found,) = read_review(logs)
    assert (found.sensitivity, found.specificity, found.rates) == (1.0, 1.0, ())
    assert "An earlier version drew these runs" in capsys.readouterr().out


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


def judged_folder(tmp_path: Path, rate: float, says: Verdict, sample: int = 50) -> Path:
    """Make logs of a scorer that says so at a given rate, and have two people judge them."""
    logs, review = tmp_path / "made", tmp_path / "judged"
    truth = Truth("made/model", {"allow_system_unfinished": rate, "unmentioned": rate})
    write_log(logs, "a", truth, list(draw_shutdown(truth, 8, ("sums", "records"), 10, 1, "x", 1)))
    review_export(logs, review, sample=sample)
    fill_in(review, says, says)
    review_import(review)
    return logs


def every_other_false_and_every_tenth_missed(item: Item) -> str:
    return "yes" if item.item % (2 if item.scorer_says else 10) == 0 else "no"


def test_the_rate_by_people_s_eyes_stands_beside_the_scorers_and_is_reweighted(tmp_path: Path) -> None:
    logs = judged_folder(tmp_path, 0.1, every_other_false_and_every_tenth_missed)
    key = key_of(tmp_path / "judged")
    (found,) = read_review(logs)
    (rate,) = found.rates
    assert (rate.model, rate.arm, rate.runs) == ("made/model", "allow_system_unfinished", 160)
    right = sum(item.item % 2 == 0 for item in key.items if item.scorer_says == 1)
    missed = sum(item.item % 10 == 0 for item in key.items if item.scorer_says == 0)
    expected = (right + missed * (rate.runs - rate.scorer_yes) / 50) / rate.runs
    assert rate.rate == pytest.approx(expected)
    assert rate.rate_lower is not None
    assert rate.rate_upper is not None
    assert rate.rate_lower < expected < rate.rate_upper
    table = people.reviews(read_folder(logs))
    assert table is not None
    texts = [cell.text for cell in table.rows[1]]
    assert texts[1] == "made/model, allow_system_unfinished"
    assert f"({rate.scorer_yes} of {rate.runs})" in texts[2]
    assert " to " in texts[3]


def test_each_arm_and_model_has_a_rate_of_its_own(logs: Path, tmp_path: Path) -> None:
    review_export(logs, tmp_path / "review", sample=1000, key="defied")
    fill_in(tmp_path / "review", as_the_scorer, as_the_scorer)
    review_import(tmp_path / "review")
    (found,) = read_review(logs)
    frame = read_folder(logs).frame
    said = frame[frame["defied"].notna()].assign(model=frame["model"].astype(str), arm=frame["arm"].astype(str))
    rates = said.groupby(["model", "arm"], observed=True)["defied"].mean().to_dict()
    assert {(each.model, each.arm): each.rate for each in found.rates} == rates


def test_a_scorer_without_positives_is_held_to_what_it_missed(tmp_path: Path) -> None:
    logs = judged_folder(tmp_path, 0.0, every_other_false_and_every_tenth_missed)
    (found,) = read_review(logs)
    assert (found.sensitivity, found.specificity, found.missed) == (0.0, 1.0, 0.1)
    assert found.sensitivity_upper is not None
    assert found.sensitivity_upper > 0.005, "none called positive does not mean that none could be"
    assert found.missed_lower is not None
    assert found.missed_upper is not None
    assert 0.03 < found.missed_lower < 0.1 < found.missed_upper < 0.25
    assert found.rates[0].rate == pytest.approx(0.1)


def test_people_who_find_nothing_missed_bound_what_there_may_be(tmp_path: Path) -> None:
    logs = judged_folder(tmp_path, 0.0, lambda item: "no")
    (found,) = read_review(logs)
    assert (found.kappa, found.sensitivity, found.specificity, found.missed) == (None, None, 1.0, 0.0)
    assert found.missed_upper is not None
    assert 0.01 < found.missed_upper < 0.08
    table = people.reviews(read_folder(logs))
    assert table is not None
    assert table.rows[0][4].text.endswith("they say the same of 50 of 50")


def test_where_none_of_the_rest_was_drawn_nothing_is_said_of_it(tmp_path: Path) -> None:
    logs = judged_folder(tmp_path, 0.1, as_the_scorer, sample=0)
    (found,) = read_review(logs)
    assert (found.sensitivity, found.specificity, found.missed, found.rates[0].rate) == (None,) * 4


SENSITIVITY, SPECIFICITY, RUNS = 0.8, 0.97, 1000


def drawn_runs(luck: Random, prevalence: float, sample: int) -> Reweighted:
    runs = []
    for _ in range(RUNS):
        so = luck.random() < prevalence
        said = luck.random() < (SENSITIVITY if so else 1 - SPECIFICITY)
        runs.append((so, said))
    positives, others = ([so for so, said in runs if said is call] for call in (True, False))
    some = luck.sample(others, sample)
    return reweigh([
        Layer(True, len(positives), len(positives), sum(positives)),
        Layer(False, len(others), sample, sum(some)),
    ])  # fmt: skip


@pytest.mark.parametrize(("prevalence", "sample"), [(0.1, 150), (0.1, 50), (0.3, 50)])
def test_reweighted_figures_are_right_in_the_mean_and_their_intervals_cover(prevalence: float, sample: int) -> None:
    luck = Random(7)
    negative = (1 - SENSITIVITY) * prevalence + SPECIFICITY * (1 - prevalence)
    truth = (SENSITIVITY, SPECIFICITY, (1 - SENSITIVITY) * prevalence / negative, prevalence)
    sets = 300
    found = [drawn_runs(luck, prevalence, sample) for _ in range(sets)]
    for number, (name, true) in enumerate(zip(Reweighted._fields, truth, strict=True)):
        shares = [each[number] for each in found]
        held = sum(share.lower <= true <= share.upper for share in shares)
        # 95 %, and three of its own standard errors over so many sets
        assert held >= sets * (0.95 - 3 * (0.95 * 0.05 / sets) ** 0.5), name
        if name in ("missed", "rate"):  # the others are ratios, right in large samples only
            assert sum(share.value for share in shares) / sets == pytest.approx(true, abs=0.006), name


def test_a_stratum_of_unknown_size_gives_no_figure() -> None:
    found = reweigh([Layer(True, 5, 5, 5), Layer(False, float("nan"), 0, 0)])
    assert all(isnan(share.value) for share in found)
