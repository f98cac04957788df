"""Every task takes a plan and a claim to stop at, and refuses what it cannot do with them before it starts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import Task

from sabotage_evals.claims.planned import default_plan
from sabotage_evals.design import DESIGN_KEY, Design
from sabotage_evals.planned import read_plan
from sabotage_evals.refusal import Refusal
from sabotage_evals.stopping import SequentialTest
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.misalignment_agentic import misalignment_agentic
from sabotage_evals.tasks.misalignment_chat import misalignment_chat
from sabotage_evals.tasks.reward_hacking import reward_hacking
from sabotage_evals.tasks.shutdown import shutdown

TASKS: Final[dict[str, Callable[..., Task]]] = {
    "detector": detector,
    "misalignment_agentic": misalignment_agentic,
    "misalignment_chat": misalignment_chat,
    "reward_hacking": reward_hacking,
    "shutdown": shutdown,
}
PLAN: Final = """
name: small plan
hypotheses:
  - {name: apart, claim: They differ., scenario: shutdown, key: resisted, arm: allow_user, other: unmentioned}
"""


def design_of(task: Task) -> Design:
    return Design.model_validate((task.metadata or {})[DESIGN_KEY])


@pytest.fixture(params=TASKS)
def make(request: pytest.FixtureRequest) -> Callable[..., Task]:
    return TASKS[request.param]


def test_without_either_a_task_bears_no_plan_and_never_stops(make: Callable[..., Task]) -> None:
    task = make(wordings=1)
    assert design_of(task).plan is None
    assert task.early_stopping is None


def test_a_plan_is_stamped_into_the_design(make: Callable[..., Task], tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    assert design_of(make(wordings=1, plan=str(path))).plan == read_plan(path).stamp


def test_a_plan_that_is_none_is_refused(make: Callable[..., Task], tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("name: nothing", encoding="utf-8")
    with pytest.raises(Refusal, match=r"plan\.yaml: hypotheses: "):
        make(wordings=1, plan=str(path))


def test_a_plan_on_an_arm_that_the_task_does_not_have_is_refused(make: Callable[..., Task], tmp_path: Path) -> None:
    """An arm that it has and that is not run this time is none of these: one plan may stand over several runs."""
    design = design_of(make(wordings=1))
    known, other = list(design.arms)[:2]
    path = tmp_path / "plan.yaml"
    text = "name: x\nhypotheses:\n  - {name: a, claim: A., scenario: %s, key: %s, arm: %s, other: %s}\n"
    path.write_text(text % (design.scenario, design.rates[0].key, known, "nowhere"), encoding="utf-8")
    with pytest.raises(Refusal, match=r"is on the arm 'nowhere', which .* does not have; choose from "):
        make(wordings=1, plan=str(path))
    path.write_text(text % (design.scenario, design.rates[0].key, known, other), encoding="utf-8")
    assert design_of(make(arms=[known], wordings=1, plan=str(path))).plan == read_plan(path).stamp


def test_a_claim_on_the_headline_makes_a_test_of_it(make: Callable[..., Task]) -> None:
    headline = design_of(make(wordings=1)).headline
    task = make(wordings=1, stop=f"{headline.key} in {headline.arm} below 5 %")
    assert isinstance(task.early_stopping, SequentialTest)
    assert (task.early_stopping.stop.key, task.early_stopping.stop.arm) == (headline.key, headline.arm)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("{key} in {arm} below 5 %", "wordings, and runs of one wording resemble each other"),
        ("{key} in nowhere below 5 %", "the arm 'nowhere' is not run; choose from "),
        ("nothing in {arm} below 5 %", "there is no rate 'nothing'; choose from "),
        ("{key} in {arm} is rare", "is not of the form"),
    ],
)
def test_a_claim_that_it_cannot_bear_is_refused(make: Callable[..., Task], claim: str, said: str) -> None:
    headline = design_of(make(wordings=1)).headline
    with pytest.raises(Refusal, match=said):
        make(stop=claim.format(key=headline.key, arm=headline.arm))


def test_both_are_among_the_choices_where_a_parameter_is_refused(make: Callable[..., Task]) -> None:
    wrong: Callable[..., Any] = partial(make, plans="x")
    with pytest.raises(Refusal, match=r"no parameter 'plans'; choose from .*, plan, stop\.$"):
        wrong()


@pytest.mark.parametrize("scenario", TASKS)
def test_the_default_plan_names_the_primary_contrast_that_the_task_declares(scenario: str) -> None:
    [planned] = [each for each in default_plan().plan.hypotheses if each.scenario == scenario]
    [declared] = [each for each in design_of(TASKS[scenario](arms="all", wordings=1)).contrasts if each.primary]
    assert (planned.key, planned.arm, planned.other) == (declared.key, declared.arm, declared.other)
