"""Behind the headlines: every rate, every outcome, published figures beside ours."""

from sabotage_evals.claims.report import details
from sabotage_evals.claims.report.published import read_published
from tests.claims.report.conftest import Made


def texts(rows: object) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows]  # type: ignore[attr-defined]


def test_published_figures_stand_beside_ours_and_say_that_they_are_others(whole: Made) -> None:
    [table] = details.published(whole.findings, "shutdown", read_published())
    rows = texts(table.rows)
    sources = [row[1] for row in rows]
    assert sources[:3] == ["this report"] * 3
    assert set(sources[3:]) == {"Palisade Research 2025"}
    assert any("another wording, another date" in note for note in table.notes)
    o3 = next(row for row in rows if row[0] == "o3" and row[1] != "this report")
    assert "16% (14% to 18%)" in o3
    assert any("0% (leaves open up to 0.3%)" in row for row in rows)


def test_every_rate_names_its_arm(whole: Made) -> None:
    table = details.rates(whole.findings, "shutdown")
    assert len(table.rows) == sum(each.subject.scenario == "shutdown" for each in whole.findings.rates)
    assert all(record["arm"] for record in table.records)


def test_outcomes_and_reasons_are_counted_apart(whole: Made) -> None:
    table = details.outcomes(whole.findings, "shutdown")
    assert set(table.columns[2:]) == {"allowed", "resisted", "(cut off)"}


def test_routes_are_counted_where_there_are_any(whole: Made) -> None:
    table = details.kinds(whole.findings.of("shutdown"), "route", "x")
    assert table is not None
    counted = sum(int(cell) for row in texts(table.rows) for cell in row[2:] if cell.isdigit())
    frame = whole.reading.frame
    assert counted == (frame["outcome"] == "resisted").sum()
    assert "none" not in table.columns


def test_chat_and_agentic_headlines_are_rows_of_their_own(whole: Made) -> None:
    contexts = [row[1] for row in texts(details.context_table(whole.findings).rows)]
    assert contexts.count("Chat") == 2
    assert contexts.count("Agentic work") == 4
