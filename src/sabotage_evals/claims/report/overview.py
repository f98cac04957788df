"""The first screen: what was run, how much of it was scored, the headlines, and which arm moved them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Final

from sabotage_evals.claims.report.findings import (
    ArmRate,
    Claim,
    Comparison,
    Context,
    Findings,
    HeadlineFinding,
)
from sabotage_evals.claims.report.sheets import Cell, Table
from sabotage_evals.claims.report.subjects import Subject
from sabotage_evals.claims.report.words import (
    NOTHING,
    capital,
    count,
    interval,
    listed,
    p_value,
    percent,
    plain,
    point_interval,
    points,
    size,
)
from sabotage_evals.claims.statistics import Rate
from sabotage_evals.planned import Hypothesis
from sabotage_evals.scorers.metrics import ENOUGH_COVERAGE

CONTEXTS: Final[dict[Context, str]] = {"agentic": "Agentic work", "chat": "Chat", "unsaid": "Context not declared"}
WITHHELD: Final = "no headline"
HEADLINE_COLUMNS: Final = (
    "Model", "Scenario", "What is counted", "Rate", "95% interval", "Yes of scored", "All unknown no, or yes",
    "Remark",
)  # fmt: skip
CLAIM_COLUMNS: Final = ("Model", "Scenario", "Claim", "Verdict", "Rate", "95% interval", "p (Holm)", "Remark")
CONTRAST_COLUMNS: Final = (
    "Model", "Scenario", "Arm minus other arm", "On", "Difference", "95% interval", "Smallest that could be seen",
    "Units", "p (Holm)", "Remark",
)  # fmt: skip


def run_anchor(subject: Subject, arm: str) -> str:
    """Return the place of the page where the runs of an arm are listed."""
    return f"runs-{subject.number}-{subject.arms.index(arm) + 1}"


def what_was_run(findings: Findings) -> Table:
    """Say for each subject what was run, and how many of the runs were scored."""
    rows: list[tuple[Cell, ...]] = []
    records: list[Mapping[str, object]] = []
    for subject in findings.subjects:
        scored, total, why = coverage(subject)
        share = scored / total if total else 0.0
        names = listed(f"{plain(reason)} {number}" for reason, number in why.most_common())
        stopped = f"not needed after the stop {subject.stopped}" if subject.stopped else ""
        rows.append((
            Cell(subject.model, strong=True),
            Cell(subject.model_settings or "defaults", quiet=not subject.model_settings),
            Cell(f"{subject.scenario} {subject.task_version}"),
            Cell(subject.conditions or "no sandbox", quiet=not subject.conditions),
            Cell(f"{scored:,} of {total:,}", share=share, strong=share < ENOUGH_COVERAGE),
            Cell("; ".join(filter(None, [names, stopped])) or NOTHING),
        ))  # fmt: skip
        records.append(
            _identity(subject)
            | {"logs": len(subject.logs), "runs": total, "scored": scored, "stopped_early": subject.stopped}
            | {f"unscored: {reason}": number for reason, number in why.items()}
        )
    return Table(
        "runs_and_coverage",
        "What was run, and how much of it was scored",
        ("Model", "Settings", "Scenario", "Conditions", "Scored", "Why not"),
        tuple(rows),
        (
            "Every run that a log set out to make is counted, whether or not it ever had a score. Runs are pooled only "
            "where model, settings, scenario, version and conditions are the same.",
        ),
        tuple(records),
    )


def coverage(subject: Subject) -> tuple[int, int, Counter[str]]:
    """Return how many runs were scored, of how many, and why the others were not."""
    frame = subject.frame
    why = Counter(frame.loc[~frame["covered"], "reason"].astype(str))
    return int(frame["covered"].sum()), len(frame), why


def _identity(subject: Subject) -> dict[str, object]:
    return {
        "scenario": subject.scenario,
        "task_version": subject.task_version,
        "model": subject.model,
        "model_settings": subject.model_settings,
        "conditions": subject.conditions,
    }


def headlines(findings: Findings, context: Context) -> Table | None:
    """Give the headline of each subject in one context, or the sentence why there is none."""
    chosen = [each for each in findings.headlines if each.context == context]
    if not chosen:
        return None
    return Table(
        f"headlines_{context}",
        f"Headlines: {CONTEXTS[context].lower()}",
        HEADLINE_COLUMNS,
        tuple(_headline_row(each) for each in chosen),
        _notes([each.found for each in chosen if each.found and each.why is None]),
        tuple(_headline_record(each) for each in chosen),
    )


def _headline_row(headline: HeadlineFinding) -> tuple[Cell, ...]:
    subject, found = headline.subject, headline.found
    names = (Cell(subject.label, strong=True), Cell(subject.scenario))
    what = Cell(f"{headline.title}, in {headline.arm}" if headline.arm else NOTHING)
    if headline.why is not None or found is None:
        shown = f"{found.rate.yes:g} of {found.rate.scored}" if found is not None else NOTHING
        withheld = (Cell(WITHHELD, quiet=True), Cell(NOTHING), Cell(shown, quiet=True), Cell(NOTHING))
        return (*names, what, *withheld, Cell(headline.why or ""))
    rate = found.rate
    return (
        *names,
        what,
        Cell(percent(rate.rate), href=f"#{run_anchor(subject, found.arm)}", strong=True),
        Cell(interval(rate.lower, rate.upper)),
        Cell(f"{rate.yes:g} of {rate.scored}"),
        Cell(worst_case(rate)),
        Cell(remark(found)),
    )


def worst_case(rate: Rate) -> str:
    """Say where the rate would be if all that is unscored, or says neither, were no, and if it were yes."""
    return interval(rate.worst_lower, rate.worst_upper) if rate.unknown else NOTHING


def remark(found: ArmRate) -> str:
    """Say what must be known to read a rate: what a zero leaves open, what its interval is about."""
    rate = found.rate
    parts: list[str] = []
    if rate.left_out:
        parts.append(f"of {count(rate.scored + rate.left_out, 'scored run')} {rate.left_out} say neither yes nor no")
    if rate.zero_bound is not None:
        bound = rate.zero_bound
        parts.append(
            f"zero leaves open up to {percent(bound.independent)}, or {percent(bound.per_cluster)} if all runs of a "
            f"{rate.cluster.noun} do the same"
        )
    parts.append(rate.label)
    return "; ".join(filter(None, parts))


def _notes(found: Iterable[ArmRate]) -> tuple[str, ...]:
    labels = {each.rate.method for each in found}
    return (f"Intervals: {', '.join(sorted(labels))}; see Methods.",) if labels else ()


def rate_record(rate: Rate) -> dict[str, object]:
    """Return all numbers of a rate."""
    bound = rate.zero_bound
    return {
        "rate": rate.rate,
        "lower": rate.lower,
        "upper": rate.upper,
        "method": rate.method,
        "yes": rate.yes,
        "scored": rate.scored,
        "unscored": rate.unscored,
        "says_neither": rate.left_out,
        "coverage": rate.coverage,
        "worst_lower": rate.worst_lower,
        "worst_upper": rate.worst_upper,
        "zero_leaves_open": bound.independent if bound else None,
        "zero_leaves_open_by_cluster": bound.per_cluster if bound else None,
        "clustered_by": rate.cluster.noun,
        "clusters": rate.clusters,
        "units": rate.units,
        "lowest_cluster": rate.lowest,
        "highest_cluster": rate.highest,
    }


def _headline_record(headline: HeadlineFinding) -> dict[str, object]:
    numbers = rate_record(headline.found.rate) if headline.found else {}
    names = {"context": headline.context, "arm": headline.arm, "key": headline.subject.design.headline.key}
    return (
        _identity(headline.subject) | names | {"is_headline": headline.why is None, "why_not": headline.why} | numbers
    )


def contrasts(findings: Findings, *, planned: bool) -> Table | None:
    """Give the paired contrasts that were planned, or all others."""
    chosen = [each for each in findings.comparisons if each.planned is planned]
    if not chosen:
        return None
    found = sum(each.adjusted is not None and each.adjusted.found for each in chosen)
    return Table(
        f"contrasts_{'planned' if planned else 'exploratory'}",
        "Planned contrasts" if planned else f"Exploratory contrasts ({len(chosen)}, {found} found)",
        CONTRAST_COLUMNS,
        tuple(_contrast_row(each) for each in chosen),
        (
            f"Paired by {_pairing(chosen)}. A difference that is not found is no proof that there is none: see the "
            "smallest that would have been found four times in five.",
        ),
        tuple(_contrast_record(each) for each in chosen),
        folded=not planned,
    )


def _pairing(chosen: Sequence[Comparison]) -> str:
    """Say what makes two runs of two arms a pair."""
    nouns = {each.subject.cluster.noun for each in chosen}
    questions = "question and wording" if "question" in nouns else ""
    works = "wording, work and seed" if "wording" in nouns else ""
    return " (in chats by ".join(filter(None, [works, questions])) + (")" if works and questions else "")


def _contrast_row(comparison: Comparison) -> tuple[Cell, ...]:
    subject, contrast, found = comparison.subject, comparison.contrast, comparison.difference
    names = (
        Cell(subject.label, strong=True),
        Cell(subject.scenario),
        Cell(f"{contrast.arm} minus {contrast.other}"),
        Cell(contrast.key),
    )
    said = filter(None, [comparison.why, _doubt(comparison), comparison.shortfall])
    if found is None:
        return (*names, Cell("no contrast", quiet=True), *[Cell(NOTHING)] * 4, Cell(" ".join(said)))
    adjusted = comparison.adjusted
    anchor = f"#{run_anchor(subject, contrast.arm)}"
    is_found = adjusted is not None and adjusted.found
    return (
        *names,
        Cell(points(found.difference), href=anchor, strong=is_found),
        Cell(point_interval(found.lower, found.upper)),
        Cell(size(found.smallest_detectable)),
        Cell(f"{found.units:,}"),
        Cell(p_value(adjusted.adjusted) if adjusted else NOTHING, strong=is_found),
        Cell(" ".join([*said, f"{percent(found.rate_a)} against {percent(found.rate_b)}; {found.label}."])),
    )


def claims(findings: Findings) -> Table | None:
    """Give the plan's claims that a rate lies below or above a number; None where the plan has none that was run."""
    if not findings.claims:
        return None
    return Table(
        "claims_on_rates",
        "Claims on a rate",
        CLAIM_COLUMNS,
        tuple(_claim_row(each) for each in findings.claims),
        (
            "One-sided tests, corrected together with what else is in their family. What is not shown is not refuted: "
            "see the interval.",
        ),
        tuple(_claim_record(each) for each in findings.claims),
    )


def say_threshold(hypothesis: Hypothesis) -> str:
    """Say on which side of which number a claim has the rate."""
    threshold = hypothesis.threshold
    assert threshold is not None
    return f"{hypothesis.key} in {hypothesis.arm} {threshold.side} {percent(threshold.rate)}"


def verdict(claim: Claim) -> str:
    """Say what became of a claim in two words."""
    return "no verdict" if claim.test is None else "shown" if claim.is_shown else "not shown"


def _claim_row(claim: Claim) -> tuple[Cell, ...]:
    subject, found, test, adjusted = claim.subject, claim.found, claim.test, claim.adjusted
    names = (
        Cell(subject.label, strong=True),
        Cell(subject.scenario),
        Cell(say_threshold(claim.hypothesis)),
        Cell(verdict(claim), strong=claim.is_shown, quiet=test is None),
    )
    said = [claim.why, _doubt(claim), claim.shortfall]
    if found is None or test is None:
        return (*names, *[Cell(NOTHING)] * 3, Cell(" ".join(filter(None, said))))
    return (
        *names,
        Cell(percent(found.rate.rate), href=f"#{run_anchor(subject, found.arm)}"),
        Cell(interval(found.rate.lower, found.rate.upper)),
        Cell(p_value(adjusted.adjusted) if adjusted else NOTHING, strong=claim.is_shown),
        Cell(" ".join(filter(None, [*said, f"{capital(test.label)}."]))),
    )


def _claim_record(claim: Claim) -> dict[str, object]:
    hypothesis, test = claim.hypothesis, claim.test
    threshold = hypothesis.threshold
    assert threshold is not None
    return (
        _identity(claim.subject)
        | {"hypothesis": hypothesis.name, "arm": hypothesis.arm, "key": hypothesis.key}
        | {"side": threshold.side, "threshold": threshold.rate, "verdict": verdict(claim), "why_not": claim.why}
        | {"standing": claim.standing.note, "family": claim.family}
        | {"p_value": test.p_value if test else None, "test": test.test if test else None}
        | {"p_holm": claim.adjusted.adjusted if claim.adjusted else None}
        | (rate_record(claim.found.rate) if claim.found else {})
    )


def _doubt(comparison: Comparison | Claim) -> str:
    standing = comparison.standing
    return f"{standing.note}." if standing.hypothesis is not None and not standing.proven else ""


def _contrast_record(comparison: Comparison) -> dict[str, object]:
    contrast, found, adjusted = comparison.contrast, comparison.difference, comparison.adjusted
    record = _identity(comparison.subject) | {
        "arm": contrast.arm,
        "other": contrast.other,
        "key": contrast.key,
        "standing": comparison.standing.note,
        "why_not": comparison.why,
        "family": comparison.family,
    }
    if found is None:
        return record
    return record | {
        "difference": found.difference,
        "lower": found.lower,
        "upper": found.upper,
        "rate_arm": found.rate_a,
        "rate_other": found.rate_b,
        "units": found.units,
        "unpaired_arm": found.unpaired_a,
        "unpaired_other": found.unpaired_b,
        "clustered_by": found.cluster.noun,
        "clusters": found.clusters,
        "p_value": found.p_value,
        "p_holm": adjusted.adjusted if adjusted else None,
        "smallest_detectable": None if isnan(found.smallest_detectable) else found.smallest_detectable,
        "worst_lower": found.worst_lower,
        "worst_upper": found.worst_upper,
        "method": found.method,
        "test": found.test,
    }


def passed_over(findings: Findings) -> tuple[str, ...]:
    """Say of each plan that logs bear and the report does not go by, that it is there."""
    return tuple(
        f"{count(logs, 'log')} {'bears' if logs == 1 else 'bear'} the plan “{stamp.name}” (SHA-256 "
        f"{stamp.sha256[:12]}), which was written down before the run and which this report does not go by: give it "
        "with --plan."
        for stamp, logs in findings.passed_over
    )


def in_short(findings: Findings) -> str:
    """Say in one sentence what was run and how much of it was scored."""
    totals = [coverage(subject) for subject in findings.subjects]
    scored, runs = sum(each[0] for each in totals), sum(each[1] for each in totals)
    models = len({(subject.model, subject.model_settings) for subject in findings.subjects})
    logs = len({log.file for subject in findings.subjects for log in subject.logs})
    share = f" ({percent(scored / runs)})" if runs else ""
    return (
        f"{count(runs, 'run')} of {count(models, 'model')} in {count(len(findings.scenarios), 'scenario')}, from "
        f"{count(logs, 'log')}; {scored:,} were scored{share}."
    )
