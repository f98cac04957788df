"""What people and scanners found: the scorer against people's eyes, and rates with and without marked runs."""

from typing import Final

from sabotage_evals.claims.frames import SCAN, Reading
from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.sheets import Cell, Table
from sabotage_evals.claims.report.words import NOTHING, capital, count, interval, percent, plain
from sabotage_evals.claims.review import METHODS, read_review
from sabotage_evals.claims.statistics import rate

OVERRULED: Final = "overruled_by_people"
"""Flag of a run in which people's verdict stands in place of the scorer's."""


def reviews(reading: Reading) -> Table | None:
    """Give how the scorer fares against people's eyes, as `review import` left it; None where nobody looked."""
    rows: list[tuple[Cell, ...]] = []
    for found in read_review(reading.folder):
        figures = (
            _kappa(found.kappa, found.kappa_lower, found.kappa_upper),
            _share(found.sensitivity, found.sensitivity_lower, found.sensitivity_upper),
            _share(found.specificity, found.specificity_lower, found.specificity_upper),
        )
        counts = (found.judged, found.unclear, found.disputed, found.overruled)
        names = (Cell(found.scenario, strong=True), Cell(found.question))
        rows.append((*names, *map(Cell, figures), *(Cell(f"{each:,}") for each in counts)))
    if not rows:
        return None
    overruled = int(reading.frame["flags"].astype(str).str.contains(OVERRULED).sum())
    columns = (
        "Scenario", "Question", "Kappa of two people", "Sensitivity of the scorer", "Specificity of the scorer",
        "Judged", "Unclear", "Disputed", "Overruled",
    )  # fmt: skip
    note = (
        "People saw neither the arm nor the scorer's verdict. In brackets: 95% intervals. In "
        f"{count(overruled, 'run')} of these logs the verdict of both people stands in place of the scorer's."
    )
    return Table("review", "The scorer against people's eyes", columns, tuple(rows), (f"{capital(METHODS)}.", note))


def _kappa(value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.2f}" if lower is None or upper is None else f"{value:.2f} ({lower:.2f} to {upper:.2f})"


def _share(value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None:
        return NOTHING
    return percent(value) if lower is None or upper is None else f"{percent(value)} ({interval(lower, upper)})"


def splits(findings: Findings) -> Table | None:
    """Give headlines with and without the runs that a scan marks; None where no scan was made."""
    rows: list[tuple[Cell, ...]] = []
    for headline in findings.headlines:
        found = headline.found
        if found is None or headline.why is not None:
            continue
        runs, stopping = headline.subject.by_arm[found.arm], headline.subject.stopping(found.arm)
        record = stopping.record if stopping else None
        if stopping is not None:
            runs = runs[runs["file"] == stopping.file]
        for column in (name for name in runs.columns if name.startswith(SCAN) and runs[name].notna().any()):
            parts = {"marked": runs[runs[column] > 0], "not marked": runs[runs[column] == 0]}
            for part, those in parts.items():
                if those[found.key].notna().any():
                    split = rate(those, found.key, stopped=record, cluster=headline.subject.cluster)
                    shown = (
                        percent(split.rate),
                        interval(split.lower, split.upper),
                        f"{split.yes:g} of {split.scored}",
                    )
                    names = (headline.subject.label, headline.subject.scenario, plain(column.removeprefix(SCAN)), part)
                    rows.append(tuple(Cell(text) for text in (*names, *shown)))
                else:
                    names = (headline.subject.label, headline.subject.scenario, plain(column.removeprefix(SCAN)), part)
                    rows.append(tuple(Cell(text) for text in (*names, NOTHING, NOTHING, "0 of 0")))
    if not rows:
        return None
    note = "Descriptive: what a scan marks comes after the arm had its effect, so no difference here is an effect."
    columns = ("Model", "Scenario", "Scan", "Runs", "Rate", "95% interval", "Yes of scored")
    return Table("splits", "Headlines with and without runs that a scan marks", columns, tuple(rows), (note,))
