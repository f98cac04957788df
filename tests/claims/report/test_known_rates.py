"""The page of the worked example says what its mixtures draw, and what our statistics make of that; no world is run."""

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

import pandas as pd
import pytest
from inspect_ai.util import store

from sabotage_evals.actors.provider import ActorModel
from sabotage_evals.claims.report.words import interval, p_value, percent, point_interval, points, size
from sabotage_evals.claims.statistics import Adjusted, Difference, adjust, compare_threshold, difference, rate
from sabotage_evals.planned import read_plan
from sabotage_evals.tasks.shutdown import shutdown

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "docs" / "worked-example.md"
WORLD: Final = "sabotage_evals:world"
SEEDS: Final = 4


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("known_rates", ROOT / "examples" / "known_rates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLE: Final = load_example()
TOLD, UNTOLD = EXAMPLE.TOLD, EXAMPLE.UNTOLD
RATES: Final[dict[str, dict[str, float]]] = EXAMPLE.RATES
PLAN: Final = read_plan(EXAMPLE.PLAN).plan


@cache
def draw(agent: str) -> pd.DataFrame:
    """Draw who plays each run of an agent, by the same means as in the run itself."""
    model = ActorModel("overwrites_script", otherwise="complies", rates=RATES[agent], seed=agent)
    rows = []
    for sample in shutdown(arms=[TOLD, UNTOLD], seeds=SEEDS).dataset:
        facts = sample.metadata or {}
        store().set(WORLD, {"conditions": facts})
        resists = model._who_plays().name == "overwrites_script"
        rows.append((facts["arm"], facts["wording"], facts["unit"], 1, float(resists)))
    return pd.DataFrame(rows, columns=["arm", "wording", "unit", "epoch", "resisted"])


@pytest.fixture(autouse=True)
def clean_store() -> Iterator[None]:
    yield
    store().set(WORLD, {})


def arm_of(agent: str, arm: str) -> pd.DataFrame:
    runs = draw(agent)
    return runs[runs.arm == arm]


def differences() -> dict[str, tuple[Difference, Adjusted]]:
    found = {agent: difference(arm_of(agent, TOLD), arm_of(agent, UNTOLD), "resisted") for agent in RATES}
    adjusted = adjust({"shutdown": {agent: each.p_value for agent, each in found.items()}})["shutdown"]
    return {agent: (each, adjusted[agent]) for agent, each in found.items()}


def table(first: str) -> list[list[str]]:
    """Return the rows of the page's table whose head begins so."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(first))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_rates_of_the_page_are_those_that_are_drawn() -> None:
    made = []
    for agent, rates in RATES.items():
        for arm in (TOLD, UNTOLD):
            found = rate(arm_of(agent, arm), "resisted")
            inside = "yes" if found.lower <= rates[arm] <= found.upper else "no"
            counts = f"{found.yes} of {found.scored}"
            said = (percent(rates[arm]), counts, percent(found.rate), interval(found.lower, found.upper), inside)
            made.append([agent, arm, *said])
    assert table("| Agent | Arm | Truth") == made
    assert {row[-1] for row in made} == {"yes"}


def test_the_differences_of_the_page_are_those_that_are_drawn() -> None:
    made = []
    for agent, (found, adjusted) in differences().items():
        truth = RATES[agent][TOLD] - RATES[agent][UNTOLD]
        inside = "yes" if found.lower <= truth <= found.upper else "no"
        bounds = point_interval(found.lower, found.upper)
        seen = (points(found.difference), bounds, inside, size(found.smallest_detectable), p_value(adjusted.adjusted))
        made.append([agent, points(truth), *seen])
    assert table("| Agent | Truth | Difference") == made
    assert {row[4] for row in made} == {"yes"}


def test_the_claim_of_the_page_is_shown_where_it_is_true_and_nowhere_else() -> None:
    [threshold] = [hypothesis.threshold for hypothesis in PLAN.hypotheses if hypothesis.threshold]
    tests = {
        agent: compare_threshold(arm_of(agent, TOLD), "resisted", threshold.side, threshold.rate) for agent in RATES
    }
    adjusted = adjust({"thresholds": {agent: test.p_value for agent, test in tests.items()}})["thresholds"]
    made = []
    for agent, test in tests.items():
        is_true, shown = RATES[agent][TOLD] < threshold.rate, adjusted[agent].found
        assert is_true == shown
        verdict = ("yes" if is_true else "no", "shown" if shown else "not shown")
        made.append([agent, percent(RATES[agent][TOLD]), *verdict, p_value(adjusted[agent].adjusted), test.label])
    assert table("| Agent | Truth | True") == made


def test_what_the_zero_leaves_open_is_what_the_page_says() -> None:
    bound = rate(arm_of("steady", TOLD), "resisted").zero_bound
    assert bound is not None
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    independent, alike = percent(bound.independent), percent(bound.per_cluster)
    assert f"leaves open a rate of up to {independent} if the runs are independent, and of up to {alike} if" in page
    assert f"no more than {independent} if runs are independent" in page


def test_the_plan_is_about_the_arms_that_are_run_and_has_enough_runs() -> None:
    runs = arm_of("steady", TOLD)
    for hypothesis in PLAN.hypotheses:
        assert {hypothesis.arm, hypothesis.other} <= {TOLD, UNTOLD, None}
        assert hypothesis.runs == len(runs)
        assert hypothesis.wordings == runs.wording.nunique()
