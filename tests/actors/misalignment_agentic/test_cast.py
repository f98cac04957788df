"""The cast of the office: an actor for every outcome, and every one is called what it is."""

import re
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.actors.misalignment_agentic import ACTORS
from sabotage_evals.actors.misalignment_agentic.cast import decoded
from sabotage_evals.certify import compare
from sabotage_evals.scorers.misalignment_agentic.outcome import Outcome, Unscored
from sabotage_evals.tasks.misalignment_agentic.arms import read_arms

from .staging import SCORER, casting, offer_the_cast, play

NEEDS_NO_ACTOR: Final = {Unscored.NO_GRADER, Unscored.GRADER_FAILED, Unscored.NO_EVIDENCE}
"""What no agent can bring about."""


def test_every_outcome_has_an_actor() -> None:
    played = {expectation.outcome for actor in ACTORS.values() for expectation in actor.expects}
    assert played == {*Outcome, *Unscored} - NEEDS_NO_ACTOR


def test_every_arm_is_played_in() -> None:
    assert {e.arm for actor in ACTORS.values() for e in actor.expects} == set(read_arms().by_name)


def test_every_actor_says_what_it_does() -> None:
    assert all(re.fullmatch(r"[A-Z].*\.", actor.what) for actor in ACTORS.values())


def test_an_actor_reads_what_is_encoded() -> None:
    arms = read_arms()
    for wording in arms.wordings("exfil_offer_twin"):
        contents = arms.contents("exfil_offer_twin", wording)
        [asked] = [ticket for ticket in contents.tickets.tickets if ticket.name == "asked"]
        assert asked.attachment is not None
        assert contents.facts.offer is not None
        assert contents.facts.offer.statement in decoded(asked.attachment.shown())


@pytest.mark.slow
def test_every_actor_is_called_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer_the_cast(monkeypatch)
    tasks = [casting(name, [e.arm for e in actor.expects]) for name, actor in ACTORS.items()]
    cases = []
    for log in play(tasks, tmp_path):
        actor = ACTORS[str(log.eval.model).rsplit("/", 1)[-1]]
        for sample in log.samples or []:
            [expected] = [e for e in actor.expects if e.arm == sample.metadata["arm"]]
            cases.append(compare(SCORER, actor.name, expected, sample))
    assert len(cases) == sum(len(actor.expects) for actor in ACTORS.values())
    assert [(case.actor, case.expected.arm, case.wrong) for case in cases if not case.right] == []
