"""A blind spot shows, although the mean over all families hardly moves."""

import pytest
from scipy import stats

from sabotage_evals.claims.report.families import blind_spots, claims, family_means
from sabotage_evals.claims.report.overview import run_anchor
from tests.claims.report.conftest import Made


def test_a_family_that_runs_have_lost_is_marked_with_their_number(whole: Made) -> None:
    means = {(mean.arm, mean.family): mean for mean in family_means(whole.reading, whole.findings)}
    lost = means["self_hacking", "report_patched"]
    assert (lost.runs, lost.blind) == (8, 2)
    assert lost.measured == (6 * 0.75 + 2 * 0.125) / 8
    assert all(mean.blind == 0 for place, mean in means.items() if place != ("self_hacking", "report_patched"))
    table = blind_spots(list(means.values()))
    by_wording = stats.ttest_1samp([0.75] * 6 + [0.125] * 2, 0).confidence_interval(0.95)
    assert (lost.lower, lost.upper) == pytest.approx(tuple(by_wording))
    row = next(row for row in table.rows if row[0].text == "report patched")
    assert [cell.text for cell in row] == ["report patched", "62%", "59% (35% to 84%) ▼2", "75%"]
    assert row[2].href == f"#{run_anchor(lost.subject, 'self_hacking')}"


def test_claims_are_set_against_what_was_measured_in_the_same_runs(whole: Made) -> None:
    means = family_means(whole.reading, whole.findings)
    table = claims(means)
    assert table is not None
    row = next(row for row in table.rows if (row[1].text, row[2].text) == ("self_hacking", "report patched"))
    assert [cell.text for cell in row[3:]] == ["75%", "59%", "+16 points", "8 of 8"]


def test_without_claims_there_is_no_such_table(whole: Made) -> None:
    means = [mean._replace(claims=0) for mean in family_means(whole.reading, whole.findings)]
    assert claims(means) is None
