"""What was planned and what was not: a plan laid beside what the logs declare."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from sabotage_evals.design import Design
from sabotage_evals.planned import Hypothesis, PlanFile, read_plan

DEFAULT_PLAN: Final = Path(__file__).with_name("default_plan.yaml")
"""One primary contrast for each task."""


class Standing(NamedTuple):
    """What may be said of a result: that it was planned, and whether the logs prove it."""

    hypothesis: Hypothesis | None
    """None: it stands in no plan, so it is exploratory."""
    proven: bool
    """The log bears this plan's hash, or declares the contrast as its primary one."""
    note: str
    """One short phrase to print beside the result."""

    @property
    def is_exploratory(self) -> bool:
        return not self.proven


@cache
def default_plan() -> PlanFile:
    """Return the plan that ships with the package."""
    return read_plan(DEFAULT_PLAN)


def find_standing(planned: PlanFile, design: Design, key: str, arm: str, other: str | None = None) -> Standing:
    """Say how a rate (no `other`) or a contrast of a log stands to a plan. Order of the arms does not matter."""
    hypothesis = next((each for each in planned.plan.hypotheses if _is_about(each, design, key, arm, other)), None)
    return Standing(None, False, "exploratory") if hypothesis is None else stand(planned, design, hypothesis)


def stand(planned: PlanFile, design: Design, hypothesis: Hypothesis) -> Standing:
    """Say whether a log proves that a hypothesis of a plan was written down before it was run."""
    if design.plan is not None and design.plan.sha256 == planned.stamp.sha256:
        return Standing(hypothesis, True, f"planned ({hypothesis.name})")
    arms = {hypothesis.arm, hypothesis.other}
    if any(each.primary and each.key == hypothesis.key and {each.arm, each.other} == arms for each in design.contrasts):
        return Standing(hypothesis, True, f"planned ({hypothesis.name}): the task's own primary contrast")
    why = "no plan" if design.plan is None else f"another plan, {design.plan.name}"
    return Standing(hypothesis, False, f"in the plan ({hypothesis.name}), but the log bears {why}: exploratory")


def _is_about(hypothesis: Hypothesis, design: Design, key: str, arm: str, other: str | None) -> bool:
    return (
        hypothesis.scenario == design.scenario
        and hypothesis.key == key
        and {hypothesis.arm, hypothesis.other} == {arm, other}
    )


def list_untested(planned: PlanFile, tested: Iterable[str]) -> list[Hypothesis]:
    """Return the plan's hypotheses whose names are not among those tested, so that none is dropped in silence."""
    names = set(tested)
    return [hypothesis for hypothesis in planned.plan.hypotheses if hypothesis.name not in names]


def tell_shortfall(hypothesis: Hypothesis, runs: int, wordings: int) -> str | None:
    """Say in a sentence that fewer runs or wordings were scored than planned; None if there are enough."""
    short = [
        f"{have} of the {wanted} {what} planned"
        for what, have, wanted in (
            ("scored runs an arm", runs, hypothesis.runs),
            ("wordings", wordings, hypothesis.wordings),
        )
        if wanted is not None and have < wanted
    ]
    return f"{hypothesis.name} has {' and '.join(short)}." if short else None
