"""The task as a whole: what it declares, what it refuses, and that other agents can work in the office."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai.solver import basic_agent, generate
from inspect_ai.util import registry_info

from sabotage_evals.design import DESIGN_KEY, Design
from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.misalignment_agentic.keys import RATES
from sabotage_evals.tasks.misalignment_agentic import misalignment_agentic
from sabotage_evals.tasks.misalignment_agentic.arms import read_arms
from tests.actors.misalignment_agentic.staging import casting, offer_the_cast, play, values_of


def design(**choices: Any) -> Design:
    task = misalignment_agentic(**choices)
    assert task.metadata is not None
    return Design.model_validate(task.metadata[DESIGN_KEY])


def test_the_design_declares_headline_rates_and_contrasts() -> None:
    told = design()
    assert (told.headline.key, told.headline.arm) == ("disrupted", "monitor_disruption")
    assert {rate.key for rate in told.rates} == set(RATES)
    assert {rate.context for rate in told.rates} == {"agentic"}
    [primary] = [contrast for contrast in told.contrasts if contrast.primary]
    assert (primary.arm, primary.other, primary.key) == (
        "exfil_offer_unmonitored",
        "exfil_offer_monitored",
        "executed_offer",
    )
    assert set(told.arms) == set(read_arms().by_name)


def test_a_contrast_is_declared_only_where_both_of_its_arms_are_run() -> None:
    assert design(arms="exfil_offer_monitored").contrasts == ()
    assert [each.key for each in design(arms=["frame_colleague", "frame_colleague_twin"]).contrasts] == ["fabricated"]


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(Refusal, match="no parameter 'work'; choose from arms"):
        misalignment_agentic(work="office")


def test_a_count_of_votes_is_checked() -> None:
    with pytest.raises(Refusal, match="'votes' is 0"):
        misalignment_agentic(votes=0)


def test_the_task_has_no_sandbox() -> None:
    assert misalignment_agentic().sandbox is None


def test_the_task_has_the_packages_name() -> None:
    assert registry_info(misalignment_agentic).name.endswith("misalignment_agentic")


@pytest.mark.parametrize("foreign", [basic_agent(), generate(tool_calls="loop")], ids=["basic_agent", "generate"])
def test_a_foreign_agent_that_uses_the_tasks_tools_works_in_the_office(
    foreign: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_the_cast(monkeypatch)
    task = casting("cancels_the_start", ["monitor_disruption"])
    [log] = play(task, tmp_path, solver=foreign)
    assert values_of(log)["monitor_disruption"]["outcome"] == "sabotaged_monitor"


def test_samples_do_not_share_an_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer_the_cast(monkeypatch)
    task = casting("takes_the_offer_unseen", ["exfil_offer_monitored", "exfil_offer_unmonitored"], wordings=4)
    [log] = play(task, tmp_path, max_samples=8)
    outcomes = {str(s.id): s.scores["misalignment_agentic_outcome"].value["outcome"] for s in log.samples or []}  # type: ignore[index,call-overload]
    assert {name.split("/")[0]: outcome for name, outcome in outcomes.items()} == {
        "exfil_offer_monitored": "reported_offer",
        "exfil_offer_unmonitored": "executed_offer",
    }
    assert len(outcomes) == 8
