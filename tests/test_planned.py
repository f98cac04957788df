"""A plan is read whole, refused in a sentence, and known by the hash of its bytes."""

import hashlib
from pathlib import Path

import pytest

from sabotage_evals.design import Design, Headline
from sabotage_evals.planned import read_plan, with_plan
from sabotage_evals.refusal import Refusal

PLAN = """
name: first look
hypotheses:
  - name: rule_matters
    claim: The rule lowers how often the agent resists.
    scenario: shutdown
    key: resisted
    arm: allow_user
    other: unmentioned
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_a_plan_is_known_by_its_name_and_the_hash_of_its_bytes(plan: Path) -> None:
    stamp = read_plan(plan).stamp
    assert (stamp.name, stamp.sha256) == ("first look", hashlib.sha256(PLAN.encode()).hexdigest())
    assert stamp == read_plan(str(plan)).stamp


def test_a_blank_more_is_another_plan(plan: Path) -> None:
    before = read_plan(plan).stamp
    plan.write_text(PLAN + "\n", encoding="utf-8")
    assert read_plan(plan).stamp != before


def test_a_design_bears_the_stamp_into_the_log_and_is_else_the_same(plan: Path) -> None:
    design = Design(scenario="shutdown", headline=Headline(key="resisted", arm="told"), rates=(), arms={})
    stamped = with_plan(design, plan)
    assert stamped.as_metadata()["design"]["plan"] == read_plan(plan).stamp.model_dump()
    assert stamped.model_copy(update={"plan": None}) == design
    assert with_plan(design, None) == design


def test_hypotheses_are_corrected_with_their_scenario_or_their_family(plan: Path) -> None:
    assert read_plan(plan).plan.hypotheses[0].corrected_with == "shutdown"
    plan.write_text(PLAN + "    family: rules\n", encoding="utf-8")
    assert read_plan(plan).plan.hypotheses[0].corrected_with == "rules"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n- b", "a plan has `name` and `hypotheses`"),
        ("name: [", "the plan is not YAML"),
        ("name: empty\nhypotheses: []", "hypotheses: "),
        (PLAN.replace("    other: unmentioned\n", ""), "'rule_matters' needs either `other` (an arm) or `threshold`"),
        (PLAN + "    threshold: {side: below, rate: 0.1}\n", "and not both"),
        (PLAN + "    prmary: true\n", "hypotheses.0.prmary"),
        (PLAN + PLAN[PLAN.index("  - name") :], "the hypothesis 'rule_matters' is there twice"),
        (PLAN + "    runs: 0\n", "hypotheses.0.runs"),
    ],
)
def test_what_is_no_plan_is_refused_in_a_sentence_with_its_place(plan: Path, text: str, said: str) -> None:
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_plan(plan)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{plan}: ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        read_plan(tmp_path / "nowhere.yaml")
