"""Which plots a report has: each made from the findings, with its numbers as a table."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Final

from sabotage_evals.claims.frames import COPIES_DIFFER
from sabotage_evals.claims.report import plots
from sabotage_evals.claims.report.details import NO_KIND, context_table, kinds
from sabotage_evals.claims.report.families import FamilyMean, blind_spots, claims
from sabotage_evals.claims.report.findings import ArmRate, Comparison, Findings
from sabotage_evals.claims.report.overview import rate_record
from sabotage_evals.claims.report.plots import Point
from sabotage_evals.claims.report.published import Study
from sabotage_evals.claims.report.sheets import Cell, Figure, Table
from sabotage_evals.claims.report.subjects import Subject
from sabotage_evals.claims.report.words import capital, count, interval, percent, plain, point_interval, points
from sabotage_evals.claims.statistics import gate

AT_ONCE: Final = 8
"""Subjects in one plot; with more there are several plots."""
COLUMNS_AT_ONCE: Final = 15
"""Columns in one heat map, which has one for each arm of each of its subjects; a subject's arms stay together."""
STEPS: Final = 3
"""Arms from which on they are drawn as a ladder."""


def _parts(findings: Findings, scenario: str) -> Iterator[tuple[str, list[Subject]]]:
    """Yield the subjects of a scenario in such numbers as one plot can show, with what the plot's name ends in."""
    subjects = findings.of(scenario)
    for start in range(0, len(subjects), AT_ONCE):
        yield f"_{start // AT_ONCE + 1}" if len(subjects) > AT_ONCE else "", subjects[start : start + AT_ONCE]


def main_keys(findings: Findings, scenario: str) -> list[str]:
    """Name the keys that a scenario is about: those of its contrasts, the commonest first, and the headline's."""
    subjects = findings.of(scenario)
    keys = Counter(contrast.key for subject in subjects for contrast in subject.design.contrasts)
    headline = [subject.design.headline.key for subject in subjects if subject.design.headline.key]
    known = {each.key for each in findings.rates if each.subject.scenario == scenario}
    return [key for key in dict.fromkeys((*(key for key, _ in keys.most_common()), *headline)) if key in known]


def forests(findings: Findings, scenario: str) -> Iterator[Figure]:
    """Draw the rates of the scenario's keys with intervals, by arm and model."""
    keys = main_keys(findings, scenario)
    for ending, subjects in _parts(findings, scenario):
        chosen: list[ArmRate] = []
        for key in keys:
            arms = {each.arm for each in chosen}
            chosen += [
                each for each in findings.rates if each.subject in subjects and each.key == key and each.arm not in arms
            ]
        if chosen:
            several = len({each.key for each in chosen}) > 1
            order = {arm: n for n, arm in enumerate(dict.fromkeys(arm for subject in subjects for arm in subject.arms))}
            chosen.sort(key=lambda each: order[each.arm])
            named = [(f"{each.arm}: {plain(each.key)}" if several else each.arm, each) for each in chosen]
            titles = {each.key: each.title for each in chosen}
            yield Figure(
                f"{scenario}_forest{ending}",
                "Rates by arm and model",
                plots.forest([_point(row, each) for row, each in named], _series(subjects, chosen)),
                f"{capital('; '.join(titles.values()))}. Point: rate; line: 95% interval.{_doubts(chosen)}",
                _rate_table(f"{scenario}_forest{ending}", chosen),
            )


def _series(subjects: Sequence[Subject], chosen: Sequence[ArmRate | Comparison]) -> list[str]:
    """Name the subjects that have a mark in a plot."""
    drawn = {each.subject for each in chosen if not (isinstance(each, ArmRate) and isnan(each.rate.rate))}
    return [subject.label for subject in subjects if subject in drawn] or [subject.label for subject in subjects]


def _point(row: str, found: ArmRate) -> Point:
    rate = found.rate
    disputed = bool(found.subject.by_arm[found.arm][COPIES_DIFFER].any())
    doubtful = disputed or not gate({found.arm: rate}, weaker_walls=found.subject.weaker_walls).is_open
    return Point(row, found.subject.label, rate.rate, rate.lower, rate.upper, doubtful=doubtful)


def _doubts(chosen: Sequence[ArmRate]) -> str:
    doubtful = any(_point("", each).doubtful for each in chosen)
    why = "too few of the arm's runs were scored or say yes or no, files do not agree, or the walls were weaker"
    return f" Grey: {why}." if doubtful else ""


def _rate_table(name: str, chosen: Sequence[ArmRate]) -> Table:
    return Table(
        name,
        "The numbers of the plot",
        ("Model", "Arm", "Key", "Rate", "95% interval", "Yes of scored"),
        tuple(
            (
                Cell(each.subject.label),
                Cell(each.arm),
                Cell(each.key),
                Cell(percent(each.rate.rate)),
                Cell(interval(each.rate.lower, each.rate.upper)),
                Cell(f"{each.rate.yes:g} of {each.rate.scored}"),
            )
            for each in chosen
        ),
        records=tuple(
            {"model": each.subject.label, "arm": each.arm, "key": each.key} | rate_record(each.rate) for each in chosen
        ),
        folded=True,
    )


def ladders(findings: Findings, scenario: str, studies: Mapping[str, Study]) -> Iterator[Figure]:
    """Draw how the scenario's commonest key changes along its arms, with what was published for the same models."""
    keys = main_keys(findings, scenario)
    for ending, subjects in _parts(findings, scenario):
        chosen = [each for each in findings.rates if keys and each.subject in subjects and each.key == keys[0]]
        steps = list(dict.fromkeys(arm for subject in subjects for arm in subject.arms))
        steps = [arm for arm in steps if any(each.arm == arm and not isnan(each.rate.rate) for each in chosen)]
        if len(steps) < STEPS:
            continue
        ours = [_point(each.arm, each) for each in chosen]
        theirs = _published(subjects, keys[0], steps, studies)
        beside = " Diamonds: published for the same model, in another wording and at another date." if theirs else ""
        yield Figure(
            f"{scenario}_ladder{ending}",
            f"From arm to arm: {plain(keys[0])}",
            plots.ladder([*ours, *theirs], _series(subjects, chosen), steps),
            f"{capital(chosen[0].title)}, in the order in which the task declares its arms. Lines join the arms "
            f"of one model; upright lines are 95% intervals.{_doubts(chosen)}{beside}",
            _rate_table(f"{scenario}_ladder{ending}", chosen),
        )


def _published(
    subjects: Sequence[Subject], key: str, steps: Sequence[str], studies: Mapping[str, Study]
) -> list[Point]:
    found: dict[tuple[str, str], Point] = {}
    for subject in subjects:
        for arm, stated in subject.design.published.items():
            study = studies.get(stated.study)
            condition = study.conditions.get(stated.condition) if study else None
            if study is None or condition is None or condition.key != key or arm not in steps:
                continue
            for model in study.models:
                figure = model.figure(stated.condition)
                if figure is not None and model.is_model(subject.model):
                    found[arm, model.name] = Point(arm, model.name, figure.rate, figure.rate, figure.rate, True)
    return list(found.values())


def contrast_plots(findings: Findings, scenario: str) -> Iterator[Figure]:
    """Draw the differences between declared arms about zero."""
    for ending, subjects in _parts(findings, scenario):
        chosen = [each for each in findings.comparisons if each.subject in subjects and each.difference is not None]
        if chosen:
            yield Figure(
                f"{scenario}_differences{ending}",
                "What moved it: paired differences between arms",
                plots.differences([_difference_point(each) for each in chosen], _series(subjects, chosen)),
                "Point: the difference of the two rates over the units that are in both arms; line: 95% interval, not "
                "corrected for the number of contrasts. An asterisk marks what was planned.",
                _difference_table(f"{scenario}_differences{ending}", chosen),
            )


def _name(comparison: Comparison, between: str = " ") -> str:
    contrast = comparison.contrast
    return f"{contrast.arm}{between}\N{MINUS SIGN} {contrast.other}{' *' if comparison.planned else ''}"


def _difference_point(comparison: Comparison) -> Point:
    found = comparison.difference
    assert found is not None
    return Point(_name(comparison, "\n"), comparison.subject.label, found.difference, found.lower, found.upper)


def _difference_table(name: str, chosen: Sequence[Comparison]) -> Table:
    rows = []
    for each in chosen:
        found = each.difference
        assert found is not None
        texts = (each.subject.label, _name(each), each.contrast.key, points(found.difference))
        rows.append(tuple(map(Cell, (*texts, point_interval(found.lower, found.upper), f"{found.units}"))))
    columns = ("Model", "Arms", "Key", "Difference", "95% interval", "Units")
    return Table(name, "The numbers of the plot", columns, tuple(rows), folded=True)


def kind_plots(findings: Findings, scenario: str, columns: Sequence[str]) -> Iterator[Figure]:
    """Draw in which ways something was done, such as the routes by which a shutdown was resisted."""
    for column in columns:
        for ending, subjects in _parts(findings, scenario):
            name = f"{scenario}_{column}{ending}"
            table = kinds(subjects, column, name)
            if table is not None:
                yield Figure(
                    name,
                    plain(column).capitalize(),
                    plots.stacked(_bars(subjects, column, several=len(findings.of(scenario)) > 1)),
                    f"Runs of each arm by {plain(column)}; runs without one are left out.",
                    table,
                )


def _bars(subjects: Sequence[Subject], column: str, *, several: bool) -> dict[str, Counter[str]]:
    bars: dict[str, Counter[str]] = {}
    for subject in subjects:
        for arm in subject.arms:
            words = subject.by_arm[arm][column].astype(str)
            counts = Counter(word for word in words if word not in NO_KIND)
            if counts:
                bars[f"{subject.label}\n{arm}" if several else arm] = counts
    return bars


def family_plots(means: Sequence[FamilyMean]) -> Iterator[Figure]:
    """Draw what is caught of each family, and claimed against measured recall."""
    arms: dict[Subject, set[str]] = {}
    for mean in means:
        arms.setdefault(mean.subject, set()).add(mean.arm)
    maps: list[list[Subject]] = []
    for subject, own in arms.items():
        if not maps or sum(len(arms[other]) for other in maps[-1]) + len(own) > COLUMNS_AT_ONCE:
            maps.append([])
        maps[-1].append(subject)
    for number, chosen in enumerate(maps, start=1):
        ending = f"_{number}" if len(maps) > 1 else ""
        yield from _family_plots([mean for mean in means if mean.subject in chosen], ending, several=len(arms) > 1)


def _family_plots(means: Sequence[FamilyMean], ending: str, *, several: bool) -> Iterator[Figure]:
    families = list(dict.fromkeys(plain(mean.family) for mean in means))
    named = [(f"{mean.subject.label}\n{mean.arm}" if several else mean.arm, mean) for mean in means]
    columns = list(dict.fromkeys(name for name, _ in named))
    yield Figure(
        f"recall_by_family{ending}",
        "Blind spots: what is caught of each family",
        plots.heat_map(
            families, columns, {(plain(mean.family), name): (mean.measured, mean.blind) for name, mean in named}
        ),
        "Recall in per cent at the detector's own threshold, mean over runs: the darker, the more is caught. In a "
        "frame with \N{BLACK DOWN-POINTING TRIANGLE}: the number of runs that catch at least 10 points less than the "
        "detector that they began with.",
        replace(blind_spots(list(means)), name=f"recall_by_family{ending}"),
    )
    table = claims(list(means))
    if table is not None:
        stated = [
            (name.replace("\n", ": "), mean.claimed, mean.measured_where_claimed) for name, mean in named if mean.claims
        ]
        yield Figure(
            f"claimed_against_measured{ending}",
            "Claimed against measured",
            plots.claimed(stated),
            "A mark for each family: recall that the hand-over claims, and recall as it was measured on hidden items. "
            "On the broken line a claim is right; below it more is claimed than is there.",
            replace(table, name=f"claimed_against_measured{ending}"),
        )


def context_plot(findings: Findings) -> Figure | None:
    """Draw chat and agentic headlines of the same model side by side; None where no model was run in both."""
    sides: dict[str, list[Point]] = {"chat": [], "agentic": []}
    for headline in findings.headlines:
        found = headline.found
        if found is not None and headline.why is None and headline.context in sides:
            subject, rate = headline.subject, found.rate
            settings = f" ({subject.model_settings})" if subject.model_settings else ""
            row = f"{subject.model.rsplit('/', 1)[-1]}{settings}"
            sides[headline.context].append(Point(row, subject.scenario, rate.rate, rate.lower, rate.upper))
    rows = [{point.row for point in points} for points in sides.values()]
    both = rows[0] & rows[1]
    if not both:
        return None
    alone = len((rows[0] | rows[1]) - both)
    others = f" The table has {count(alone, 'more model')}, run in one of the two only." if alone else ""
    return Figure(
        "chat_against_agentic",
        "Chat against agentic work",
        plots.contexts(*([point for point in sides[side] if point.row in both] for side in ("chat", "agentic"))),
        "The headline of each scenario, by model. What is seen in chats says nothing of agentic work, and the other "
        f"way round: the two are never averaged.{others}",
        context_table(findings),
    )
