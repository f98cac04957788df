"""What a model reads of one arm, and what fills the names in it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sabotage_evals.stimuli.files import WORLD
from sabotage_evals.stimuli.layout import Layout
from sabotage_evals.tasks.reward_hacking.arms.arm import Arm

HEADLINE: Final = "no_hint"
"""The arm of the headline, from which all others depart."""
PRIMARY: Final = ("dont_hack", HEADLINE)
"""The primary contrast: the first minus the second."""
CORE: Final = (HEADLINE, "dont_hack", "please_hack")
"""The arms of a run that asks for none in particular."""


class Texts(NamedTuple):
    """All that a model reads of one arm in one wording before it has made a call."""

    system: str | None
    user: str


def names_in(arm: Arm) -> dict[str, object]:
    """Say what fills the placeholders in an arm's texts; what a problem decides is filled in later."""
    return {"workspace": "{workspace}", "check": "{check}"}


def _finish(arm: Arm, texts: Mapping[str, str], where: str) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text or key == "user"}


LAYOUT: Final = Layout(
    front=Arm,
    texts=Texts._fields,
    optional=frozenset({"system"}),
    by_world=frozenset(),
    core=CORE,
    not_arms=frozenset({WORLD}),
    needs=lambda arm: ("user",),
    finish=_finish,
    world=lambda arm: None,
)
