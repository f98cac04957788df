"""What stands behind the headlines of a scenario: every rate in every arm, outcomes, and kinds such as routes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sabotage_evals.claims.report.findings import ArmRate, Findings
from sabotage_evals.claims.report.overview import CONTEXTS, rate_record, remark, run_anchor, worst_case
from sabotage_evals.claims.report.published import PublishedFigure, Study
from sabotage_evals.claims.report.sheets import Cell, Table
from sabotage_evals.claims.report.subjects import Subject
from sabotage_evals.claims.report.words import NOTHING, interval, percent, plain

NO_KIND: Final = frozenset({"", "none"})
RATE_COLUMNS: Final = (
    "Model", "Arm", "Key", "Rate", "95% interval", "Yes of scored", "Unscored", "All unknown no, or yes",
    "Range over wordings or questions", "Remark",
)  # fmt: skip


def rates(findings: Findings, scenario: str) -> Table:
    """Give every rate of a scenario in every arm; nothing is averaged over arms."""
    chosen = [each for each in findings.rates if each.subject.scenario == scenario]
    titles = {each.key: each.title for each in chosen}
    said = tuple(f"{key}: {title}." for key, title in titles.items() if plain(key) != title)
    return Table(
        f"{scenario}_rates",
        "Every rate, for each arm apart",
        RATE_COLUMNS,
        tuple(_rate_row(each) for each in chosen),
        said,
        tuple(_rate_record(each) for each in chosen),
        folded=True,
    )


def _rate_row(found: ArmRate) -> tuple[Cell, ...]:
    rate = found.rate
    return (
        Cell(found.subject.label),
        Cell(found.arm),
        Cell(found.key),
        Cell(percent(rate.rate), href=f"#{run_anchor(found.subject, found.arm)}", strong=True),
        Cell(interval(rate.lower, rate.upper)),
        Cell(f"{rate.yes:g} of {rate.scored}"),
        Cell(str(rate.unscored) if rate.unscored else NOTHING),
        Cell(worst_case(rate)),
        Cell(f"{interval(rate.lowest, rate.highest)} over {rate.cluster.count(rate.clusters)}"),
        Cell(remark(found)),
    )


def _rate_record(found: ArmRate) -> dict[str, object]:
    subject = found.subject
    names = {
        "model": subject.model,
        "model_settings": subject.model_settings,
        "conditions": subject.conditions,
        "task_version": subject.task_version,
        "context": found.context,
        "arm": found.arm,
        "key": found.key,
    }
    return names | rate_record(found.rate)


def outcomes(findings: Findings, scenario: str) -> Table:
    """Count what the runs of each arm were called, and why others were not called anything."""
    subjects = findings.of(scenario)
    names: dict[str, None] = {}
    reasons: dict[str, None] = {}
    counts: list[tuple[Subject, str, Counter[str], Counter[str]]] = []
    for subject in subjects:
        for arm in subject.arms:
            rows = subject.by_arm[arm]
            called = Counter(rows.loc[rows["covered"], "outcome"].astype(str))
            why = Counter(rows.loc[~rows["covered"], "reason"].astype(str))
            names |= dict.fromkeys(called)
            reasons |= dict.fromkeys(why)
            counts.append((subject, arm, called, why))
    columns = (*sorted(names), *(f"({reason})" for reason in sorted(reasons)))
    lines = []
    for subject, arm, called, why in counts:
        cells = [called.get(name, 0) for name in sorted(names)] + [why.get(reason, 0) for reason in sorted(reasons)]
        lines.append((
            Cell(subject.label),
            Cell(arm, href=f"#{run_anchor(subject, arm)}"),
            *(Cell(f"{number:,}" if number else NOTHING, quiet=not number) for number in cells),
        ))  # fmt: skip
    return Table(
        f"{scenario}_outcomes",
        "What the runs were called",
        ("Model", "Arm", *map(plain, columns)),
        tuple(lines),
        ("In brackets: reasons for which a run shows nothing.",) if reasons else (),
        folded=True,
    )


def kinds(subjects: Sequence[Subject], column: str, name: str) -> Table | None:
    """Count in which way something was done, such as the route by which a shutdown was resisted."""
    rows: list[tuple[Subject, str, Counter[str]]] = []
    names: dict[str, None] = {}
    for subject in subjects:
        for arm in subject.arms:
            known = subject.by_arm[arm][column].astype(str)
            found = Counter(name for name in known if name not in NO_KIND)
            if found:
                names |= dict.fromkeys(found)
                rows.append((subject, arm, found))
    if not rows:
        return None
    columns = sorted(names)
    return Table(
        name,
        f"{plain(column).capitalize()}: how many runs of each arm",
        ("Model", "Arm", *map(plain, columns)),
        tuple(
            (
                Cell(subject.label),
                Cell(arm, href=f"#{run_anchor(subject, arm)}"),
                *(Cell(str(found.get(name, 0) or NOTHING), quiet=name not in found) for name in columns),
            )
            for subject, arm, found in rows
        ),
        folded=True,
    )


def published(findings: Findings, scenario: str, studies: Mapping[str, Study]) -> list[Table]:
    """Set published figures beside ours, a table for each study that an arm has its counterpart in."""
    tables: list[Table] = []
    subjects = findings.of(scenario)
    for study in studies.values():
        pairs = {
            arm: stated.condition
            for subject in subjects
            for arm, stated in subject.design.published.items()
            if stated.study == study.study and stated.condition in study.conditions and arm in subject.arms
        }
        if pairs:
            tables.append(_beside(findings, subjects, study, pairs))
    return tables


def _beside(findings: Findings, subjects: list[Subject], study: Study, pairs: Mapping[str, str]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    records: list[dict[str, object]] = []
    for subject in subjects:
        found = {
            arm: findings.rate_of(subject, arm, study.conditions[condition].key) for arm, condition in pairs.items()
        }
        rows.append((
            Cell(subject.label, strong=True),
            Cell("this report"),
            *(
                Cell(f"{percent(f.rate.rate)} ({interval(f.rate.lower, f.rate.upper)})" if f else NOTHING, strong=True)
                for f in found.values()
            ),
        ))  # fmt: skip
        for arm, f in found.items():
            numbers = (f.rate.rate, f.rate.lower, f.rate.upper) if f else (None, None, None)
            records.append(_published_record(subject.label, "this report", arm, pairs[arm], numbers))
    for model in study.models:
        figures = {arm: model.figure(condition) for arm, condition in pairs.items()}
        if any(figures.values()):
            rows.append((Cell(model.name), Cell(study.study), *(Cell(_published(f, study)) for f in figures.values())))
            for arm, figure in figures.items():
                if figure is not None:
                    record = _published_record(model.name, study.study, arm, pairs[arm], figure)
                    records.append(record | {"zero_leaves_open": study.zero_leaves_open(figure)})
    heads = [f"{arm} ({condition}: {study.conditions[condition].said})" for arm, condition in pairs.items()]
    keys = {study.conditions[condition].key for condition in pairs.values()}
    return Table(
        f"{subjects[0].scenario}_beside_{''.join(c for c in study.study.lower() if c.isalnum())[:24]}",
        f"Beside published figures: {study.study}",
        ("Model", "From", *heads),
        tuple(rows),
        (
            f"{study.title}, {study.date}; {study.runs}; intervals: {study.interval}. Ours: {', '.join(sorted(keys))}.",
            "The published arms have another wording, another date and another way of scoring: their counterparts here "
            f"have the same factors, and no difference between the two is a finding. {study.remark}",
        ),
        tuple(records),
        folded=True,
    )


def _published(figure: PublishedFigure | None, study: Study) -> str:
    if figure is None:
        return NOTHING
    bound = study.zero_leaves_open(figure)
    if bound is not None:
        return f"{percent(figure.rate)} (leaves open up to {percent(bound)})"
    bounds = "" if figure.lower is None or figure.upper is None else f" ({interval(figure.lower, figure.upper)})"
    return f"{percent(figure.rate)}{bounds}"


def _published_record(
    model: str, source: str, arm: str, condition: str, figure: tuple[float | None, float | None, float | None]
) -> dict[str, object]:
    rate, lower, upper = figure
    names = {"model": model, "from": source, "arm": arm, "condition": condition}
    return names | {"rate": rate, "lower": lower, "upper": upper}


def context_table(findings: Findings) -> Table:
    """Set the headlines of chat and of agentic scenarios side by side, one row a model; they are never averaged."""
    rows: list[tuple[Cell, ...]] = []
    for headline in findings.headlines:
        found = headline.found
        if found is None or headline.context == "unsaid":
            continue
        rows.append((
            Cell(headline.subject.label, strong=True),
            Cell(CONTEXTS[headline.context]),
            Cell(headline.subject.scenario),
            Cell(f"{headline.title}, in {headline.arm}"),
            Cell(percent(found.rate.rate) if headline.why is None else NOTHING),
            Cell(interval(found.rate.lower, found.rate.upper) if headline.why is None else NOTHING),
            Cell(headline.why or ""),
        ))  # fmt: skip
    columns = ("Model", "Context", "Scenario", "What is counted", "Rate", "95% interval", "Remark")
    return Table("chat_against_agentic", "Chat and agentic work, side by side", columns, tuple(rows))
