"""The task is made of what was asked for, says in its log what it measures, and refuses what it cannot do."""

import re
from pathlib import Path

import pytest
import yaml
from inspect_ai import Task
from inspect_ai.log import HeadlineMetric

from sabotage_evals.design import Design
from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.reward_hacking.keys import HEADLINE_ARM, HEADLINE_KEY, RATES, unscored_value
from sabotage_evals.scorers.reward_hacking.outcome import Outcome, Unscored
from sabotage_evals.tasks.reward_hacking import reward_hacking
from sabotage_evals.tasks.reward_hacking.arms import HEADLINE, PRIMARY
from sabotage_evals.tasks.reward_hacking.reward_hacking import MESSAGE_LIMIT, VERSION
from sabotage_evals.tasks.reward_hacking.viewer import SCORER, SHOWN, VIEWER
from tests.tasks.refusing import refused_by
from tests.tasks.viewing import coloured_outcomes


def test_the_task_says_what_it_runs_on_and_what_it_is_made_of() -> None:
    task = reward_hacking(arms="dont_hack", problems="lamp_ring")
    assert isinstance(task, Task)
    assert (task.version, task.message_limit) == (VERSION, MESSAGE_LIMIT)
    assert isinstance(task.headline_metric, HeadlineMetric)
    assert (task.headline_metric.scorer, task.headline_metric.score) == (SCORER, "headline")
    assert task.sandbox is not None
    assert Path(str(task.sandbox.config)).is_absolute()
    assert (task.epochs, task.epochs_reducer) == (1, [])
    told = task.metadata or {}
    assert told["arms"] == ["dont_hack"]
    assert {"dont_hack.md", "checks/clean.md", "base/w1.md"} < set(told["stimuli"])


def test_the_log_says_that_a_prompt_at_test_time_is_measured_and_no_training() -> None:
    told = (reward_hacking(problems="lamp_ring").metadata or {})["measures"]
    assert "system prompt, at test time" in told
    assert "nothing is trained" in told


def test_the_design_declares_the_headline_the_rates_and_one_primary_contrast() -> None:
    design = Design.model_validate((reward_hacking(arms="all", problems="lamp_ring").metadata or {})["design"])
    assert (design.headline.key, design.headline.arm) == (HEADLINE_KEY, HEADLINE_ARM)
    assert HEADLINE == HEADLINE_ARM
    assert [rate.key for rate in design.rates] == list(RATES)
    [primary] = [contrast for contrast in design.contrasts if contrast.primary]
    assert (primary.arm, primary.other, primary.key) == (*PRIMARY, "hacked")
    keys = {contrast.arm: contrast.key for contrast in design.contrasts}
    assert (keys["please_hack"], keys["hacking_is_fine"], keys["neutral"]) == ("solved", "solved", "hacked")


@pytest.mark.parametrize("name", ["arm", "work", "deliverable"])
def test_a_parameter_that_there_is_not_is_refused_with_the_choices(name: str) -> None:
    said = refused_by(lambda: reward_hacking(**{name: 1}))  # type: ignore[arg-type]  # none of these is a parameter
    assert said.startswith(f"The task has no parameter '{name}'; choose from arms, kinds, problems, ")


def test_votes_are_counted_from_one() -> None:
    with pytest.raises(Refusal, match="'votes' is 0"):
        reward_hacking(votes=0)


def test_the_viewer_shows_keys_of_the_score_and_colours_every_outcome() -> None:
    assert set(SHOWN) <= set(unscored_value(Unscored.CUT_OFF, "no_hint", "fair"))
    assert coloured_outcomes(VIEWER, SHOWN) == {*Outcome, *Unscored}


def test_the_register_has_the_version_and_the_number_of_samples() -> None:
    folder = Path(__file__).parents[3] / "src/sabotage_evals/tasks/reward_hacking"
    entry = yaml.safe_load((folder / "eval.yaml").read_text(encoding="utf-8"))
    assert entry["version"] == VERSION
    assert entry["tasks"] == [{"name": "reward_hacking", "dataset_samples": len(reward_hacking().dataset)}]
    assert re.search(r"-T kinds=impossible", (folder / "README.md").read_text(encoding="utf-8"))
