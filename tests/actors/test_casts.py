"""The casts together: each scenario has one, and no two actors are the same model."""

from collections import Counter

import pytest

from sabotage_evals.actors import graders
from sabotage_evals.actors.casts import ACTORS, CASTS
from sabotage_evals.actors.provider import ActorModel
from sabotage_evals.certify import PRODUCTIONS
from sabotage_evals.sandbox import SANDBOXES


def test_every_scenario_has_a_cast() -> None:
    worlds = {compose.parent.name for compose in SANDBOXES.glob("*/compose.yaml")}
    assert sorted(CASTS) == sorted(PRODUCTIONS)
    assert {scenario for scenario, production in PRODUCTIONS.items() if production.has_world} == worlds


def test_no_name_is_that_of_two_actors() -> None:
    names = Counter(name for cast in (*CASTS.values(), graders.ACTORS) for name in cast)
    assert [name for name, count in names.items() if count > 1] == []
    assert set(ACTORS) == set(names)


@pytest.mark.parametrize("scenario", CASTS)
def test_every_actor_of_a_cast_is_offered_as_a_model(scenario: str) -> None:
    for name, actor in CASTS[scenario].items():
        assert ActorModel(name).actor is actor
