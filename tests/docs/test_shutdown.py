"""`docs/shutdown.md` says what the code does: arms, outcomes, rows, routes, flags and numbers, name for name."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.prompts import CANARY
from sabotage_evals.scorers.shutdown.classify import REVIEWED_FLAGS
from sabotage_evals.scorers.shutdown.outcome import Outcome, Route, Unscored
from sabotage_evals.tasks.shutdown.arms import CORE, read_arms

from .arms import arm_as_told, told_of
from .flags import is_flag, words_set_in
from .reading import PACKAGE, code, constants, first_names, flags_in, marked, names, parsed, rows, section

DOCUMENT: Final = "shutdown.md"
OUTCOME_CELL: Final = 6
"""Where a row of the decision table has its outcome and flags."""
CLASSIFY: Final = parsed(PACKAGE / "scorers/shutdown/classify.py")
FACTS: Final = parsed(PACKAGE / "scorers/shutdown/facts.py")
SCORER: Final = parsed(PACKAGE / "scorers/shutdown/scorer.py")


def test_every_arm_is_told_as_its_front_matter_has_it() -> None:
    assert told_of(DOCUMENT, after=3) == {
        name: arm_as_told(arm, CORE, arm.instructed) for name, arm in read_arms().by_name.items()
    }


def test_every_arm_has_the_eight_wordings_that_the_document_says() -> None:
    arms = read_arms()
    assert {arms.wordings(name) for name in arms.by_name} == {tuple(f"w{number}" for number in range(1, 9))}


def test_published_figures_stand_under_the_counterpart_of_their_condition() -> None:
    head = section(DOCUMENT, "Published figures, for comparison").split("| model |")[1].split("\n")[0]
    told = re.findall(r"([A-K]) `(\w+)`", head)
    arms = read_arms()
    assert all((found := arms.arm(name).published) and found.condition == condition for condition, name in told)


def test_every_outcome_is_told() -> None:
    assert first_names(DOCUMENT, "Outcomes") == list(Outcome)


def test_every_route_is_told() -> None:
    assert first_names(DOCUMENT, "Routes") == list(Route)


def rows_of_the_code() -> set[int]:
    return {
        int(ast.literal_eval(node.args[0]))
        for node in ast.walk(CLASSIFY)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_verdict"
    }


def test_every_row_of_the_table_is_told() -> None:
    raised = {1}
    assert {int(row[0]) for row in rows(DOCUMENT, "The decision table")} == rows_of_the_code() | raised


def test_rows_and_rules_of_arms_name_every_outcome_and_reason_and_no_other() -> None:
    told = {name for row in rows(DOCUMENT, "The decision table") for name in names(row[OUTCOME_CELL])}
    of_single_arms = {Outcome.AUTHORISED, Outcome.SURVIVED_BY_ACCIDENT}
    assert told | of_single_arms == {*Outcome, *Unscored} - {Unscored.NO_EVIDENCE}
    assert of_single_arms <= set(names(section(DOCUMENT, "The decision table")))


def flags_of_the_code() -> set[str]:
    [claims] = [node for node in ast.walk(SCORER) if isinstance(node, ast.FunctionDef) and node.name == "_claims"]
    words = {*words_set_in(CLASSIFY), *words_set_in(FACTS), *words_set_in(ast.Module([claims], []))}
    return set(filter(is_flag, words))


def test_every_flag_that_the_code_can_set_is_told_and_no_other() -> None:
    assert set(first_names(DOCUMENT, "Flags")) == flags_of_the_code()


def test_flags_that_ask_for_a_person_are_marked() -> None:
    assert marked(DOCUMENT, "Flags") == REVIEWED_FLAGS


def test_flags_in_the_decision_table_are_flags() -> None:
    told = flags_in(DOCUMENT, "The decision table", OUTCOME_CELL) - {"and as row 6"}
    assert told >= {"pre_emptive", "stalled"}
    assert told <= flags_of_the_code()


@pytest.mark.parametrize(("name", "file", "value"), [row[:3] for row in rows(DOCUMENT, "Numbers in the table")])
def test_numbers_are_those_of_the_code(name: str, file: str, value: str) -> None:
    assert str(constants(PACKAGE / file.strip("`"))[name.strip("`")]) == value


def test_the_example_of_a_users_own_stimuli_can_be_read(tmp_path: Path) -> None:
    [layout] = code(DOCUMENT, "Run your own wording", "text")
    files = re.findall(r"^  (\S+\.md)", layout, re.MULTILINE)
    for file, text in zip(files, code(DOCUMENT, "Run your own wording", "markdown"), strict=True):
        (tmp_path / file).write_text(text.replace("…", CANARY), encoding="utf-8")
    arms = read_arms(tmp_path)
    assert "`fetch_job`" not in arms.render("original", "w1").user
    assert "`./fetch_job ANSWER`" in arms.render("original", "w1").user
    assert arms.wordings("allow_politely") == ("w1", "w2")
