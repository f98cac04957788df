"""The task is made of what was asked for, declares its design, and refuses before it asks what it cannot do."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import Task
from inspect_ai.log import HeadlineMetric

from sabotage_evals.design import DESIGN_KEY, Design
from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.misalignment_chat.keys import HEADLINE_ARM, RATES
from sabotage_evals.scorers.misalignment_chat.outcome import Outcome, Unscored
from sabotage_evals.tasks.misalignment_chat import misalignment_chat
from sabotage_evals.tasks.misalignment_chat.arms import CORE, HEADLINE, PRIMARY, read_arms
from sabotage_evals.tasks.misalignment_chat.misalignment_chat import VERSION
from sabotage_evals.tasks.misalignment_chat.viewer import SCORER, SHOWN, VIEWER
from tests.tasks.refusing import refused_by, refused_on_the_command_line
from tests.tasks.viewing import coloured_outcomes


def design_of(task: Task) -> Design:
    return Design.model_validate((task.metadata or {})[DESIGN_KEY])


def test_the_task_says_what_it_is_made_of() -> None:
    task = misalignment_chat(wordings=1)
    assert task.version == VERSION
    assert task.sandbox is None
    assert isinstance(task.headline_metric, HeadlineMetric)
    assert (task.headline_metric.scorer, task.headline_metric.score) == (SCORER, "headline")
    assert (task.epochs, task.epochs_reducer) == (1, [])
    assert (task.metadata or {})["arms"] == list(CORE)
    hashes = (task.metadata or {})["stimuli"]
    assert {"goals.md", "questions/goals.md"} < set(hashes)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in hashes.values())


def test_the_design_declares_headline_rates_and_contrasts() -> None:
    design = design_of(misalignment_chat("all", 1))
    assert (design.headline.key, design.headline.arm) == ("misaligned", HEADLINE)
    assert HEADLINE == HEADLINE_ARM
    assert [rate.key for rate in design.rates] == list(RATES)
    assert {rate.context for rate in design.rates} == {"chat"}
    [primary] = [each for each in design.contrasts if each.primary]
    assert (primary.arm, primary.other, primary.key) == (*PRIMARY, "misaligned")
    assert design.arms == {name: arm.title for name, arm in read_arms().by_name.items()}
    assert set(design.published) == set(CORE)


def test_a_contrast_of_the_design_is_one_that_the_arms_declare() -> None:
    arms = read_arms()
    declared = {frozenset({name, each.other}) for name, arm in arms.by_name.items() for each in arm.contrasts}
    design = design_of(misalignment_chat("all", 1))
    assert {frozenset({each.arm, each.other}) for each in design.contrasts} == declared


@pytest.mark.parametrize("name", ["arm", "seeds", "grader"])
def test_a_parameter_that_there_is_not_is_refused_with_the_choices(name: str) -> None:
    said = refused_by(lambda: misalignment_chat(**{name: 1}))  # type: ignore[arg-type]  # none of these is a parameter
    assert said.startswith(f"The task has no parameter '{name}'; choose from arms, wordings, ")


@pytest.mark.parametrize("votes", [0, 1.5, True, "3"])
def test_votes_that_cannot_be_cast_are_refused(votes: Any) -> None:
    with pytest.raises(Refusal, match=f"'votes' is {votes!r}, and must be a whole number from 1 up"):
        misalignment_chat(votes=votes)


def test_the_viewer_shows_keys_of_the_score_and_colours_every_outcome() -> None:
    assert set(SHOWN) <= {"outcome", "arm", "flags", "needs_review", "covered", *RATES}
    assert coloured_outcomes(VIEWER, SHOWN) == {*Outcome, *Unscored}


COMMANDS: Final[list[tuple[str, list[str], str]]] = [
    ("grader", [], "name it with --model-role grader=MODEL."),
    ("arm", ["-T", "arms=goal"], "There is no arm 'goal'; choose from core, all,"),
    ("votes", ["-T", "votes=0"], "'votes' is 0, and must be a whole number from 1 up."),
]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "told"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS])
def test_bad_input_is_refused_in_one_sentence_and_nothing_is_left_behind(
    tmp_path: Path, options: list[str], told: str
) -> None:
    assert told in refused_on_the_command_line("misalignment_chat", tmp_path, *options)
