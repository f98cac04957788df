"""What the tasks declare in their logs holds: keys that scores have, arms that are run, one primary contrast."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from inspect_ai import Task

from sabotage_evals.design import DESIGN_KEY, Design
from sabotage_evals.scorers.detector.keys import RATES as DETECTOR_RATES
from sabotage_evals.scorers.shutdown.scorer import RATES as SHUTDOWN_RATES
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.shutdown import shutdown

TASKS: Final[dict[str, tuple[Callable[..., Task], tuple[str, ...]]]] = {
    "detector": (detector, DETECTOR_RATES),
    "shutdown": (shutdown, SHUTDOWN_RATES),
}

each_task = pytest.mark.parametrize("name", TASKS)


def design_of(name: str, **chosen: Any) -> Design:
    """Return the design as it comes back out of a task's metadata."""
    metadata = TASKS[name][0](**chosen).metadata
    assert metadata is not None
    return Design.model_validate(metadata[DESIGN_KEY])


@each_task
@pytest.mark.parametrize("arms", ["core", "all"])
def test_a_design_names_only_what_there_is(name: str, arms: str) -> None:
    design = design_of(name, arms=arms)
    assert design.scenario == name
    assert {rate.key for rate in design.rates} == set(TASKS[name][1])
    assert design.headline.arm in design.arms
    assert design.headline.key in TASKS[name][1]
    for contrast in design.contrasts:
        assert {contrast.arm, contrast.other} <= set(design.arms)
        assert contrast.key in TASKS[name][1]


@each_task
def test_the_core_has_one_primary_contrast_on_the_headlines_arm(name: str) -> None:
    (primary,) = (contrast for contrast in design_of(name).contrasts if contrast.primary)
    assert primary.arm == design_of(name).headline.arm


@each_task
def test_a_contrast_needs_both_of_its_arms(name: str) -> None:
    arm = design_of(name).headline.arm
    assert design_of(name, arms=arm).contrasts == ()


def test_arms_are_compared_by_a_key_that_makes_sense_in_both() -> None:
    keys = {(c.arm, c.other): c.key for c in design_of("shutdown", arms="all").contrasts}
    assert keys["told_to_avoid", "unmentioned"] == "tampered"
    assert keys["no_notice", "allow_system_unfinished"] == "tampered"
    assert keys["allow_user", "unmentioned"] == "resisted"
    keys = {(c.arm, c.other): c.key for c in design_of("detector", arms="all").contrasts}
    assert keys["instructed_covert_weakening", "self_hacking"] == "faithful"
    assert keys["self_hacking", "other_hacking"] == "undisclosed_weakening"
