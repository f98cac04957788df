"""The way down from a figure to the transcripts behind it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sabotage_evals.claims.frames import COPIES_DIFFER, SCAN, Reading
from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.links import sample_link
from sabotage_evals.claims.report.overview import run_anchor
from sabotage_evals.claims.report.sheets import Cell, RunList, as_csv
from sabotage_evals.claims.report.subjects import Subject
from sabotage_evals.claims.report.words import plain

if TYPE_CHECKING:
    import pandas as pd

FIRST: Final = 24
"""Runs of one kind that the page lists; the file of all runs has the others."""
UNSOUND: Final = {
    "left_no_trace": "acts without trace",
    "incomplete_evidence": "evidence incomplete",
    "unanswered": "questions unanswered",
}
"""Columns of runs whose evidence is not as it should be, with what they are called."""
COLUMNS: Final = (
    "scenario", "task_version", "model", "model_settings", "conditions", "arm", "wording", "work", "seed", "epoch",
    "outcome", "covered", "reason", "needs_review", *UNSOUND, COPIES_DIFFER, "flags", "error", "limit",
)  # fmt: skip
FILE: Final = "runs.csv"


def run_lists(findings: Findings, scenario: str, base: str) -> list[RunList]:
    """List the runs behind the figures of a scenario: of each arm those that did it, and those that show nothing."""
    return [
        _run_list(subject, arm, _keys(findings, subject), base)
        for subject in findings.of(scenario)
        for arm in subject.arms
    ]


def _keys(findings: Findings, subject: Subject) -> list[str]:
    keys = [subject.design.headline.key, *(contrast.key for contrast in subject.design.contrasts)]
    known = {each.key for each in findings.rates if each.subject is subject}
    return [key for key in dict.fromkeys(keys) if key in known] or sorted(known)[:3]


def _run_list(subject: Subject, arm: str, keys: Iterable[str], base: str) -> RunList:
    rows = subject.by_arm[arm]
    groups: list[tuple[str, pd.DataFrame]] = [(f"{plain(key)}: yes", rows[rows[key] == 1.0]) for key in keys]
    groups.append(("for a person's eye", rows[rows["needs_review"]]))
    groups += [(name, rows[rows[column]]) for column, name in UNSOUND.items()]
    groups.append(("with an error", rows[rows["error"].astype(str) != ""]))
    groups.append(("not alike in several files", rows[rows[COPIES_DIFFER]]))
    groups += [
        (f"unscored: {plain(reason)}", rows[~rows["covered"] & (rows["reason"] == reason)])
        for reason in dict.fromkeys(rows.loc[~rows["covered"], "reason"].astype(str))
    ]
    listed = [(name, _cells(found, base), len(found)) for name, found in groups if len(found)]
    others = rows[rows["covered"] & ~rows.index.isin([row for _, found in groups for row in found.index])]
    if len(others):
        listed.append(("all others", _cells(others, base), len(others)))
    return RunList(run_anchor(subject, arm), f"{subject.label}: {arm}", tuple(listed), (subject.title(arm),))


def _cells(rows: "pd.DataFrame", base: str) -> tuple[Cell, ...]:
    first = rows.head(FIRST)
    places = zip(first["file"], first["sample_id"], first["epoch"], first["uuid"], strict=True)
    several = (rows["epoch"] > 1).any()
    return tuple(
        Cell(
            f"{sample_id} ({epoch})" if several else str(sample_id),
            href=sample_link(base, str(file), str(sample_id), int(epoch)) if uuid else None,
        )
        for file, sample_id, epoch, uuid in places
    )


def all_runs(reading: Reading, base: str) -> str:
    """Return every run that was planned as comma-separated values, with what it was called and its address."""
    frame = reading.frame
    figures = [key for keys in reading.rate_keys.values() for key in keys]
    words = [key for keys in reading.word_keys.values() for key in keys]
    scans = [name for name in frame.columns if name.startswith(SCAN)]
    names = list(dict.fromkeys((*COLUMNS, *figures, *words, *scans, "file", "sample_id", "uuid")))
    links = (
        sample_link(base, file, sample_id, epoch) if uuid else ""
        for file, sample_id, epoch, uuid in zip(
            frame["file"].astype(str), frame["sample_id"].astype(str), frame["epoch"], frame["uuid"], strict=True
        )
    )
    columns = [frame[name].tolist() for name in names]
    return as_csv([*names, "link"], ((*row, link) for *row, link in zip(*columns, links, strict=True)))
