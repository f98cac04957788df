"""Make a report of a folder of logs: one HTML page, the same as Markdown, its tables, its plots, all runs."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from sabotage_evals.claims.frames import read_folder
from sabotage_evals.claims.report.bundling import bundle_viewer
from sabotage_evals.claims.report.certification import read_certifications
from sabotage_evals.claims.report.findings import Findings, reckon
from sabotage_evals.claims.report.links import viewer_base
from sabotage_evals.claims.report.overview import in_short, passed_over
from sabotage_evals.claims.report.pages import as_html, as_markdown, compose
from sabotage_evals.claims.report.runs import FILE, all_runs
from sabotage_evals.claims.report.subjects import find_subjects
from sabotage_evals.claims.report.words import count, interval, percent
from sabotage_evals.refusal import Refusal

PAGE: Final = "index.html"
MARKDOWN: Final = "report.md"
TABLES: Final = "tables"
PLOTS: Final = "plots"
DEFAULT_OUTPUT: Final = Path("report")


def report(logs: Path, output: Path | None = None, plan: Path | None = None, bundle: bool = False) -> int:
    """Turn a folder of logs into a page that can be read, defended and made again.

    Args:
        logs: A folder of `.eval` files, with folders in it or without; or one file.
        output: Where the page goes; `report` in the current folder, if not said.
        plan: What was written down before the runs; the plan that ships with the package, if not said.
        bundle: Put Inspect's viewer and the logs beside the page, as one static site.

    Raises:
        Refusal: There is no log, the plan cannot be read, or the output is a file.
    """
    console = Console()
    folder = output or DEFAULT_OUTPUT
    if folder.is_file():
        raise Refusal(f"'{folder}' is a file; give a folder for the report.")
    reading = read_folder(logs)
    findings = reckon(reading, find_subjects(reading), plan, read_certifications(reading.folder))
    base = viewer_base(bundle)
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    page = compose(reading, findings, base, made, bundled=bundle)
    for part in (TABLES, PLOTS):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    for table in page.tables:
        (folder / TABLES / table.file).write_text(table.as_csv(), encoding="utf-8", errors="replace")
    for figure in page.figures:
        (folder / PLOTS / figure.file).write_text(figure.svg, encoding="utf-8", errors="replace")
    (folder / FILE).write_text(all_runs(reading, base), encoding="utf-8", errors="replace")
    (folder / PAGE).write_text(as_html(page), encoding="utf-8", errors="replace")
    (folder / MARKDOWN).write_text(as_markdown(page), encoding="utf-8", errors="replace")
    if bundle:
        bundle_viewer(reading, folder)
    _tell(findings, folder, len(reading.left_out), console)
    return 0


def _tell(findings: Findings, folder: Path, left_out: int, console: Console) -> None:
    """Print the headlines, and where the page is."""
    say = {"highlight": False, "markup": False, "soft_wrap": True}
    for sentence in (in_short(findings), *passed_over(findings)):
        console.print(sentence, **say)  # type: ignore[arg-type]
    if left_out:
        console.print(f"{count(left_out, 'file')} left out; the page says why.", **say)  # type: ignore[arg-type]
    for headline in findings.headlines:
        name = f"{headline.subject.scenario}, {headline.subject.label}"
        if headline.why is not None or headline.found is None:
            console.print(f"  {name}: no headline. {headline.why}", **say)  # type: ignore[arg-type]
        else:
            rate = headline.found.rate
            bounds = f"{percent(rate.rate)} ({interval(rate.lower, rate.upper)})"
            console.print(f"  {name}: {bounds} {headline.title}, in {headline.arm}", **say)  # type: ignore[arg-type]
    console.print(f"Written to {folder / PAGE}.", **say)  # type: ignore[arg-type]
