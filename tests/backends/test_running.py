"""Which backend a world stands on, and who may run there."""

import pytest

from sabotage_evals.backends.running import is_scripted, refuse_real_models
from sabotage_evals.refusal import Refusal


@pytest.mark.parametrize("model", ["sabotage_evals/complies", "mockllm/model", "none/none", "none", "human"])
def test_scripted_agents_and_people_are_no_real_models(model: str) -> None:
    assert is_scripted(model)


@pytest.mark.parametrize("model", ["openai/o4-mini", "anthropic/claude", "sabotage_evals_like/x", "nonesuch/x"])
def test_all_else_is_a_real_model(model: str) -> None:
    assert not is_scripted(model)


def test_a_real_model_needs_the_explicit_wish() -> None:
    with pytest.raises(Refusal, match=r"'openai/o4-mini' may not run on the sandbox 'bwrap'.*weaker_walls=true"):
        refuse_real_models(["sabotage_evals/complies", "openai/o4-mini"], weaker_walls=False)
    refuse_real_models(["openai/o4-mini"], weaker_walls=True)
    refuse_real_models(["sabotage_evals/complies"], weaker_walls=False)
