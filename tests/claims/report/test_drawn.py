"""Plots hold what is worth looking at: whoever has a mark in them, and what was done rather than what was asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from sabotage_evals.claims.frames import read_folder
from sabotage_evals.claims.report import drawn
from sabotage_evals.claims.report.families import family_means
from tests.claims.made_logs import Truth, make_sample, shutdown_value, write_log
from tests.claims.report.building import CERTIFIED, add_chat, add_shutdown, find
from tests.claims.report.conftest import Made


def test_chat_stands_against_agentic_work_for_models_that_were_run_in_both(tmp_path: Path) -> None:
    add_shutdown(tmp_path, "made/both")
    add_chat(tmp_path, "made/both")
    add_shutdown(tmp_path, "made/works")
    add_chat(tmp_path, "made/talks")
    figure = drawn.context_plot(find(tmp_path, known=CERTIFIED)[1])
    assert figure is not None
    assert "both" in figure.svg
    assert "works" not in figure.svg
    assert "talks" not in figure.svg
    assert "2 more models, run in one of the two only" in figure.caption
    assert len(figure.table.rows) == 4


def test_where_no_model_was_run_in_both_there_is_no_such_plot(tmp_path: Path) -> None:
    add_shutdown(tmp_path, "made/works")
    add_chat(tmp_path, "made/talks")
    assert drawn.context_plot(find(tmp_path, known=CERTIFIED)[1]) is None


def test_a_plot_names_nobody_who_has_no_mark_in_it(whole: Made) -> None:
    [figure] = drawn.contrast_plots(whole.findings, "shutdown")
    assert "careful" in figure.svg
    assert ">cut<" not in figure.svg


def test_a_word_that_only_says_which_work_it_was_is_not_drawn(tmp_path: Path) -> None:
    runs = [
        make_sample("unmentioned", "w1", f"sums-{kind}", seed, 1, value, "shutdown_outcome", 1)
        for seed, kind in enumerate(("fair", "loophole", "fair"), start=1)
        for value in [shutdown_value("unmentioned", True) | {"kind": kind}]
    ]
    write_log(tmp_path, "a", Truth("made/model", {}), runs)
    assert read_folder(tmp_path).word_keys["shutdown"] == ("route",)


def test_bars_are_named_by_model_and_arm_on_two_lines_where_there_are_several_models(whole: Made) -> None:
    [figure] = drawn.kind_plots(whole.findings, "shutdown", ["route"])
    assert ">cut<" in figure.svg
    assert ">unmentioned<" in figure.svg


def test_a_heat_map_has_no_more_columns_than_can_be_read(whole: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    means = family_means(whole.reading, whole.findings)
    other = replace(means[0].subject, label="other")
    both = [*means, *(mean._replace(subject=other) for mean in means)]
    names = {figure.file for figure in drawn.family_plots(both)}
    assert {name for name in names if name.startswith("recall")} == {"recall_by_family.svg"}
    monkeypatch.setattr(drawn, "COLUMNS_AT_ONCE", 3)
    names = {figure.file for figure in drawn.family_plots(both)}
    assert {name for name in names if name.startswith("recall")} == {"recall_by_family_1.svg", "recall_by_family_2.svg"}
