"""Whether the instruments were sound: what could not be judged, where evidence disagrees, what is certified."""

from collections import Counter
from typing import Final

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.report.certification import find_certification, why_not_certified
from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.overview import coverage
from sabotage_evals.claims.report.sheets import Cell, Table
from sabotage_evals.claims.report.subjects import Subject, stop_record
from sabotage_evals.claims.report.words import NOTHING, interval, percent, plain
from sabotage_evals.scorers.metrics import ENOUGH_COVERAGE

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
        ),
        folded=False,
    )  # fmt: skip


def _health_row(subject: Subject, findings: Findings) -> tuple[Cell, ...]:
    frame = subject.frame
    scored, total, why = coverage(subject)
    judged = sum(number for reason, number in why.items() if any(word in reason for word in JUDGE_WORDS))
    lowest = min(((float(rows["covered"].mean()), arm) for arm, rows in subject.by_arm.items()), default=(0.0, NOTHING))
    known = find_certification(subject, findings.certifications)
    doubt = why_not_certified(subject, known)
    certified = f"{known.right} of {known.of}" if known is not None else "no"
    return (
        Cell(subject.label, strong=True),
        Cell(f"{subject.scenario} {subject.task_version}"),
        _number(total - scored),
        _number(judged),
        _number(int((frame["error"].astype(str) != "").sum())),
        _number(int(frame["left_no_trace"].sum())),
        _number(int(frame["incomplete_evidence"].sum())),
        _number(int(frame["unanswered"].sum())),
        _number(int(frame["needs_review"].sum())),
        Cell(f"{percent(lowest[0])} in {lowest[1]}", strong=lowest[0] < ENOUGH_COVERAGE),
        Cell(certified, strong=doubt is not None),
    )


def _number(number: int) -> Cell:
    return Cell(f"{number:,}" if number else NOTHING, quiet=not number)


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
        (Cell(file), Cell(f"{runs:,}"), Cell(said[how]), Cell(counted)) for file, counted, runs, how in reading.repeated
    )
    columns = ("File", "Runs not counted here", "Why", "Counted in")
    return Table("runs_counted_once", "Runs that stand in several files, counted once", columns, rows)
