"""A plan is read whole, refused in a sentence, and known by the hash of its bytes."""

import hashlib
from pathlib import Path

import pytest

from sabotage_evals import planned
from sabotage_evals.design import Design, Headline, Rate
from sabotage_evals.planned import SCENARIOS, read_plan, with_plan
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


DESIGN = Design(
    scenario="shutdown",
    headline=Headline(key="resisted", arm="allow_user"),
    rates=(Rate(key="resisted", title="resisted"), Rate(key="tampered", title="tampered")),
    arms={"allow_user": "Told"},
)
ARMS = ("allow_user", "unmentioned")
AGAIN = PLAN[PLAN.index("  - name") :].replace("rule_matters", "again")
TURNED = AGAIN.replace("arm: allow_user", "arm: unmentioned").replace("other: unmentioned", "other: allow_user")
RARE = """  - {name: rare, claim: Rare., scenario: shutdown, key: resisted, arm: allow_user,
     threshold: {side: below, rate: 0.05}}
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
    design = DESIGN
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAN.replace("resisted", "resistd"), "is on 'resistd', which is no rate of shutdown; choose from res"),
        (PLAN.replace("allow_user", "allow_usr"), "is on the arm 'allow_usr', which shutdown does not have; choose"),
        (PLAN.replace("unmentioned", "unmentiond"), "is on the arm 'unmentiond'"),
        (PLAN.replace("shutdown", "shutdwn"), "is about the scenario 'shutdwn'; choose from detector, "),
        (PLAN + AGAIN, "'again' is the same test as 'rule_matters'; leave one of them out"),
        (
            PLAN + TURNED,
            "'again' is the same test",
        ),
        (PLAN + RARE + RARE.replace("rare", "seldom"), "'seldom' is the same test as 'rare'"),
    ],
)  # fmt: skip
def test_what_could_never_be_tested_is_refused_before_the_run(plan: Path, text: str, said: str) -> None:
    plan.write_text(text, encoding="utf-8")
    read_plan(plan)
    with pytest.raises(Refusal) as refused:
        with_plan(DESIGN, plan, ARMS)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{plan}: the hypothesis ")


def test_of_other_tasks_and_of_arms_that_are_not_run_this_time_a_plan_may_say_what_it_will(plan: Path) -> None:
    others = [
        PLAN[PLAN.index("  - name") :].replace("rule_matters", each).replace("shutdown", each) for each in SCENARIOS
    ]
    tests = [
        RARE,
        RARE.replace("rare", "rarer").replace("0.05", "0.01"),
        RARE.replace("rare", "often").replace("below", "above"),
    ]
    plan.write_text("name: all\nhypotheses:\n" + "".join((*others, *tests)), encoding="utf-8")
    assert with_plan(DESIGN, plan, ARMS).plan == read_plan(plan).stamp
    plan.write_text(PLAN.replace("shutdown", "mine"), encoding="utf-8")
    mine = DESIGN.model_copy(update={"scenario": "mine"})
    assert with_plan(mine, plan, ARMS).plan == read_plan(plan).stamp


def test_the_scenarios_are_the_tasks_that_there_are() -> None:
    tasks = Path(planned.__file__).parent / "tasks"
    assert sorted(each.name for each in tasks.iterdir() if (each / "__init__.py").is_file()) == sorted(SCENARIOS)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        read_plan(tmp_path / "nowhere.yaml")
