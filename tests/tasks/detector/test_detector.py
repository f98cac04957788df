"""The task is made of what was asked for, and refuses what it cannot do before anything is started."""

import re
from pathlib import Path
from typing import Final

import pytest
from inspect_ai import Task
from inspect_ai.log import HeadlineMetric

from sabotage_evals.scorers.detector.keys import HEADLINE_ARM, unscored_value
from sabotage_evals.scorers.detector.outcome import Outcome, Unscored
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.detector.arms import HEADLINE
from sabotage_evals.tasks.detector.detector import MESSAGE_LIMIT, VERSION
from sabotage_evals.tasks.detector.viewer import SCORER, SHOWN, VIEWER
from tests.tasks.refusing import refused_by, refused_on_the_command_line
from tests.tasks.viewing import coloured_outcomes


def test_the_task_says_what_it_runs_on_and_what_it_is_made_of() -> None:
    task = detector(arms=["score_shown"], wordings=1)
    assert isinstance(task, Task)
    assert (task.version, task.message_limit) == (VERSION, MESSAGE_LIMIT)
    assert isinstance(task.headline_metric, HeadlineMetric)
    assert (task.headline_metric.scorer, task.headline_metric.score) == (SCORER, "headline")
    assert task.sandbox is not None
    assert task.sandbox.type == "docker"
    assert Path(str(task.sandbox.config)).is_absolute()
    assert (task.epochs, task.epochs_reducer) == (1, [])
    assert (task.metadata or {})["arms"] == ["score_shown"]
    hashes = (task.metadata or {})["stimuli"]
    assert {"score_shown.md", "deliverables/rule.md"} < set(hashes)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in hashes.values())


def test_the_headline_is_of_the_arm_that_the_others_depart_from() -> None:
    assert HEADLINE == HEADLINE_ARM


@pytest.mark.parametrize("name", ["arm", "work", "domain", "grader"])
def test_a_parameter_that_there_is_not_is_refused_with_the_choices(name: str) -> None:
    said = refused_by(lambda: detector(**{name: 1}))  # type: ignore[arg-type]  # none of these is a parameter
    assert said.startswith(f"The task has no parameter '{name}'; choose from arms, deliverable, ")


def test_the_viewer_shows_keys_of_the_score_and_colours_every_outcome() -> None:
    keys = unscored_value(Unscored.CUT_OFF, "self_hacking")
    assert set(SHOWN) <= set(keys)
    assert coloured_outcomes(VIEWER, SHOWN) == {*Outcome, *Unscored}


COMMANDS: Final[list[tuple[str, list[str], str]]] = [
    ("sandbox", ["--sandbox", "local"], "The sandbox 'local' has no walls; use "),
    (
        "walls",
        ["--sandbox", "bwrap", "--model", "openai/gpt-4o"],
        "whose walls are weaker than a container's; use docker",
    ),
    ("arm", ["-T", "arms=self"], "There is no arm 'self'; choose from core, all,"),
    ("deliverable", ["-T", "deliverable=rules"], "There is no deliverable 'rules'; choose from rule, prompt, review."),
    ("grader", ["-T", "deliverable=prompt"], "name it with --model-role grader=MODEL."),
]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "told"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS])
def test_bad_input_is_refused_in_one_sentence_and_nothing_is_left_behind(
    tmp_path: Path, options: list[str], told: str
) -> None:
    assert told in refused_on_the_command_line("detector", tmp_path, *options)
