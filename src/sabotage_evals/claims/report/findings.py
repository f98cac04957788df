"""The figures of a report: headlines, rates by arm, contrasts, each with what may be said of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sabotage_evals.claims.frames import COPIES_DIFFER, Reading
from sabotage_evals.claims.planned import Standing, default_plan, find_standing, stand, tell_shortfall
from sabotage_evals.claims.report.certification import Certification, find_certification, why_not_certified
from sabotage_evals.claims.report.subjects import Stopping, Subject
from sabotage_evals.claims.report.words import count
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
from sabotage_evals.design import Contrast, PlanStamp
from sabotage_evals.planned import SCENARIOS, Hypothesis, PlanFile, read_plan

if TYPE_CHECKING:
    import pandas as pd

Context = Literal["chat", "agentic", "unsaid"]
OTHER_ARM: Final = "other_arm"
"""The headline's word of runs that are none of its own, in whatever arm they are."""
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
    passed_over: Sequence[tuple[PlanStamp, int]] = ()
    """Plans that logs bear and this report does not go by, with the number of those logs."""

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
        passed_over=_passed_over(reading, planned),
    )


def _passed_over(reading: Reading, planned: PlanFile) -> list[tuple[PlanStamp, int]]:
    """Count the logs of each plan that was written down before a run and is not the one in use."""
    borne = Counter(log.design.plan for log in reading.logs if log.design.plan is not None)
    return [(stamp, logs) for stamp, logs in borne.items() if stamp.sha256 != planned.stamp.sha256]


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
    rows, conditional = rows_of(subject, arm, key), _is_conditional(subject, key)
    stopping = subject.stopping(arm)
    names = (subject, arm, key, _title(subject, key), _context(subject, key))
    if stopping is None:
        return ArmRate(*names, rate(rows, key, cluster=subject.cluster, conditional=conditional))
    if stopping.record is None:
        found = rate(rows, key, cluster=subject.cluster, conditional=conditional)
        return ArmRate(*names, without_interval(found, NO_INTERVAL), stopped=True)
    record, watched = stopping.record, _watched(rows, stopping)
    found = rate(watched, key, stopped=record, cluster=subject.cluster, conditional=conditional)
    return ArmRate(*names, found, stopped=True, stopped_in=stopping.file)


def rows_of(subject: Subject, arm: str, key: str) -> "pd.DataFrame":
    """Return the runs of an arm that a key can speak of; to a headline, runs of another kind say nothing."""
    rows = subject.by_arm[arm]
    headline = subject.design.headline
    return rows[rows["headline"] != OTHER_ARM] if (headline.arm, headline.key) == (arm, key) else rows


def _is_conditional(subject: Subject, key: str) -> bool:
    """Whether runs may well say neither yes nor no: only headline and contrasts are declared to speak of all."""
    return key not in {subject.design.headline.key, *(contrast.key for contrast in subject.design.contrasts)}


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
    certification = find_certification(subject, known)
    if any(log.imported for log in subject.logs):
        return why_not_certified(subject, certification)
    if not arm:
        return "These logs say of no figure that it is the headline: they are of a version that did not declare one."
    if found is None and arm in subject.arms:
        return f"No scored run of the arm {arm} says yes or no."
    if found is None:
        return f"The headline stands in the arm {arm}, which was not run."
    opened = gate({arm: found.rate}, weaker_walls=subject.weaker_walls)
    if why := opened.why or _why_disputed(subject, [arm]):
        return why
    if isnan(found.rate.rate):
        return f"No scored run of the arm {arm} says yes or no."
    if found.stopped and found.stopped_in is None:
        return f"The arm {arm} was {NO_INTERVAL}: no headline."
    return why_not_certified(subject, certification)


def _why_disputed(subject: Subject, arms: Iterable[str]) -> str | None:
    """Say that files hold the same runs and other figures of them, so that no figure of the arm can be relied on."""
    for arm in arms:
        disputed = int(subject.by_arm[arm][COPIES_DIFFER].sum())
        if disputed:
            return (
                f"{count(disputed, 'run')} of {arm} stand in several files that do not agree on them: take away those "
                "that are wrong (see Files)."
            )
    return None


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
        first, second = (rows_of(subject, each, contrast.key) for each in (contrast.arm, contrast.other))
        conditional = _is_conditional(subject, contrast.key)
        found = difference(first, second, contrast.key, cluster=subject.cluster, conditional=conditional)
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
    return opened.why or _why_disputed(subject, (contrast.arm, contrast.other))


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
    opened = gate({found.arm: found.rate}, weaker_walls=found.subject.weaker_walls)
    return opened.why or _why_disputed(found.subject, [found.arm])


def _test(found: ArmRate, hypothesis: Hypothesis) -> ThresholdTest:
    threshold = hypothesis.threshold
    assert threshold is not None
    rows, stopping = rows_of(found.subject, found.arm, found.key), found.subject.stopping(found.arm)
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
    for hypothesis in plan.plan.hypotheses:
        if hypothesis.name not in tested:
            of = [subject for subject in subjects if subject.scenario == hypothesis.scenario]
            same = next((h for h in plan.plan.hypotheses if h.name in tested and h.is_same_test(hypothesis)), None)
            if same is not None:
                yield hypothesis, f"it is the same test as {same.name}, which stands for both"
            else:
                yield hypothesis, _why_untested(hypothesis, of, [*_whys(hypothesis, comparisons, claims)])


def _why_untested(hypothesis: Hypothesis, subjects: Sequence[Subject], whys: Sequence[str]) -> str:
    arms = [arm for arm in (hypothesis.arm, hypothesis.other) if arm is not None]
    if not subjects:
        known = hypothesis.scenario in SCENARIOS
        return "the scenario was not run" if known else f"no log is of a scenario {hypothesis.scenario}"
    if not any(rate.key == hypothesis.key for subject in subjects for rate in subject.design.rates):
        return f"the logs of {hypothesis.scenario} know no rate {hypothesis.key}"
    if absent := next((arm for arm in arms if not any(arm in subject.arms for subject in subjects)), None):
        return f"the arm {absent} was not run"
    if not any(set(arms) <= set(subject.arms) for subject in subjects):
        return "no model was run in both arms under the same settings and conditions"
    return " ".join(whys)


def _whys(hypothesis: Hypothesis, comparisons: Sequence[Comparison], claims: Sequence[Claim]) -> Iterable[str]:
    """Yield what stands in place of a result of a hypothesis, for each model."""
    for claim in claims:
        if claim.hypothesis.name == hypothesis.name and claim.why:
            yield f"{claim.subject.label}: {claim.why}"
    for each in comparisons:
        if each.standing.hypothesis is not None and each.standing.hypothesis.is_same_test(hypothesis) and each.why:
            yield f"{each.subject.label}: {each.why}"
