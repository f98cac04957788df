"""Who was measured is told apart by all that may change an answer, and named as shortly as that allows."""

from pathlib import Path

from inspect_ai.model import GenerateConfig

from sabotage_evals.claims.frames import read_folder
from sabotage_evals.claims.report.subjects import find_subjects
from sabotage_evals.design import Contrast, PlanStamp
from tests.claims.made_logs import SHUTDOWN, Truth, draw_shutdown, write_log
from tests.claims.report.building import add_shutdown


def labels(folder: Path) -> set[str]:
    return {subject.label for subject in find_subjects(read_folder(folder))}


def test_a_model_is_called_by_its_last_name_if_no_other_is(tmp_path: Path) -> None:
    add_shutdown(tmp_path, "one/model", wordings=1)
    assert labels(tmp_path) == {"model"}
    add_shutdown(tmp_path, "two/model", wordings=1, name="other")
    assert labels(tmp_path) == {"one/model", "two/model"}


def test_settings_and_conditions_are_named_where_they_tell_models_apart(tmp_path: Path) -> None:
    add_shutdown(tmp_path, wordings=1, name="a", config=GenerateConfig(temperature=0.5))
    add_shutdown(tmp_path, wordings=1, name="b")
    assert labels(tmp_path) == {"model (temperature 0.5)", "model"}
    add_shutdown(tmp_path, wordings=1, name="c", sandbox="bwrap")
    assert labels(tmp_path) == {
        "model (temperature 0.5)",
        "made/model, sandbox docker",
        "made/model, sandbox bwrap",
    }


def test_what_logs_declare_is_put_together_and_a_plan_holds_only_for_all(tmp_path: Path) -> None:
    truth = Truth("made/model", {"unmentioned": 0.5})
    stamp = PlanStamp(name="p", sha256="0" * 64)
    more = SHUTDOWN.model_copy(
        update={
            "arms": {"must": "An order"},
            "contrasts": (Contrast(arm="must", other="unmentioned", key="resisted"),),
            "plan": stamp,
        }
    )
    for name, design in (("a", SHUTDOWN), ("b", more)):
        runs = list(draw_shutdown(truth, 1, ["sums"], 1, 1, name, 1))
        write_log(tmp_path, name, truth, runs, design=design)
    [subject] = find_subjects(read_folder(tmp_path))
    assert set(subject.design.arms) == {*SHUTDOWN.arms, "must"}
    assert len(subject.design.contrasts) == len(SHUTDOWN.contrasts) + 1
    assert subject.design.plan is None


def test_arms_stand_in_the_order_of_the_design(tmp_path: Path) -> None:
    add_shutdown(tmp_path, rates={"priority": 0.0, "made_up": 0.1, "unmentioned": 0.5}, wordings=1)
    [subject] = find_subjects(read_folder(tmp_path))
    assert subject.arms == ("unmentioned", "priority", "made_up")
    assert subject.title("priority") == SHUTDOWN.arms["priority"]


def test_a_folder_without_runs_has_no_subject(tmp_path: Path) -> None:
    (tmp_path / "x.eval").write_bytes(b"x")
    assert find_subjects(read_folder(tmp_path)) == []


def test_models_that_differ_in_an_argument_are_never_pooled(tmp_path: Path) -> None:
    truth = Truth("made/model", {"unmentioned": 0.5})
    arguments = {"a": {"seed": "one", "rates": {"x": 0.1}}, "b": {"seed": "two", "rates": {"x": 0.1}}}
    for name, given in arguments.items():
        runs = list(draw_shutdown(truth, 1, ["sums"], 1, 1, name, 1))
        write_log(tmp_path, name, truth, runs, model_args=given)
    assert labels(tmp_path) == {"model (seed one)", "model (seed two)"}
    settings = {subject.model_settings for subject in find_subjects(read_folder(tmp_path))}
    assert all("0.1" not in each and "rates " in each for each in settings)


def test_what_an_alike_model_has_too_is_not_in_the_name(tmp_path: Path) -> None:
    for seed in (1, 2):
        add_shutdown(tmp_path, wordings=1, name=f"s{seed}", config=GenerateConfig(temperature=0.5, seed=seed))
    assert labels(tmp_path) == {"model (seed 1)", "model (seed 2)"}
