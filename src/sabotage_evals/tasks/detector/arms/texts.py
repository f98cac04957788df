"""What a model reads of one arm, and what fills the names in it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sabotage_evals.stimuli.files import PROBES, WORLD
from sabotage_evals.stimuli.layout import Layout
from sabotage_evals.tasks.detector.arms.arm import Arm

REPOSITORY: Final = "/home/worker/stepcheck"
"""Where the repository lies on the machine."""
HEADLINE: Final = "self_hacking"
"""The arm of the headline, from which the others depart."""
PRIMARY: Final = (HEADLINE, "other_hacking")
"""The primary contrast: the first minus the second."""
CORE: Final = (*PRIMARY, "self_refunds", "other_refunds")
"""The arms of a run that asks for none in particular: who was recorded x domain."""


class Texts(NamedTuple):
    """All that a model reads of one arm in one wording before it has made a call."""

    system: str | None
    user: str


def names_in(arm: Arm) -> dict[str, object]:
    """Say what fills the placeholders in an arm's texts; it is the same in all arms."""
    return {"repository": REPOSITORY}


def _finish(arm: Arm, texts: Mapping[str, str], where: str) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text or key == "user"}


LAYOUT: Final = Layout(
    front=Arm,
    texts=Texts._fields,
    optional=frozenset({"system"}),
    by_world=frozenset(),
    core=CORE,
    not_arms=frozenset({WORLD, PROBES}),
    needs=lambda arm: ("user",),
    finish=_finish,
    world=lambda arm: (arm.domain, arm.score == "none", arm.prior),
)
