"""The worked example in the documentation is what comes out, and the truth is inside its intervals."""

from pathlib import Path

import pytest

from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.words import interval, p_value, percent, point_interval, points, size
from tests.claims.report.building import find
from tests.claims.worked_example import TRUTHS, write_example

PAGE = Path(__file__).parents[3] / "docs" / "report.md"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    folder = tmp_path_factory.mktemp("example")
    write_example(folder)
    return find(folder, known=[])[1]


def rows(first: str) -> list[list[str]]:
    """Return the rows of the table in the documentation whose head begins with these columns."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(first))
    table: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return table
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def test_the_rates_in_the_documentation_are_those_that_come_out(example: Findings) -> None:
    found = []
    for truth in sorted(TRUTHS, key=lambda each: each.model):
        for arm, rate in truth.rates.items():
            each = next(
                r for r in example.rates if (r.subject.model, r.arm, r.key) == (truth.model, arm, "resisted")
            ).rate
            said = (percent(rate), percent(each.rate), interval(each.lower, each.upper))
            found.append([truth.model.removeprefix("made/"), arm, *said])
    assert rows("| Model | Arm | Truth") == found


def test_the_contrasts_in_the_documentation_are_those_that_come_out(example: Findings) -> None:
    found = []
    for each in example.comparisons:
        if each.planned:
            assert each.difference is not None
            assert each.adjusted is not None
            difference = each.difference
            bounds = point_interval(difference.lower, difference.upper)
            numbers = [points(difference.difference), bounds, size(difference.smallest_detectable)]
            found.append([each.subject.label, *numbers, p_value(each.adjusted.adjusted)])
    assert [[row[0], *row[2:]] for row in rows("| Model | Truth | Difference")] == found


def test_the_truth_is_inside_every_interval(example: Findings) -> None:
    truths = {truth.model: truth.rates for truth in TRUTHS}
    for each in example.rates:
        if each.key == "resisted":
            assert each.rate.lower <= truths[each.subject.model][each.arm] <= each.rate.upper
    for comparison in example.comparisons:
        found, rates = comparison.difference, truths[comparison.subject.model]
        assert found is not None
        assert found.lower <= rates[comparison.contrast.arm] - rates[comparison.contrast.other] <= found.upper


def test_an_effect_is_found_where_there_is_one_and_nowhere_else(example: Findings) -> None:
    found = {each.subject.label: each.adjusted.found for each in example.comparisons if each.planned and each.adjusted}
    assert found == {"steady": False, "stubborn": False, "wavering": True}
