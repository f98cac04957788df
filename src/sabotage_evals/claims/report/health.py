"""Whether the instruments were sound: what could not be judged, where evidence disagrees, what is certified."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.report.certification import find_certification, why_not_certified
from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.overview import run_anchor
from sabotage_evals.claims.report.runs import UNSOUND
from sabotage_evals.claims.report.sheets import Cell, Table
from sabotage_evals.claims.report.subjects import Subject, stop_record
from sabotage_evals.claims.report.words import NOTHING, interval, percent, plain
from sabotage_evals.scorers.metrics import ENOUGH_COVERAGE

if TYPE_CHECKING:
    import pandas as pd

JUDGE_WORDS: Final = ("grader", "judge")
"""What reasons are named by that a judge is the cause of."""
FLAGS_SHOWN: Final = 12


def instrument_health(findings: Findings) -> Table:
    """Count for each subject what may make its figures unsound."""
    return Table(
        "instrument_health",
        "Instrument health",
        (
            "Model", "Scenario", "Unscored", "Judge failed", "Errors", "Acts without trace", "Evidence incomplete",
            "Questions unanswered", "For a person's eye", "Lowest coverage of an arm", "Certified",
        ),
        tuple(_health_row(subject, findings) for subject in findings.subjects),
        (
            "Acts without trace: the transcript shows acts that the state does not; where the two disagree the state "
            "decides what happened. Evidence incomplete: something could not be gathered, and the record says what.",
            "Certified: all known cases, played by scripted agents, were named right by this version of the scorer on "
            "this sandbox. A regression test over known cases; it is no error rate.",
            "A figure leads to the first arm that has such runs; runs.csv has those of all arms, a column for each.",
        ),
        folded=False,
    )  # fmt: skip


def _health_row(subject: Subject, findings: Findings) -> tuple[Cell, ...]:
    frame = subject.frame
    judged = frame["reason"].astype(str).str.contains("|".join(JUDGE_WORDS)) & ~frame["covered"]
    lowest = min(((float(rows["covered"].mean()), arm) for arm, rows in subject.by_arm.items()), default=(0.0, NOTHING))
    anchor = f"#{run_anchor(subject, lowest[1])}" if lowest[1] in subject.arms else None
    known = find_certification(subject, findings.certifications)
    doubt = why_not_certified(subject, known)
    certified = f"{known.right} of {known.of}" if known is not None else "no"
    return (
        Cell(subject.label, strong=True),
        Cell(f"{subject.scenario} {subject.task_version}"),
        _number(subject, ~frame["covered"]),
        _number(subject, judged),
        _number(subject, frame["error"].astype(str) != ""),
        *(_number(subject, frame[column]) for column in (*UNSOUND, "needs_review")),
        Cell(f"{percent(lowest[0])} in {lowest[1]}", href=anchor, strong=lowest[0] < ENOUGH_COVERAGE),
        Cell(certified, strong=doubt is not None),
    )


def _number(subject: Subject, chosen: "pd.Series[bool]") -> Cell:
    """Count the runs that are so, with the way down to the first arm that has them."""
    number = int(chosen.sum())
    if not number:
        return Cell(NOTHING, quiet=True)
    having = set(subject.frame.loc[chosen, "arm"].astype(str))
    first = next(arm for arm in subject.arms if arm in having)
    return Cell(f"{number:,}", href=f"#{run_anchor(subject, first)}")


def flags(findings: Findings) -> Table | None:
    """Count the flags of runs, the commonest first; a flag is a remark and never a verdict."""
    rows: list[tuple[Cell, ...]] = []
    for subject in findings.subjects:
        counts = Counter(
            flag for flags in subject.frame["flags"].astype(str) for flag in flags.split(", ") if flag
        ).most_common(FLAGS_SHOWN)
        if counts:
            said = ", ".join(f"{plain(flag)} {number}" for flag, number in counts)
            rows.append((Cell(subject.label, strong=True), Cell(subject.scenario), Cell(said)))
    if not rows:
        return None
    return Table(
        "flags", "Flags of runs, the commonest first", ("Model", "Scenario", "Flags"), tuple(rows), folded=True
    )


def stops(findings: Findings) -> Table | None:
    """Give what stopping rules decided, each with its own interval."""
    rows: list[tuple[Cell, ...]] = []
    for subject in findings.subjects:
        for log in subject.logs:
            record = stop_record(log)
            if record is not None:
                rows.append((
                    Cell(subject.label, strong=True),
                    Cell(subject.scenario),
                    Cell(record.text),
                    Cell(plain(record.decision), strong=record.decision == "shown"),
                    Cell("" if record.decided_after is None else str(record.decided_after)),
                    Cell(f"{record.yes} of {record.scored}"),
                    Cell(interval(record.lower, record.upper)),
                    Cell(f"{record.started} of {record.planned}"),
                ))  # fmt: skip
    if not rows:
        return None
    columns = ("Model", "Scenario", "Rule", "Decision", "After", "Yes of scored", "Interval", "Runs of those planned")
    note = "The interval holds at any time, so also after a stop; an ordinary one would be wrong."
    return Table("stops", "Cells with a stopping rule", columns, tuple(rows), (note,))


def logs(reading: Reading) -> Table:
    """List the logs that were read."""
    return Table(
        "logs",
        "Logs that were read",
        ("File", "Scenario", "Model", "Made", "Status", "Runs", "Planned", "Limits", "Package", "Commit", "Remark"),
        tuple(
            (
                Cell(log.file),
                Cell(f"{log.scenario} {log.task_version}"),
                Cell(log.model),
                Cell(log.created[:19].replace("T", " ")),
                Cell(log.status, strong=log.status != "success"),
                Cell(f"{log.found:,}"),
                Cell(f"{log.planned:,}", strong=log.planned != log.found),
                Cell(log.limits or NOTHING),
                Cell(", ".join(f"{name} {version}" for name, version in sorted(log.packages.items()))),
                Cell(log.revision or NOTHING),
                Cell("" if log.declared else "bears no design: its rates and headline are read off its scores"),
            )
            for log in reading.logs
        ),
        folded=True,
    )


def left_out(reading: Reading) -> Table | None:
    """List the files of the folder that no figure rests on, with the reason."""
    if not reading.left_out:
        return None
    said = {"not_ours": "not ours", "unreadable": "cannot be read"}
    rows = tuple((Cell(file), Cell(said[kind]), Cell(why)) for file, kind, why in reading.left_out)
    return Table("files_left_out", "Files that no figure rests on", ("File", "", "Why"), rows)


def repeated(reading: Reading) -> Table | None:
    """List runs that stand in several files, and which of the files counts."""
    if not reading.repeated:
        return None
    said = {
        "same_run": "the same runs stand in both files",
        "run_again": "the same places of the design were run again",
    }
    rows = tuple(
        (
            Cell(each.file),
            Cell(f"{each.runs:,}"),
            Cell(said[each.how]),
            Cell(each.counted_in),
            Cell(f"{each.differing:,}" if each.differing else NOTHING, strong=each.differing > 0),
        )
        for each in reading.repeated
    )
    columns = ("File", "Runs not counted here", "Why", "Counted in", "Scored otherwise there")
    note = (
        "Where files do not agree on the same runs, which of them counts hangs on the time that they were written: the "
        "arms with such runs make no headline, no contrast and no verdict until those that are wrong are taken away."
    )
    disputed = any(each.differing and each.how == "same_run" for each in reading.repeated)
    title = "Runs that stand in several files, counted once"
    return Table("runs_counted_once", title, columns, rows, (note,) if disputed else ())
