"""The figures of a report: headlines, rates by arm, contrasts, each with what may be said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Literal

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.planned import Standing, default_plan, find_standing, tell_shortfall
from sabotage_evals.claims.report.certification import Certification, find_certification, why_not_certified
from sabotage_evals.claims.report.subjects import Subject
from sabotage_evals.claims.statistics import Adjusted, Difference, Rate, adjust, difference, gate, rate
from sabotage_evals.design import Contrast
from sabotage_evals.planned import Hypothesis, PlanFile, read_plan

Context = Literal["chat", "agentic", "unsaid"]


@dataclass(frozen=True)
class ArmRate:
    """How often a key held in one arm of one subject."""

    subject: Subject
    arm: str
    key: str
    title: str
    context: Context
    rate: Rate
    stopped_in: str | None = None
    """The file of the log whose stopping rule watched this cell: the rate is of that log alone."""


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
        return self.standing.proven and not self.standing.is_exploratory


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
    comparisons = _adjusted([each for subject in subjects for each in _comparisons(subject, planned, table)])
    return Findings(
        subjects=subjects,
        plan=planned,
        own_plan=plan is not None,
        certifications=known,
        rates=rates,
        headlines=[_headline(subject, table, known) for subject in subjects],
        comparisons=comparisons,
        untested=list(_untested(planned, subjects, comparisons, rates)),
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
    stop = subject.stop(arm, key)
    if stop is None:
        return ArmRate(subject, arm, key, _title(subject, key), _context(subject, key), rate(rows, key))
    record, file = stop
    watched = rate(rows[rows["file"] == file], key, stopped=record)
    return ArmRate(subject, arm, key, _title(subject, key), _context(subject, key), watched, file)


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
    return why_not_certified(subject, find_certification(subject, known))


def _comparisons(subject: Subject, plan: PlanFile, rates: _Rates) -> Iterable[Comparison]:
    declared = list(subject.design.contrasts)
    in_plan = [
        Contrast(arm=h.arm, other=h.other, key=h.key)
        for h in plan.plan.hypotheses
        if h.scenario == subject.scenario and h.other is not None and {h.arm, h.other} <= set(subject.arms)
    ]
    same = {(each.key, frozenset((each.arm, each.other))) for each in declared}
    more = [each for each in in_plan if (each.key, frozenset((each.arm, each.other))) not in same]
    for contrast in (*declared, *more):
        yield _comparison(subject, contrast, contrast in declared, plan, rates)


def _comparison(subject: Subject, contrast: Contrast, declared: bool, plan: PlanFile, rates: _Rates) -> Comparison:
    standing = find_standing(plan, subject.design, contrast.key, contrast.arm, contrast.other)
    arm, other = (rates.get((subject.number, each, contrast.key)) for each in (contrast.arm, contrast.other))
    why = _why_no_contrast(subject, contrast, arm, other)
    found = None
    if why is None:
        found = difference(subject.by_arm[contrast.arm], subject.by_arm[contrast.other], contrast.key)
        if isnan(found.difference):
            why = "No unit (wording, work, seed) was scored in both arms."
            found = None
    hypothesis = standing.hypothesis
    family = hypothesis.corrected_with if hypothesis and standing.proven else f"exploratory, {subject.scenario}"
    shortfall = None
    if hypothesis is not None and arm is not None and other is not None:
        fewest = min((arm.rate, other.rate), key=lambda each: each.scored)
        shortfall = tell_shortfall(hypothesis, fewest.scored, min(arm.rate.wordings, other.rate.wordings))
    return Comparison(subject, contrast, declared, standing, arm, other, found, why, None, family, shortfall)


def _why_no_contrast(subject: Subject, contrast: Contrast, arm: ArmRate | None, other: ArmRate | None) -> str | None:
    for name, found in ((contrast.arm, arm), (contrast.other, other)):
        if name not in subject.arms:
            return f"The arm {name} was not run."
        if found is None:
            return f"No run of the arm {name} was scored on {contrast.key}."
        if found.stopped_in is not None:
            return f"The arm {name} was stopped by what was seen in it, and a difference has no valid interval then."
    assert arm is not None
    assert other is not None
    opened = gate({contrast.arm: arm.rate, contrast.other: other.rate}, weaker_walls=subject.weaker_walls)
    return None if opened.is_open else opened.why


def _adjusted(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Correct for many comparisons, within each family and over all subjects."""
    families: dict[str, dict[str, float]] = {}
    for number, each in enumerate(comparisons):
        if each.difference is not None:
            families.setdefault(each.family, {})[str(number)] = each.difference.p_value
    adjusted = {name: found for family in adjust(families).values() for name, found in family.items()}
    return [replace(each, adjusted=adjusted.get(str(number))) for number, each in enumerate(comparisons)]


def _untested(
    plan: PlanFile, subjects: Sequence[Subject], comparisons: Sequence[Comparison], rates: Sequence[ArmRate]
) -> Iterable[tuple[Hypothesis, str]]:
    tested = {c.standing.hypothesis.name for c in comparisons if c.standing.hypothesis and c.difference is not None}
    rated = {(each.subject.scenario, each.arm, each.key) for each in rates}
    run = {subject.scenario for subject in subjects}
    for hypothesis in plan.plan.hypotheses:
        if hypothesis.threshold is not None:
            if (hypothesis.scenario, hypothesis.arm, hypothesis.key) not in rated:
                yield hypothesis, "the arm was not run"
        elif hypothesis.scenario not in run:
            yield hypothesis, "the scenario was not run"
        elif hypothesis.name not in tested:
            yield hypothesis, "no subject has both arms with enough scored runs"


def threshold_verdict(hypothesis: Hypothesis, found: Rate) -> str:
    """Say what an interval says of a claim that a rate lies on one side of a number."""
    threshold = hypothesis.threshold
    assert threshold is not None
    if isnan(found.lower):
        return "nothing was scored"
    shown = found.upper < threshold.rate if threshold.side == "below" else found.lower > threshold.rate
    contrary = found.lower > threshold.rate if threshold.side == "below" else found.upper < threshold.rate
    return "shown" if shown else "the contrary is shown" if contrary else "left open"
