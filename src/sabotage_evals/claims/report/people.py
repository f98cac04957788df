"""What people and scanners found: the scorer against people's eyes, and rates with and without marked runs."""

from typing import Final

from sabotage_evals.claims.frames import SCAN, Reading
from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.sheets import Cell, Table
from sabotage_evals.claims.report.words import NOTHING, capital, count, interval, percent, plain
from sabotage_evals.claims.review import METHODS, OTHERWISE, OVERRULED, Agreement, PeoplesRate, read_review
from sabotage_evals.claims.statistics import rate

COLUMNS: Final = (
    "Scenario", "Runs", "Yes by the scorer", "Yes by people's eyes, reweighted", "Kappa of two people",
    "Sensitivity of the scorer", "Specificity of the scorer", "Missed among its negatives", "Judged", "Unclear",
    "Disputed", "Overruled",
)  # fmt: skip


def reviews(reading: Reading) -> Table | None:
    """Give how the scorer fares against people's eyes, as `review import` left it; None where nobody looked."""
    rows: list[tuple[Cell, ...]] = []
    for found in read_review(reading.folder):
        rows += [_agreement_row(found), *(_rate_row(found.scenario, each) for each in found.rates)]
    flags = reading.frame["flags"].astype(str)
    replaced, otherwise = (int(flags.str.contains(flag).sum()) for flag in (OVERRULED, OTHERWISE))
    notes: tuple[str, ...] = ()
    if rows:
        notes = (
            f"{capital(METHODS)}.",
            "People saw neither the arm nor the scorer's verdict. In brackets: 95% intervals. Missed: of the runs that "
            "the scorer calls negative, the share that people call positive.",
            "Headlines, rates and contrasts on this page are the scorer's, also of runs that people judged: all of its "
            "positives are looked at and few of its negatives, so that mending those alone would bias every rate "
            f"downwards. Of {count(otherwise, 'run')} both people say otherwise than the scorer. What people's "
            "verdicts make of the rate stands beside the scorer's here.",
        )
    if replaced:
        notes += (
            f"In {count(replaced, 'run')} of these logs people's verdict stands in place of the scorer's, as an "
            "earlier version wrote it: rates on this page are biased by that. Import the review again, and the "
            "scorer's verdicts are put back.",
        )
    if not notes:
        return None
    return Table("review", "The scorer against people's eyes", COLUMNS, tuple(rows), notes)


def _agreement_row(found: Agreement) -> tuple[Cell, ...]:
    figures = (
        _kappa(found),
        _share(found.sensitivity, found.sensitivity_lower, found.sensitivity_upper),
        _share(found.specificity, found.specificity_lower, found.specificity_upper),
        _share(found.missed, found.missed_lower, found.missed_upper),
    )
    counts = (found.judged, found.unclear, found.disputed, found.overruled)
    names = (Cell(found.scenario, strong=True), Cell(found.question), Cell(""), Cell(""))
    return (*names, *map(Cell, figures), *(Cell(f"{each:,}") for each in counts))


def _rate_row(scenario: str, found: PeoplesRate) -> tuple[Cell, ...]:
    model = " ".join(filter(None, [found.model, f"({found.model_settings})" if found.model_settings else ""]))
    return (
        Cell(scenario),
        Cell(f"{model}, {found.arm}"),
        Cell(f"{percent(found.scorer_yes / found.runs)} ({found.scorer_yes:,} of {found.runs:,})"),
        Cell(_share(found.rate, found.rate_lower, found.rate_upper), strong=True),
        *[Cell("")] * 4,
        Cell(f"{found.judged:,}"),
        *[Cell("")] * 3,
    )


def _kappa(found: Agreement) -> str:
    if found.kappa is None:
        same = found.judged - found.disputed
        return f"{NOTHING}; they say the same of {same:,} of {found.judged:,}" if found.judged else NOTHING
    known = found.kappa_lower is not None and found.kappa_upper is not None
    return f"{found.kappa:.2f}" + (f" ({found.kappa_lower:.2f} to {found.kappa_upper:.2f})" if known else "")


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
