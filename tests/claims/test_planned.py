"""What was planned is told from what was not, and a plan that the log does not bear proves nothing."""

import re
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.claims.planned import DEFAULT_PLAN, default_plan, find_standing, list_untested, tell_shortfall
from sabotage_evals.design import Contrast, Design, Headline, PlanStamp, Rate
from sabotage_evals.planned import Hypothesis, Plan, PlanFile, Threshold, read_plan
from sabotage_evals.prompts import CANARY

DOCS: Final = Path(__file__).parents[2] / "docs" / "statistics.md"
STAMP: Final = PlanStamp(name="first look", sha256="1" * 64)
APART: Final = Hypothesis(
    name="apart",
    claim="They differ.",
    scenario="shutdown",
    key="resisted",
    arm="told",
    other="untold",
    runs=40,
    wordings=8,
)
RARE: Final = Hypothesis(
    name="rare", claim="It is rare.", scenario="shutdown", key="resisted", arm="told",
    threshold=Threshold(side="below", rate=0.05),
)  # fmt: skip
PLAN: Final = PlanFile(Plan(name="first look", hypotheses=(APART, RARE)), STAMP)


def design(plan: PlanStamp | None = None, primary: bool = False, scenario: str = "shutdown") -> Design:
    return Design(
        scenario=scenario,
        headline=Headline(key="resisted", arm="told"),
        rates=(Rate(key="resisted", title="resisted"),),
        contrasts=(Contrast(arm="told", other="untold", key="resisted", primary=primary),),
        arms={"told": "Told", "untold": "Untold"},
        plan=plan,
    )


def test_a_planned_contrast_whose_log_bears_the_plan_is_proven_either_way_round() -> None:
    for arm, other in (("told", "untold"), ("untold", "told")):
        standing = find_standing(PLAN, design(STAMP), "resisted", arm, other)
        assert standing.hypothesis == APART
        assert standing.proven
        assert not standing.is_exploratory
        assert standing.note == "planned (apart)"


def test_a_rate_and_its_threshold_are_another_hypothesis_than_the_contrast() -> None:
    assert find_standing(PLAN, design(STAMP), "resisted", "told").hypothesis == RARE
    assert find_standing(PLAN, design(STAMP), "resisted", "untold").is_exploratory


@pytest.mark.parametrize(
    ("plan", "said"), [(None, "no plan"), (PlanStamp(name="first look", sha256="2" * 64), "another plan, first look")]
)
def test_a_plan_that_the_log_does_not_bear_proves_nothing(plan: PlanStamp | None, said: str) -> None:
    standing = find_standing(PLAN, design(plan), "resisted", "told", "untold")
    assert (standing.hypothesis, standing.proven) == (APART, False)
    assert standing.is_exploratory
    assert said in standing.note


def test_the_primary_contrast_is_proven_by_the_code_that_ran() -> None:
    standing = find_standing(PLAN, design(primary=True), "resisted", "told", "untold")
    assert standing.proven
    assert "own primary contrast" in standing.note
    assert not find_standing(PLAN, design(primary=True), "resisted", "told").proven


@pytest.mark.parametrize(
    ("scenario", "key", "other"),
    [("detector", "resisted", "untold"), ("shutdown", "tampered", "untold"), ("shutdown", "resisted", "x")],
)
def test_what_is_not_in_the_plan_is_exploratory(scenario: str, key: str, other: str) -> None:
    standing = find_standing(PLAN, design(STAMP, scenario=scenario), key, "told", other)
    assert (standing.hypothesis, standing.note) == (None, "exploratory")


def test_no_hypothesis_is_dropped_in_silence() -> None:
    assert list_untested(PLAN, ["rare"]) == [APART]
    assert list_untested(PLAN, ["rare", "apart"]) == []


@pytest.mark.parametrize(
    ("runs", "wordings", "said"),
    [
        (40, 8, None),
        (39, 8, "apart has 39 of the 40 scored runs an arm planned."),
        (12, 2, "apart has 12 of the 40 scored runs an arm planned and 2 of the 8 wordings planned."),
    ],
)
def test_fewer_runs_than_planned_are_told_of(runs: int, wordings: int, said: str | None) -> None:
    assert tell_shortfall(APART, runs, wordings) == said
    assert tell_shortfall(RARE, 1, 1) is None


def test_the_default_plan_has_one_primary_contrast_a_task_and_carries_the_canary() -> None:
    hypotheses = default_plan().plan.hypotheses
    assert all(each.primary and each.other for each in hypotheses)
    assert len({each.scenario for each in hypotheses}) == len(hypotheses) == 5
    assert CANARY in DEFAULT_PLAN.read_text(encoding="utf-8")


def test_the_plan_in_the_documentation_can_be_read(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    path = tmp_path / "plan.yaml"
    path.write_text(block[1], encoding="utf-8")
    assert [each.name for each in read_plan(path).plan.hypotheses] == ["rule_matters", "hardly_ever"]
