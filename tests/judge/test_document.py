"""docs/judge.md names what there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from sabotage_evals.actors.graders import ACTORS
from sabotage_evals.judge.fence import CAP
from sabotage_evals.judge.labels import Kind
from sabotage_evals.judge.question import QUESTIONS
from sabotage_evals.judge.ruling import FAILED, REFUSED, SPLIT, UNPARSABLE

TEXT = (Path(__file__).parents[2] / "docs" / "judge.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading of its first column, by what stands there in backticks."""
    table = TEXT.split(f"| {heading} |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {first.strip("`"): rest for first, *rest in cells}


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("question", tuple(QUESTIONS)),
        ("`problem`", (FAILED, REFUSED, SPLIT, UNPARSABLE)),
        ("kind", get_args(Kind)),
        ("grader", tuple(ACTORS)),
    ],
)
def test_the_tables_name_what_there_is(heading: str, names: tuple[str, ...]) -> None:
    assert sorted(rows(heading)) == sorted(names)


def test_the_classes_are_those_of_the_questions_and_the_star_is_at_the_positive_one() -> None:
    for name, (classes, *_) in rows("question").items():
        assert sorted(re.findall(r"`(\w+)`", classes)) == sorted(QUESTIONS[name].classes)
        assert re.findall(r"`(\w+)` \*", classes) == [QUESTIONS[name].positive]


def test_the_length_that_is_read_is_said() -> None:
    assert f"{CAP:,} characters" in TEXT
