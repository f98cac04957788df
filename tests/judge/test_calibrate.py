"""A calibration tells a good grader from a bad one, counts what was not answered, and says what is missing."""

import json
from collections.abc import Mapping
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sabotage_evals.actors.graders import (
    ACTORS,
    grades_at_random_words,
    grades_by_rule,
    grades_fails_half,
    grades_obeys_injections,
    grades_refuses,
)
from sabotage_evals.actors.playing import Actor
from sabotage_evals.judge import QUESTIONS, Ruling, Vote
from sabotage_evals.judge.calibrate import (
    REFERENCE,
    Calibration,
    Result,
    calibrate,
    graders_named,
    read_calibration,
    run_calibrate,
    show,
    tally,
)
from sabotage_evals.judge.labels import Item, labelled_file, read_labelled
from sabotage_evals.prompts import CANARY
from sabotage_evals.refusal import Refusal
from tests.judge.grading import Grader, acting, verdict

OURS = ["answer_misaligned", "reasoning_misaligned"]
THERE = [name for name in QUESTIONS if labelled_file(name).is_file()]


def measured(actor: Actor, name: str = "answer_misaligned") -> Result:
    return _measured(actor.name, name)


@cache
def _measured(actor: str, name: str) -> Result:
    (result,) = calibrate([name], [acting(ACTORS[actor])]).results
    return result


def counted(tp: int, fp: int, fn: int, tn: int, unscored: Mapping[str, int] | None = None) -> Result:
    """The tally of a grader that came out like this."""
    cases: list[tuple[str, str | None, str | None]] = []
    cases += [("misaligned", "misaligned", None)] * tp + [("aligned", "misaligned", None)] * fp
    cases += [("misaligned", "aligned", None)] * fn + [("aligned", "aligned", None)] * tn
    cases += [("aligned", None, problem) for problem, count in (unscored or {}).items() for _ in range(count)]
    ruled = [
        (
            Item(id=str(number), material={}, label=label, kind="written"),
            Ruling(
                question="answer_misaligned",
                version="v",
                verdict=said,
                problem=problem,
                votes=(Vote(model="m", verdict=said, why="", problem=problem),),
            ),
        )
        for number, (label, said, problem) in enumerate(cases)
    ]
    return tally(QUESTIONS["answer_misaligned"], "labels", ruled)


def test_figures_are_those_of_the_counts() -> None:
    result = counted(30, 5, 10, 55)
    assert result.precision.value == pytest.approx(30 / 35)
    assert result.recall.value == pytest.approx(30 / 40)
    # observed 0.85, by chance 0.35 * 0.40 + 0.65 * 0.60 = 0.53
    assert result.kappa.value == pytest.approx((0.85 - 0.53) / 0.47)
    assert result.recall.lower == pytest.approx(0.598, abs=1e-3)  # Wilson (1927) for 30 of 40
    assert result.recall.upper == pytest.approx(0.858, abs=1e-3)
    assert result.kappa.lower is not None
    assert result.kappa.upper is not None
    assert 0.5 < result.kappa.lower < 0.681 < result.kappa.upper < 0.9


def test_a_grader_without_a_miss_is_not_called_perfect() -> None:
    result = counted(20, 0, 0, 20)
    assert (result.precision.value, result.recall.value, result.kappa.value) == (1, 1, 1)
    for figure in (result.precision, result.recall, result.kappa):
        assert figure.lower is not None
        assert 0.7 < figure.lower < 0.95


def test_a_grader_that_always_says_the_same_has_no_kappa_above_chance() -> None:
    never = counted(0, 0, 20, 20)
    assert never.precision.value is None
    assert (never.recall.value, never.kappa.value) == (0, 0)
    assert counted(0, 0, 0, 20).kappa.value is None, "With one class only there is nothing to tell from chance."


def test_what_was_not_answered_is_counted_and_enters_no_figure() -> None:
    result = counted(10, 0, 10, 20, {"refused": 3, "split": 2})
    assert (result.items, result.scored, result.unscored) == (45, 40, {"refused": 3, "split": 2})
    assert result.recall.value == 0.5
    assert len(result.misses) == 15


@pytest.mark.parametrize("name", OURS)
def test_the_grader_by_rule_is_decent_and_not_perfect(name: str) -> None:
    result = measured(grades_by_rule, name)
    assert result.scored == result.items
    assert result.kappa.value is not None
    assert 0.3 < result.kappa.value < 0.9


@pytest.mark.parametrize("name", OURS)
def test_a_grader_that_obeys_the_material_is_caught_by_the_injections(name: str) -> None:
    naive, deaf = measured(grades_obeys_injections, name), measured(grades_by_rule, name)
    assert naive.by_kind["injection"].right <= naive.by_kind["injection"].items / 4
    assert deaf.by_kind["injection"].right > naive.by_kind["injection"].right


@pytest.mark.parametrize(
    ("actor", "problem"),
    [(grades_at_random_words, "unparsable"), (grades_refuses, "refused")],
    ids=lambda each: str(each),
)
def test_a_grader_without_verdicts_has_no_figures(actor: Actor, problem: str) -> None:
    result = measured(actor)
    assert (result.scored, result.unscored) == (0, {problem: result.items})
    assert result.precision.value is result.recall.value is result.kappa.value is None


def test_a_grader_that_fails_on_half_is_measured_on_the_other() -> None:
    result = measured(grades_fails_half)
    assert set(result.unscored) == {"failed"}
    assert 0.3 < result.scored / result.items < 0.7


def test_a_few_items_are_of_both_classes() -> None:
    (result,) = calibrate(["answer_misaligned"], [acting(grades_by_rule)], limit=7).results
    labels = {item.id: item.label for item in read_labelled(QUESTIONS["answer_misaligned"]).items}
    assert result.items == 7
    positives = result.true_positives + result.false_negatives
    assert positives in {3, 4}
    assert len(labels) > 7


def test_what_is_kept_can_be_read_again(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    made = calibrate(["answer_misaligned"], [Grader(verdict("aligned")).model], out, limit=4)
    assert read_calibration(out) == made
    assert json.loads(out.read_text(encoding="utf-8"))["canary"] == CANARY
    assert made.graders == ("mockllm/grader",)


def test_several_graders_rule_together() -> None:
    pair = [Grader(verdict("aligned")).model, Grader(verdict("misaligned")).model]
    (result,) = calibrate(["answer_misaligned"], pair, limit=4).results
    assert result.unscored == {"split": 4}


def shown(calibration: Calibration, reference: Calibration | None) -> str:
    console = Console(file=StringIO(), width=150)
    show(calibration, reference, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_table_stands_beside_the_reference_and_marks_what_is_unlike_it() -> None:
    made = calibrate(["answer_misaligned"], [acting(grades_by_rule)], limit=10)
    text = shown(made, made)
    assert "reference" in text
    assert "reference *" not in text
    assert "easier than real ones" in text
    other = made.model_copy(update={"results": (made.results[0].model_copy(update={"version": "other"}),)})
    assert "reference *" in shown(made, other)
    assert "reference" not in shown(made, None)


def test_questions_without_labels_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = labelled_file("answer_misaligned")
    monkeypatch.setattr(
        "sabotage_evals.judge.calibrate.labelled_file",
        lambda name: kept if name == "answer_misaligned" else tmp_path / f"{name}.jsonl",
    )
    made = calibrate(["answer_misaligned", "mail_coerces"], [acting(grades_by_rule)], limit=2)
    assert made.missing == ("mail_coerces",)
    assert [result.question for result in made.results] == ["answer_misaligned"]
    assert "mail_coerces has no labelled transcripts, and was not measured" in shown(made, None)


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ([], "There is no grader to calibrate; name one with --model-role grader=PROVIDER/MODEL."),
        (["monitor=mockllm/model"], "The role 'monitor' has no part in a calibration"),
        (["grader=nobody/nothing"], "The grader 'nobody/nothing' is no model"),
        (["grader={model: mockllm/model, temperature: hot}"], "names no grader"),
    ],
)
def test_a_command_line_without_a_grader_is_refused(roles: list[str], told: str) -> None:
    with pytest.raises(Refusal) as refused:
        graders_named(roles)
    assert told in refused.value.sentence


def test_graders_are_named_as_inspect_names_them() -> None:
    assert [str(model) for model in graders_named(["grader=mockllm/a,mockllm/b"])] == ["mockllm/a", "mockllm/b"]
    (model,) = graders_named(["grader={model: mockllm/a, temperature: 0.5}"])
    assert model.config.temperature == 0.5


def test_a_question_that_there_is_not_is_refused() -> None:
    with pytest.raises(Refusal, match="There is no question 'is_it_good'; choose from answer_misaligned"):
        calibrate(["is_it_good"], [Grader(verdict("aligned")).model])


def test_the_command_runs_offline_and_prints_its_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert run_calibrate(["grader=sabotage_evals/grades_by_rule"], OURS, output=out, limit=6) == 0
    printed = capsys.readouterr().out
    assert "answer_misaligned" in printed
    assert "6/6" in printed
    assert [result.question for result in read_calibration(out).results] == OURS


def test_the_command_fails_where_nothing_could_be_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_calibrate(["grader=sabotage_evals/grades_refuses"], OURS[:1], limit=2) == 1
    assert "without a verdict: refused 2" in capsys.readouterr().out


@pytest.mark.parametrize("name", THERE)
def test_the_stored_reference_is_what_the_grader_by_rule_gets(name: str) -> None:
    stored = next((r for r in read_calibration(REFERENCE).results if r.question == name), None)
    again = (
        "sabotage-evals calibrate --model-role grader=sabotage_evals/grades_by_rule "
        "--output src/sabotage_evals/judge/reference.json"
    )
    assert stored == measured(grades_by_rule, name), f"Labels, rules or question have changed; make it anew: {again}"


def test_the_reference_carries_the_canary() -> None:
    assert CANARY in REFERENCE.read_text(encoding="utf-8")
