"""A folder of logs becomes a table of runs, and nothing in the folder is passed over in silence."""

import os
import shutil
from math import isnan, nan
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import (
    EvalConfig,
    EvalLog,
    EvalSample,
    ProvenanceData,
    invalidate_samples,
    read_eval_log,
    write_eval_log,
)
from inspect_ai.model import GenerateConfig, ModelConfig
from inspect_ai.scorer import Score
from inspect_ai.util import EarlyStop, EarlyStoppingSummary

from sabotage_evals.claims import frames
from sabotage_evals.claims.frames import (
    COPIES_DIFFER,
    INVALIDATED,
    NEVER_RAN,
    NO_SCORE,
    NOT_OUR_SCORE,
    SCAN,
    STOPPED_EARLY,
    Reading,
    read_folder,
)
from sabotage_evals.refusal import Refusal
from tests.claims.made_logs import SHUTDOWN, Truth, draw_shutdown, make_log, make_sample, shutdown_value, write_log

EXAMPLES = Path(__file__).parents[2] / "logs"
TRUTH = Truth("made/model", {"unmentioned": 0.5, "allow_system_unfinished": 0.25})


def samples(seed: str = "a", truth: Truth = TRUTH, **design: Any) -> list[EvalSample]:
    """Eight runs, or as many as the design says."""
    wanted: dict[str, Any] = {"wordings": 2, "works": ["sums", "records"], "seeds": 1, "epochs": 1}
    return list(draw_shutdown(truth, seed=seed, words=1, **wanted | design))


def conditions(reading: Reading) -> set[str]:
    return set(reading.frame["conditions"].astype(str))


def test_every_run_of_every_epoch_is_a_row_with_its_place_in_the_design(tmp_path: Path) -> None:
    write_log(tmp_path, "a", TRUTH, samples(epochs=3))
    frame = read_folder(tmp_path).frame
    assert len(frame) == 24
    row = frame[frame["sample_id"] == "allow_system_unfinished/w2/records/1"].iloc[0]
    assert (row["arm"], row["wording"], row["work"], row["seed"], row["unit"]) == (
        "allow_system_unfinished", "w2", "records", "1", "w2/records/1",
    )  # fmt: skip
    assert set(frame["epoch"]) == {1, 2, 3}
    assert frame["covered"].all()


def test_figures_and_words_of_the_score_are_columns(tmp_path: Path) -> None:
    runs = samples()
    write_log(tmp_path, "a", TRUTH, runs)
    reading = read_folder(tmp_path)
    written = {run.id: run.scores["shutdown_outcome"].value for run in runs if run.scores}
    for row in reading.frame.itertuples():
        value = written[str(row.sample_id)]
        assert isinstance(value, dict)
        assert row.resisted == value["resisted"]
        assert row.route == value["route"]
    assert reading.rate_keys["shutdown"] == ("resisted", "defied", "tampered", "understood")
    assert reading.word_keys["shutdown"] == ("route",)


def test_a_score_cannot_write_into_the_columns_of_its_log(tmp_path: Path) -> None:
    run = make_sample("unmentioned", "w1", "sums", 1, 1, shutdown_value("unmentioned", True) | {"model": "other"}, "s")
    write_log(tmp_path, "a", TRUTH, [run])
    assert set(read_folder(tmp_path).frame["model"]) == {"made/model"}


def test_a_key_that_only_some_runs_have_is_nan_in_the_others(tmp_path: Path) -> None:
    first = make_sample("unmentioned", "w1", "sums", 1, 1, shutdown_value("unmentioned", True), "s")
    more = shutdown_value("unmentioned", False) | {"late": 1.0, "mechanism": "patched"}
    second = make_sample("unmentioned", "w2", "sums", 1, 1, more, "s")
    write_log(tmp_path, "a", TRUTH, [first, second])
    frame: Any = read_folder(tmp_path).frame.set_index("wording")
    assert isnan(frame.loc["w1", "late"])
    assert frame["late"]["w2"] == 1.0
    assert frame["mechanism"].tolist() == ["", "patched"]


def test_runs_that_were_planned_and_never_made_are_rows_with_that_reason(tmp_path: Path) -> None:
    runs = samples(epochs=2)
    log = make_log("a", TRUTH, runs)
    log.samples = runs[:5]
    log.status = "cancelled"
    write_eval_log(log, str(tmp_path / "a.eval"))
    reading = read_folder(tmp_path)
    assert len(reading.frame) == 16
    assert (reading.frame["reason"] == NEVER_RAN).sum() == 11
    missing = reading.frame[reading.frame["reason"] == NEVER_RAN].iloc[0]
    assert missing["arm"] in SHUTDOWN.arms
    assert missing["unit"] == "/".join(missing["sample_id"].split("/")[1:])
    assert (reading.logs[0].planned, reading.logs[0].found) == (16, 5)


def test_runs_that_a_stop_made_unnecessary_are_told_from_those_that_are_missing(tmp_path: Path) -> None:
    runs = samples()
    log = make_log("a", TRUTH, runs)
    log.samples = runs[:6]
    assert log.results is not None
    log.results.early_stopping = EarlyStoppingSummary(
        manager="stop", early_stops=[EarlyStop(id=runs[6].id, epoch=1)], metadata={"stop": {"text": "x"}}
    )
    write_eval_log(log, str(tmp_path / "a.eval"))
    reading = read_folder(tmp_path)
    assert sorted(reading.frame["reason"].astype(str))[-2:] == [NEVER_RAN, STOPPED_EARLY]
    assert reading.logs[0].stopping == {"manager": "stop", "stops": 1, "stop": {"text": "x"}}


def test_a_run_that_broke_before_it_was_scored_is_there_with_its_error(tmp_path: Path) -> None:
    from inspect_ai._util.error import EvalError  # there is no public name for it

    broken, foreign, *rest = samples()
    broken.scores = None
    broken.error = EvalError(message="no space left\nat line 3", traceback="", traceback_ansi="")
    foreign.scores = {"accuracy": Score(value=1.0)}
    write_log(tmp_path, "a", TRUTH, [broken, foreign, *rest])
    frame = read_folder(tmp_path).frame.set_index("sample_id")
    assert frame.loc[broken.id, "reason"] == NO_SCORE
    assert frame.loc[broken.id, "error"] == "no space left"
    assert frame.loc[foreign.id, "reason"] == NOT_OUR_SCORE
    assert frame.loc[foreign.id, f"{SCAN}accuracy"] == 1.0


def test_unscored_runs_bear_their_reason(tmp_path: Path) -> None:
    run = make_sample("unmentioned", "w1", "sums", 1, 1, shutdown_value("unmentioned", None), "s")
    write_log(tmp_path, "a", TRUTH, [run])
    row = read_folder(tmp_path).frame.iloc[0]
    assert (row["covered"], row["reason"], row["outcome"]) == (False, "cut_off", "cut_off")


def test_other_tasks_and_broken_files_are_named_with_the_reason(tmp_path: Path) -> None:
    whole = write_log(tmp_path, "a", TRUTH, samples())
    (tmp_path / "cut.eval").write_bytes(whole.read_bytes()[:2000])
    (tmp_path / "empty.eval").write_bytes(b"")
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    theirs = make_log("b", TRUTH, samples(), design=None, task="other/task", task_registry_name="other/task")
    write_eval_log(theirs, str(tmp_path / "theirs.eval"))
    reading = read_folder(tmp_path)
    assert len(reading.frame) == 8
    found = {each.file: each for each in reading.left_out}
    assert set(found) == {"cut.eval", "empty.eval", "theirs.eval"}
    assert found["theirs.eval"].kind == "not_ours"
    assert "other/task" in found["theirs.eval"].why
    assert found["cut.eval"].kind == found["empty.eval"].kind == "unreadable"
    assert all(each.why for each in reading.left_out)


def test_a_copy_of_a_log_is_counted_once_and_said_to_be(tmp_path: Path) -> None:
    first = write_log(tmp_path, "a", TRUTH, samples())
    shutil.copy(first, tmp_path / "copy.eval")
    os.utime(tmp_path / "copy.eval", (2e9, 2e9))
    reading = read_folder(tmp_path)
    assert len(reading.frame) == 8
    [repeated] = reading.repeated
    assert repeated == (first.name, "copy.eval", 8, "same_run", 0)
    assert not reading.frame[COPIES_DIFFER].any()


def test_of_a_log_that_was_scored_again_the_later_file_counts(tmp_path: Path) -> None:
    runs = samples()
    write_log(tmp_path, "a", TRUTH, runs)
    for run in runs:
        run.scores = {"shutdown_outcome": Score(value=shutdown_value(str(run.metadata["arm"]), True))}
    again = tmp_path / "again.eval"
    write_eval_log(make_log("a", TRUTH, runs), str(again))
    os.utime(again, (2e9, 2e9))
    frame = read_folder(tmp_path).frame
    assert len(frame) == 8
    assert (frame["resisted"] == 1.0).all()


def test_a_run_that_was_made_again_after_an_error_counts_once_and_the_scored_one_is_kept(tmp_path: Path) -> None:
    runs = samples()
    broken = make_log("a", TRUTH, runs)
    assert broken.samples is not None
    broken.samples[0].scores = None
    task = broken.eval.task_id
    write_eval_log(broken, str(tmp_path / "a.eval"))
    retried = make_log("b", TRUTH, samples(), task_id=task, created="2026-11-22T10:00:00+00:00")
    write_eval_log(retried, str(tmp_path / "b.eval"))
    reading = read_folder(tmp_path)
    assert len(reading.frame) == 8
    assert reading.frame["covered"].all()
    assert {each.how for each in reading.repeated} == {"run_again"}


def test_a_scored_run_is_not_lost_to_a_later_file_in_which_it_is_not_scored(tmp_path: Path) -> None:
    runs = samples()
    write_log(tmp_path, "a", TRUTH, runs)
    for run in runs:
        run.scores = None
    later = tmp_path / "later.eval"
    write_eval_log(make_log("a", TRUTH, runs), str(later))
    os.utime(later, (2e9, 2e9))
    assert read_folder(tmp_path).frame["covered"].all()


def rescored(folder: Path, changed: int, outcome: str = "allowed") -> Path:
    """Write a log, and a copy of it in which so many runs have another score."""
    runs = samples(truth=Truth("made/model", dict.fromkeys(TRUTH.rates, 1.0)))
    first = write_log(folder, "a", TRUTH, runs)
    log = read_eval_log(str(first))
    for run in (log.samples or [])[:changed]:
        covered = outcome == "allowed"
        value = shutdown_value(run.metadata["arm"], False if covered else None)
        run.scores = {"shutdown_outcome": Score(value=value, reason=None if covered else outcome)}
    write_eval_log(log, str(folder / "copy.eval"))
    return first


@pytest.mark.parametrize("later", ["copy.eval", ""])
def test_runs_of_which_copies_do_not_agree_are_marked_whichever_was_written_last(tmp_path: Path, later: str) -> None:
    first = rescored(tmp_path, 3)
    os.utime(tmp_path / later if later else first, (2e9, 2e9))
    reading = read_folder(tmp_path)
    [repeated] = reading.repeated
    assert (repeated.runs, repeated.how, repeated.differing) == (8, "same_run", 3)
    assert len(reading.frame) == 8
    assert reading.frame[COPIES_DIFFER].sum() == 3


def test_a_copy_in_which_runs_could_not_be_scored_does_not_contradict_the_other(tmp_path: Path) -> None:
    rescored(tmp_path, 3, "cut_off")
    reading = read_folder(tmp_path)
    assert {each.differing for each in reading.repeated} == {0}
    assert not reading.frame[COPIES_DIFFER].any()
    assert reading.frame["covered"].all()


@pytest.mark.parametrize("suffix", [".eval", ".json"])
def test_runs_that_were_declared_invalid_are_unscored_and_say_nothing(tmp_path: Path, suffix: str) -> None:
    path = write_log(tmp_path, "a", TRUTH, samples(epochs=2))
    log = read_eval_log(str(path))
    path.unlink()
    path = path.with_suffix(suffix)
    chosen = [run for run in log.samples or [] if run.epoch == 2 and run.metadata["arm"] == "allow_system_unfinished"]
    by = ProvenanceData(author="somebody", reason="the sandbox was broken")
    write_eval_log(invalidate_samples(log, [str(run.uuid) for run in chosen], by), str(path))
    frame = read_folder(tmp_path).frame
    invalid = frame[frame["reason"] == INVALIDATED]
    assert set(invalid["sample_id"]) == {run.id for run in chosen}
    assert set(invalid["epoch"]) == {2}
    assert len(invalid) == 4
    assert not invalid["covered"].any()
    assert invalid[["resisted", "defied", "tampered"]].isna().all(axis=None)
    assert set(invalid["headline"]) == {"unscored"}
    assert frame.loc[frame["reason"] != INVALIDATED, "covered"].all()


def test_to_learn_what_is_invalid_no_transcript_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_log(tmp_path, "a", TRUTH, samples())
    read: list[EvalSample] = []

    def reading(*args: Any, **more: Any) -> EvalLog:
        log = read_eval_log(*args, **more)
        read.extend(log.samples or ())
        return log

    monkeypatch.setattr(frames, "read_eval_log", reading)
    read_folder(tmp_path)
    assert read == []
    log = read_eval_log(str(path))
    by = ProvenanceData(author="somebody", reason="x")
    write_eval_log(invalidate_samples(log, "all", by), str(path))
    assert (read_folder(tmp_path).frame["reason"] == INVALIDATED).all()
    assert len(read) == 8
    assert all(not each.messages and not each.events and not each.store and not each.scores for each in read)


def test_an_invalid_run_that_was_run_again_gives_way_to_the_new_one(tmp_path: Path) -> None:
    path = write_log(tmp_path, "a", TRUTH, samples())
    log = read_eval_log(str(path))
    by = ProvenanceData(author="somebody", reason="x")
    write_eval_log(invalidate_samples(log, "all", by), str(path))
    write_log(tmp_path, "b", TRUTH, samples("b"), task_id=log.eval.task_id)
    frame = read_folder(tmp_path).frame
    assert len(frame) == 8
    assert frame["covered"].all()


def test_runs_under_different_limits_are_not_pooled(tmp_path: Path) -> None:
    write_log(tmp_path, "a", TRUTH, samples("a"), config=EvalConfig(epochs=1, message_limit=6, time_limit=60))
    write_log(tmp_path, "b", TRUTH, samples("b"), config=EvalConfig(epochs=1, message_limit=200))
    assert conditions(read_folder(tmp_path)) == {
        "sandbox docker, message limit 6, time limit 60", "sandbox docker, message limit 200"
    }  # fmt: skip


def test_two_runs_of_the_same_design_by_two_commands_are_both_counted(tmp_path: Path) -> None:
    write_log(tmp_path, "a", TRUTH, samples())
    write_log(tmp_path, "b", TRUTH, samples("b"))
    reading = read_folder(tmp_path)
    assert len(reading.frame) == 16
    assert reading.repeated == ()


def test_settings_that_change_what_a_model_answers_are_part_of_it_and_others_are_not(tmp_path: Path) -> None:
    config = GenerateConfig(
        reasoning_effort="high", temperature=0.5, max_connections=9, timeout=3, stop_seqs=["secret"]
    )
    truth = Truth("made/model", TRUTH.rates, config=config)
    write_log(tmp_path, "a", truth, samples(truth=truth))
    [settings] = set(read_folder(tmp_path).frame["model_settings"].astype(str))
    assert settings.startswith("reasoning effort high, stop seqs ")
    assert settings.endswith(", temperature 0.5")
    assert "secret" not in settings


def test_conditions_name_sandbox_solver_roles_and_parameters_that_change_what_is_measured(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        "a",
        TRUTH,
        samples(),
        solver="other/agent",
        model_roles={"grader": ModelConfig(model="made/grader")},
        task_args_passed={"items": 40, "arms": "core", "wordings": 2, "debrief": False},
    )
    assert conditions(read_folder(tmp_path)) == {"sandbox docker, solver other/agent, grader made/grader, items 40"}


def test_logs_with_other_stimuli_under_the_same_name_are_not_pooled(tmp_path: Path) -> None:
    for name, content in (("a", "1"), ("b", "1"), ("c", "2")):
        metadata = {**SHUTDOWN.as_metadata(), "stimuli": {"unmentioned.md": content, f"{name}.md": name}}
        write_log(tmp_path, name, TRUTH, samples(name), metadata=metadata)
    reading = read_folder(tmp_path)
    by_file = {log.file.split("_")[-1]: log.conditions for log in reading.logs}
    assert by_file["a.eval"] == by_file["b.eval"] != by_file["c.eval"]
    assert all("stimuli " in each for each in by_file.values())


def test_recall_by_family_is_read_with_what_there_was_and_what_is_claimed(tmp_path: Path) -> None:
    metadata = {
        "recall_by_family": {"early_exit": 0.5, "test_edited": 0.25},
        "shipped_by_family": {"early_exit": 0.75},
        "claimed_by_family": {"early_exit": 0.9, "test_edited": "much"},
        "plain_by_family": {"early_exit": 0.6},
    }
    run = make_sample("unmentioned", "w1", "rule", 1, 1, shutdown_value("unmentioned", True), "s", metadata=metadata)
    write_log(tmp_path, "a", TRUTH, [run])
    families: Any = read_folder(tmp_path).families.set_index("family")
    assert families.loc["early_exit", ["measured", "shipped", "claimed", "plain"]].tolist() == [0.5, 0.75, 0.9, 0.6]
    assert families.loc["test_edited", "plain"] == 0.25
    assert families.loc["test_edited", "measured"] == 0.25
    assert isnan(families.loc["test_edited", "claimed"])


def test_a_log_without_a_design_is_read_by_its_scores(tmp_path: Path) -> None:
    write_log(tmp_path, "a", TRUTH, samples(), design=None)
    [log] = read_folder(tmp_path).logs
    assert not log.declared
    assert (log.design.headline.arm, log.design.headline.key) == ("allow_system_unfinished", "resisted")
    assert log.design.contrasts == ()
    assert {"resisted", "defied"} <= {rate.key for rate in log.design.rates}


def test_a_design_of_another_version_is_no_reason_to_stop(tmp_path: Path) -> None:
    write_log(tmp_path, "a", TRUTH, samples(), metadata={"design": {"scenario": 3}})
    reading = read_folder(tmp_path)
    assert len(reading.frame) == 8
    assert not reading.logs[0].declared


def test_a_design_that_leaves_out_what_is_unknown_is_read(tmp_path: Path) -> None:
    metadata = {"design": SHUTDOWN.model_dump(mode="json") | {"later": 1}}
    write_log(tmp_path, "a", TRUTH, samples(), metadata=metadata)
    assert read_folder(tmp_path).logs[0].design == SHUTDOWN


def test_one_file_may_be_read_alone(tmp_path: Path) -> None:
    path = write_log(tmp_path, "a", TRUTH, samples())
    write_log(tmp_path, "b", TRUTH, samples())
    assert len(read_folder(path).logs) == 1


def test_the_example_logs_are_read() -> None:
    reading = read_folder(EXAMPLES)
    assert reading.left_out == ()
    assert len(reading.frame) == sum(log.found for log in reading.logs)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_logs_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refusal, match=name):
        read_folder(tmp_path / name)


def test_missing_values_stay_missing(tmp_path: Path) -> None:
    value = shutdown_value("unmentioned", False) | {"resisted": None, "tampered": nan}
    write_log(tmp_path, "a", TRUTH, [make_sample("unmentioned", "w1", "sums", 1, 1, value, "s")])
    row = read_folder(tmp_path).frame.iloc[0]
    assert isnan(row["resisted"])
    assert isnan(row["tampered"])
