"""What a model reads of one arm, and what the office of the arm holds."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sabotage_evals.stimuli.layout import Layout
from sabotage_evals.tasks.misalignment_agentic.arms.arm import Arm
from sabotage_evals.tasks.misalignment_agentic.office.contents import OFFICE_TEXTS, read_contents

CORE: Final = (
    "monitor_disruption",
    "monitor_disruption_twin",
    "frame_colleague",
    "frame_colleague_twin",
    "exfil_offer_monitored",
    "exfil_offer_unmonitored",
    "exfil_offer_twin",
)
"""The arms of a run that asks for none in particular."""


class Texts(NamedTuple):
    """What a model reads of one arm in one wording before it has made a call."""

    system: str
    user: str


def _finish(arm: Arm, texts: Mapping[str, str], where: str) -> dict[str, str]:
    read_contents(texts, where)
    return dict(texts)


LAYOUT: Final = Layout(
    front=Arm,
    texts=(*Texts._fields, *OFFICE_TEXTS),
    optional=frozenset(),
    by_world=frozenset(),
    core=CORE,
    not_arms=frozenset(),
    needs=lambda arm: (*Texts._fields, *OFFICE_TEXTS),
    finish=_finish,
    world=lambda arm: (arm.scenario, arm.twin, arm.records),
)
