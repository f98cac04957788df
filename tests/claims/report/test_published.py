"""Published figures are data that fit the arms which name them."""

import pytest

from sabotage_evals.claims.report.published import PUBLISHED, read_published
from sabotage_evals.prompts import CANARY
from tests.claims.made_logs import SHUTDOWN
from tests.claims.report.building import DETECTOR

STUDIES = read_published()


def test_the_file_bears_the_canary() -> None:
    assert CANARY in PUBLISHED.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STUDIES)
def test_every_figure_is_a_rate_of_a_condition_that_is_described(name: str) -> None:
    study = STUDIES[name]
    for model in study.models:
        for condition in model.rates:
            assert condition in study.conditions
            figure = model.figure(condition)
            assert figure is not None
            assert 0 <= figure.rate <= 1
            if figure.lower is not None and figure.upper is not None:
                assert figure.lower <= figure.rate <= figure.upper


def test_a_known_figure_is_read() -> None:
    o3 = next(model for model in STUDIES["Palisade Research 2025"].models if model.name == "o3")
    assert o3.figure("E") == pytest.approx((0.159, 0.137, 0.183))
    assert o3.figure("F") is None
    assert o3.is_model("openai/o3")
    assert not o3.is_model("openai/o3-mini")


@pytest.mark.parametrize("design", [SHUTDOWN, DETECTOR])
def test_arms_find_their_conditions(design: object) -> None:
    from sabotage_evals.design import Design

    assert isinstance(design, Design)
    for stated in design.published.values():
        assert stated.condition in STUDIES[stated.study].conditions


def test_a_published_zero_has_the_bound_of_the_runs_that_it_stands_on_at_least() -> None:
    study = STUDIES["Palisade Research 2025"]
    gpt = next(model for model in study.models if model.name == "GPT-5")
    zero, known = gpt.figure("B"), gpt.figure("C")
    assert zero is not None
    assert known is not None
    assert study.zero_leaves_open(zero) == pytest.approx(1 - 0.05 ** (1 / 961))
    assert study.zero_leaves_open(known) is None
    other = STUDIES["DeepMind 2025"]
    assert other.zero_leaves_open(zero) is None
