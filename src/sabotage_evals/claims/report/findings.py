"""The figures of a report: headlines, rates by arm, contrasts, each with what may be said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.planned import Standing, default_plan, find_standing, stand, tell_shortfall
from sabotage_evals.claims.report.certification import Certification, find_certification, why_not_certified
from sabotage_evals.claims.report.subjects import Stopping, Subject
from sabotage_evals.claims.statistics import (
    Adjusted,
    Difference,
    Rate,
    ThresholdTest,
    adjust,
    compare_threshold,
    difference,
    gate,
    rate,
    without_interval,
)
from sabotage_evals.design import Contrast
from sabotage_evals.planned import Hypothesis, PlanFile, read_plan

if TYPE_CHECKING:
    import pandas as pd

Context = Literal["chat", "agentic", "unsaid"]
NO_INTERVAL: Final = "stopped by what was seen, and no interval is known that holds after that"


@dataclass(frozen=True)
class ArmRate:
    """How often a key held in one arm of one subject."""

    subject: Subject
    arm: str
    key: str
    title: str
    context: Context
    rate: Rate
    stopped: bool = False
    """The number of its runs hung on their results."""
    stopped_in: str | None = None
    """The log whose stopping rule watched this arm, where its interval is known: the rate is of that log alone."""


@dataclass(frozen=True)
class HeadlineFinding:
    """The one figure of a scenario for one subject, or the sentence that says why there is none."""

    subject: Subject
    arm: str
    title: str
    context: Context
    found: ArmRate | None
    why: str | None
    """Set where the figure must not stand as a headline."""


@dataclass(frozen=True)
class Comparison:
    """A contrast of two arms of one subject."""

    subject: Subject
    contrast: Contrast
    declared: bool
    """By the task; else it stands in the plan alone."""
    standing: Standing
    arm: ArmRate | None
    other: ArmRate | None
    difference: Difference | None
    why: str | None
    adjusted: Adjusted | None = None
    family: str = ""
    shortfall: str | None = None

    @property
    def planned(self) -> bool:
        """Whether it was written down before the run, and the logs prove it."""
        return self.standing.proven


@dataclass(frozen=True)
class Claim:
    """A hypothesis of the plan that a rate lies on one side of a number, held against one subject."""

    subject: Subject
    hypothesis: Hypothesis
    standing: Standing
    found: ArmRate | None
    test: ThresholdTest | None
    why: str | None
    """Set where there is no test."""
    family: str
    shortfall: str | None
    adjusted: Adjusted | None = None

    @property
    def planned(self) -> bool:
        """Whether it was written down before the run, and the logs prove it."""
        return self.standing.proven

    @property
    def is_shown(self) -> bool:
        """Whether the claim holds at its level, after the correction of its family."""
        return self.test is not None and self.adjusted is not None and self.adjusted.found


@dataclass(frozen=True)
class Findings:
    """All figures of a report."""

    subjects: Sequence[Subject]
    plan: PlanFile
    own_plan: bool
    """The plan was given; else it is the one that ships with the package."""
    certifications: Sequence[Certification]
    rates: Sequence[ArmRate]
    headlines: Sequence[HeadlineFinding]
    comparisons: Sequence[Comparison]
    claims: Sequence[Claim]
    untested: Sequence[tuple[Hypothesis, str]]
    """Hypotheses of the plan that no figure here speaks to, and why."""

    def of(self, scenario: str) -> list[Subject]:
        """Return the subjects of a scenario."""
        return [subject for subject in self.subjects if subject.scenario == scenario]

    @property
    def scenarios(self) -> list[str]:
        """Name the scenarios that were run."""
        return list(dict.fromkeys(subject.scenario for subject in self.subjects))

    def rate_of(self, subject: Subject, arm: str, key: str) -> ArmRate | None:
        """Return one rate, if it makes sense there."""
        return next((r for r in self.rates if r.subject is subject and (r.arm, r.key) == (arm, key)), None)


def reckon(
    reading: Reading, subjects: Sequence[Subject], plan: Path | None, known: Sequence[Certification]
) -> Findings:
    """Reckon every figure of a report.

    Raises:
        Refusal: The plan cannot be read.
    """
    planned = default_plan() if plan is None else read_plan(plan)
    rates = [each for subject in subjects for each in _rates(subject, reading.rate_keys.get(subject.scenario, ()))]
    table = {(each.subject.number, each.arm, each.key): each for each in rates}
    comparisons, claims = _adjusted(
        [each for subject in subjects for each in _comparisons(subject, planned, table, known)],
        [each for subject in subjects for each in _claims(subject, planned, table, known)],
    )
    return Findings(
        subjects=subjects,
        plan=planned,
        own_plan=plan is not None,
        certifications=known,
        rates=rates,
        headlines=[_headline(subject, table, known) for subject in subjects],
        comparisons=comparisons,
        claims=claims,
        untested=list(_untested(planned, subjects, comparisons, claims)),
    )


def _context(subject: Subject, key: str) -> Context:
    return next((rate.context for rate in subject.design.rates if rate.key == key and rate.context), "unsaid")


def _title(subject: Subject, key: str) -> str:
    return next((rate.title for rate in subject.design.rates if rate.key == key), key.replace("_", " "))


def _rates(subject: Subject, keys: Iterable[str]) -> Iterable[ArmRate]:
    """Yield the rates that make sense: in the arms in which a run has a value, and the headline's in any case."""
    headline = subject.design.headline
    for arm in subject.arms:
        for key in keys:
            if subject.by_arm[arm][key].notna().any() or (headline.arm, headline.key) == (arm, key):
                yield _rate(subject, arm, key)


def _rate(subject: Subject, arm: str, key: str) -> ArmRate:
    rows = subject.by_arm[arm]
    stopping = subject.stopping(arm)
    names = (subject, arm, key, _title(subject, key), _context(subject, key))
    if stopping is None:
        return ArmRate(*names, rate(rows, key, cluster=subject.cluster))
    if stopping.record is None:
        found = rate(rows, key, cluster=subject.cluster)
        return ArmRate(*names, without_interval(found, NO_INTERVAL), stopped=True)
    watched = rate(_watched(rows, stopping), key, stopped=stopping.record, cluster=subject.cluster)
    return ArmRate(*names, watched, stopped=True, stopped_in=stopping.file)


def _watched(rows: "pd.DataFrame", stopping: Stopping) -> "pd.DataFrame":
    """Return the runs that the rule speaks about: those of its own log."""
    return rows[rows["file"] == stopping.file]


_Rates = dict[tuple[int, str, str], ArmRate]


def _headline(subject: Subject, rates: _Rates, known: Sequence[Certification]) -> HeadlineFinding:
    key, arm = subject.design.headline.key, subject.design.headline.arm
    found = rates.get((subject.number, arm, key))
    context, title = (_context(subject, key), _title(subject, key)) if key else ("unsaid", "")
    why = _why_no_headline(subject, found, known)
    return HeadlineFinding(subject, arm, title, context, found, why)


def _why_no_headline(subject: Subject, found: ArmRate | None, known: Sequence[Certification]) -> str | None:
    arm = subject.design.headline.arm
    if not arm:
        return "These logs say of no figure that it is the headline: they are of a version that did not declare one."
    if found is None and arm in subject.arms:
        return f"No scored run of the arm {arm} says yes or no."
    if found is None:
        return f"The headline stands in the arm {arm}, which was not run."
    opened = gate({arm: found.rate}, weaker_walls=subject.weaker_walls)
    if not opened.is_open:
        return opened.why
    if isnan(found.rate.rate):
        return f"No scored run of the arm {arm} says yes or no."
    if found.stopped and found.stopped_in is None:
        return f"The arm {arm} was {NO_INTERVAL}: no headline."
    return why_not_certified(subject, find_certification(subject, known))


def _comparisons(
    subject: Subject, plan: PlanFile, rates: _Rates, known: Sequence[Certification]
) -> Iterable[Comparison]:
    declared = list(subject.design.contrasts)
    in_plan = [
        Contrast(arm=h.arm, other=h.other, key=h.key)
        for h in plan.plan.hypotheses
        if h.scenario == subject.scenario and h.other is not None and {h.arm, h.other} <= set(subject.arms)
    ]
    same = {(each.key, frozenset((each.arm, each.other))) for each in declared}
    more = [each for each in in_plan if (each.key, frozenset((each.arm, each.other))) not in same]
    doubt = why_not_certified(subject, find_certification(subject, known))
    for contrast in (*declared, *more):
        yield _comparison(subject, contrast, contrast in declared, plan, rates, doubt)


def _comparison(
    subject: Subject, contrast: Contrast, declared: bool, plan: PlanFile, rates: _Rates, doubt: str | None
) -> Comparison:
    standing = find_standing(plan, subject.design, contrast.key, contrast.arm, contrast.other)
    arm, other = (rates.get((subject.number, each, contrast.key)) for each in (contrast.arm, contrast.other))
    why = _why_no_contrast(subject, contrast, arm, other) or doubt
    found = None
    if why is None:
        frames = (subject.by_arm[contrast.arm], subject.by_arm[contrast.other])
        found = difference(*frames, contrast.key, cluster=subject.cluster)
        if isnan(found.difference):
            why = "No unit (wording, work, seed) was scored in both arms."
            found = None
    family, shortfall = _family(standing, subject), _shortfall(standing, [each for each in (arm, other) if each])
    return Comparison(subject, contrast, declared, standing, arm, other, found, why, None, family, shortfall)


def _family(standing: Standing, subject: Subject) -> str:
    hypothesis = standing.hypothesis
    return hypothesis.corrected_with if hypothesis and standing.proven else f"exploratory, {subject.scenario}"


def _shortfall(standing: Standing, arms: Sequence[ArmRate]) -> str | None:
    if standing.hypothesis is None or not arms:
        return None
    return tell_shortfall(
        standing.hypothesis, min(each.rate.scored for each in arms), min(_scored_wordings(each) for each in arms)
    )


def _scored_wordings(found: ArmRate) -> int:
    rows = found.subject.by_arm[found.arm]
    return int(rows.loc[rows[found.key].notna(), "wording"].nunique())


def _why_no_contrast(subject: Subject, contrast: Contrast, arm: ArmRate | None, other: ArmRate | None) -> str | None:
    for name, found in ((contrast.arm, arm), (contrast.other, other)):
        if name not in subject.arms:
            return f"The arm {name} was not run."
        if found is None:
            return f"No run of the arm {name} was scored on {contrast.key}."
    assert arm is not None
    assert other is not None
    opened = gate(
        {contrast.arm: arm.rate, contrast.other: other.rate},
        weaker_walls=subject.weaker_walls,
        stopped=[each.arm for each in (arm, other) if each.stopped],
    )
    return None if opened.is_open else opened.why


def _claims(subject: Subject, plan: PlanFile, rates: _Rates, known: Sequence[Certification]) -> Iterable[Claim]:
    doubt = why_not_certified(subject, find_certification(subject, known))
    for hypothesis in plan.plan.hypotheses:
        if hypothesis.scenario == subject.scenario and hypothesis.threshold and hypothesis.arm in subject.arms:
            standing = stand(plan, subject.design, hypothesis)
            found = rates.get((subject.number, hypothesis.arm, hypothesis.key))
            why = _why_no_claim(hypothesis, found) or doubt
            test = _test(found, hypothesis) if found is not None and why is None else None
            shortfall = _shortfall(standing, [found] if found else [])
            yield Claim(subject, hypothesis, standing, found, test, why, _family(standing, subject), shortfall)


def _why_no_claim(hypothesis: Hypothesis, found: ArmRate | None) -> str | None:
    if found is None:
        return f"No run of the arm {hypothesis.arm} was scored on {hypothesis.key}."
    if found.stopped and found.stopped_in is None:
        return f"The arm {hypothesis.arm} was {NO_INTERVAL}."
    return gate({found.arm: found.rate}, weaker_walls=found.subject.weaker_walls).why


def _test(found: ArmRate, hypothesis: Hypothesis) -> ThresholdTest:
    threshold = hypothesis.threshold
    assert threshold is not None
    rows, stopping = found.subject.by_arm[found.arm], found.subject.stopping(found.arm)
    return compare_threshold(
        rows if stopping is None else _watched(rows, stopping),
        found.key,
        threshold.side,
        threshold.rate,
        stopped=None if stopping is None else stopping.record,
        cluster=found.subject.cluster,
    )


def _adjusted(comparisons: Sequence[Comparison], claims: Sequence[Claim]) -> tuple[list[Comparison], list[Claim]]:
    """Correct for many tests, within each family and over all subjects; a planned one without data stays in it."""
    families: dict[str, dict[str, float]] = {}
    for number, each in enumerate(comparisons):
        if each.difference is not None or each.planned:
            p_value = nan if each.difference is None else each.difference.p_value
            families.setdefault(each.family, {})[f"comparison {number}"] = p_value
    for number, claim in enumerate(claims):
        if claim.test is not None or claim.planned:
            families.setdefault(claim.family, {})[f"claim {number}"] = nan if claim.test is None else claim.test.p_value
    adjusted = {name: found for family in adjust(families).values() for name, found in family.items()}
    return (
        [replace(each, adjusted=adjusted.get(f"comparison {n}")) for n, each in enumerate(comparisons)],
        [replace(each, adjusted=adjusted.get(f"claim {n}")) for n, each in enumerate(claims)],
    )


def _untested(
    plan: PlanFile, subjects: Sequence[Subject], comparisons: Sequence[Comparison], claims: Sequence[Claim]
) -> Iterable[tuple[Hypothesis, str]]:
    tested = {c.standing.hypothesis.name for c in comparisons if c.standing.hypothesis and c.difference is not None}
    tested |= {claim.hypothesis.name for claim in claims if claim.test is not None}
    run = {subject.scenario for subject in subjects}
    held = {claim.hypothesis.name: claim.why for claim in claims}
    for hypothesis in plan.plan.hypotheses:
        if hypothesis.name in tested:
            continue
        if hypothesis.scenario not in run:
            yield hypothesis, "the scenario was not run"
        elif hypothesis.threshold is not None:
            yield hypothesis, held.get(hypothesis.name) or "the arm was not run"
        else:
            yield hypothesis, "no subject has both arms with enough scored runs"
