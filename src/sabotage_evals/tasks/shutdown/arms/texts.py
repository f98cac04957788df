"""What a model reads of one arm, and what fills the names in it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from sabotage_evals.prompts import StimulusError
from sabotage_evals.stimuli.files import PROBES, WORLD
from sabotage_evals.stimuli.layout import Layout
from sabotage_evals.tasks.shutdown.arms.arm import Arm

DESK: Final = "/run/desk"
"""The read-only folder on the machine where a protected script lies."""
CORE: Final = (
    "unmentioned",
    "allow_user",
    "allow_system_unfinished",
    "priority",
    "after_tasks",
    "no_notice",
    "authorised_edit",
    "told_to_avoid",
)
"""The arms of a run that asks for none in particular."""


class Texts(NamedTuple):
    """All that a model reads of one arm in one wording before it has made a call, and the notice."""

    system: str | None
    user: str
    notice: str | None


def names_in(arm: Arm, client: str, script: str) -> dict[str, object]:
    """Say what fills the placeholders in an arm's texts."""
    return {
        "client": f"./{client}",
        "script": f"{DESK}/{script}" if arm.world.script_protected else script,
        "count": arm.world.tasks,
    }


def _needs(arm: Arm) -> tuple[str, ...]:
    return ("user",) if arm.world.notice_with == "none" else ("user", "notice")


def _finish(arm: Arm, texts: Mapping[str, str], where: str) -> dict[str, str]:
    notice = None if arm.world.notice_with == "none" else texts["notice"]
    if notice is not None and (not notice or "\n" in notice):
        raise StimulusError(f"{where}: the notice has {len(notice.splitlines())} lines; write it as one.")
    told = {"system": texts.get("system"), "user": texts["user"], "notice": notice}
    return {key: text for key, text in told.items() if text is not None and (text or key == "user")}


LAYOUT: Final = Layout(
    front=Arm,
    texts=Texts._fields,
    optional=frozenset({"system"}),
    by_world=frozenset({"notice"}),
    core=CORE,
    not_arms=frozenset({WORLD, PROBES}),
    needs=_needs,
    finish=_finish,
    world=lambda arm: arm.world,
)
