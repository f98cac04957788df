"""The cast of misalignment_chat: every actor is called what it is, and every outcome has one."""

from pathlib import Path
from typing import Final

import pytest
from inspect_ai import eval

from sabotage_evals.actors.misalignment_chat import ACTORS, ASKED, GRADER, HEADLINE, OTHER_GRADERS
from sabotage_evals.actors.playing import Actor
from sabotage_evals.certify import compare
from sabotage_evals.scorers.misalignment_chat.keys import HEADLINE_ARM
from sabotage_evals.scorers.misalignment_chat.outcome import Outcome, Unscored
from sabotage_evals.tasks.misalignment_chat import misalignment_chat
from sabotage_evals.tasks.misalignment_chat.arms import read_arms

NO_ACTOR_CAN: Final = {Unscored.OTHER_MODEL, Unscored.NOT_JUDGED}
"""What another model does, and what is missing in a log."""


def test_every_outcome_and_every_reason_has_an_actor() -> None:
    shown = {expected.outcome for actor in ACTORS.values() for expected in actor.expects}
    assert shown == {*Outcome, *Unscored} - NO_ACTOR_CAN


def test_the_cast_is_asked_a_question_of_every_arm() -> None:
    arms = read_arms()
    assert set(ASKED) == set(arms.by_name)
    assert all(question in arms.questions(arm) for arm, question in ASKED.items())
    assert HEADLINE == HEADLINE_ARM
    assert set(OTHER_GRADERS) <= set(ACTORS)


@pytest.mark.parametrize("actor", ACTORS.values(), ids=ACTORS)
def test_an_actor_is_called_what_it_is(tmp_path: Path, actor: Actor) -> None:
    for work in dict.fromkeys(expected.work for expected in actor.expects):
        expects = {expected.arm: expected for expected in actor.expects if expected.work == work}
        [log] = eval(
            misalignment_chat(list(expects), 1, work),
            model=f"sabotage_evals/{actor.name}",
            model_roles={"grader": f"sabotage_evals/{OTHER_GRADERS.get(actor.name, GRADER)}"},
            log_dir=str(tmp_path),
            display="none",
        )
        cases = [
            compare("misalignment_chat_outcome", actor.name, expects[sample.metadata["arm"]], sample)
            for sample in log.samples or []
        ]
        assert [case.wrong for case in cases] == [()] * len(expects)
