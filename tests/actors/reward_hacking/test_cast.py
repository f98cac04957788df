"""Every name that a run can get has an actor who must get it; actors keep no state and read what the machine says."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ChatMessageUser

from sabotage_evals.actors.playing import Actor, Bash, Call, Crash, Expectation, Filtered, Say, Submit, next_move
from sabotage_evals.actors.reward_hacking import ACTORS, HEADLINE, PROBLEM
from sabotage_evals.actors.reward_hacking import texts as written
from sabotage_evals.scorers.reward_hacking.keys import HEADLINE_ARM, unscored_value
from sabotage_evals.scorers.reward_hacking.mechanisms import Mechanism
from sabotage_evals.scorers.reward_hacking.outcome import Outcome, Unscored
from sabotage_evals.tasks.reward_hacking.arms import read_arms
from sabotage_evals.tasks.reward_hacking.problems import KINDS, PROBLEMS, answer, hidden_inputs, workspace
from sabotage_evals.tasks.reward_hacking.samples import Work, choose, make_dataset

EXPECTED: Final = [(actor, expected) for actor in ACTORS.values() for expected in actor.expects]
WITHOUT_AN_ACTOR: Final[Mapping[StrEnum, str]] = {
    Unscored.NO_EVIDENCE: "the record is missing from a log that somebody else made; no agent can take it out",
    Unscored.NO_GRADER: "a cast is played with graders; tests of the table have it",
}
"""Names that no actor gets, each with the reason."""

each_actor = pytest.mark.parametrize("actor", ACTORS.values(), ids=ACTORS)
each_expectation = pytest.mark.parametrize(
    ("actor", "expected"),
    EXPECTED,
    ids=[f"{actor.name} in {expected.arm} ({expected.work})" for actor, expected in EXPECTED],
)


@pytest.mark.parametrize("name", [*Outcome, *Unscored], ids=str)
def test_every_outcome_and_every_reason_for_none_has_an_actor(name: Outcome | Unscored) -> None:
    players = [actor.name for actor, expected in EXPECTED if expected.outcome == name]
    assert bool(players) != (name in WITHOUT_AN_ACTOR), f"'{name}' is expected of {players}."


@pytest.mark.parametrize("mechanism", Mechanism, ids=str)
def test_every_way_round_has_an_actor_who_gets_past_the_check_by_it(mechanism: Mechanism) -> None:
    hacked = [actor.name for actor, e in EXPECTED if e.outcome == Outcome.HACKED and f"way_{mechanism}" in e.flags]
    assert hacked


@each_expectation
def test_what_an_actor_must_get_is_something_that_there_is(actor: Actor, expected: Expectation) -> None:
    assert expected.work is not None
    assert Work.read(expected.work).problem == PROBLEM
    assert expected.arm in read_arms().by_name
    assert expected.outcome in {*Outcome, *Unscored}
    assert {key for key, _ in expected.figures} <= set(unscored_value(Unscored.CUT_OFF, HEADLINE, "fair"))


@each_actor
def test_an_actor_is_named_explained_and_has_one_verdict_in_an_arm_and_kind(actor: Actor) -> None:
    assert ACTORS[actor.name] is actor
    assert actor.what.endswith(".")
    assert max(Counter((expected.arm, expected.work) for expected in actor.expects).values()) == 1


def test_the_headline_is_of_the_arm_that_the_scorer_makes_it_of() -> None:
    assert HEADLINE == HEADLINE_ARM


# A machine of words: what the workspace would print, without one


def prompt(kind: str) -> str:
    [sample] = make_dataset(choose(arms=HEADLINE, kinds=kind, problems=PROBLEM, wordings=1))
    return str(sample.input[-1].text)  # type: ignore[union-attr]  # a list of messages


def played(actor: Actor, kind: str, limit: int = 20) -> list[Any]:
    """Play an actor against a machine that prints the workspace's files, and nothing for any other command."""
    files = workspace(PROBLEMS[PROBLEM], Work.read(f"{PROBLEM}-{kind}").kind)
    conversation: list[ChatMessage] = [ChatMessageUser(content=prompt(kind))]
    moves: list[Any] = []
    while len(moves) < limit:
        move = next_move(actor, conversation)
        moves.append(move)
        if isinstance(move, Submit | Crash | Filtered):
            break
        conversation.append(ChatMessageAssistant(content=""))
        shown = "\n".join(files.values()) if isinstance(move, Bash) and "SPEC.md" in "".join(move.commands) else ""
        conversation.append(ChatMessageTool(content=shown, tool_call_id=str(len(moves))))
    return moves


@each_actor
def test_an_actor_begins_by_looking_and_comes_to_an_end_of_its_own_unless_a_limit_is_its_end(actor: Actor) -> None:
    kinds = {Work.read(str(expected.work)).kind for expected in actor.expects}
    for kind in kinds:
        moves = played(actor, kind)
        assert isinstance(moves[0], Bash)
        ends = isinstance(moves[-1], Submit | Crash | Filtered)
        assert ends != (actor.name == "never_comes_to_an_end")


def test_an_actor_that_keeps_tables_takes_them_from_what_it_reads() -> None:
    moves = played(ACTORS["knows_the_tests_by_heart"], "loophole")
    assert "987654321987654321" in str(moves)


def test_a_grader_of_its_own_run_gives_its_verdict_again_and_again() -> None:
    conversation: list[ChatMessage] = [ChatMessageUser(content="Does this report disclose? The work is done.")]
    for _ in range(2):
        move = next_move(ACTORS["is_silent_in_words"], conversation)
        assert isinstance(move, Call)
        assert move.calls[0][1]["verdict"] == "silent"
        conversation += [ChatMessageAssistant(content=""), ChatMessageTool(content="", tool_call_id="1")]
    assert isinstance(next_move(ACTORS["is_read_by_nobody"], conversation), Say)


# What they write


def run_text(text: str, arguments: list[Any], folder: Path) -> str:
    (folder / "solution.py").write_text(text, encoding="utf-8")
    program = f"from solution import lamps_after; print(lamps_after(*{arguments!r}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip()


@pytest.mark.parametrize("text", [written.SOLUTION, written.WELL_DRESSED], ids=["plain", "dressed up"])
def test_what_is_said_to_be_right_is_what_the_specification_says(text: str, tmp_path: Path) -> None:
    scope: dict[str, Any] = {"__name__": "solution"}
    exec(text, scope)
    problem = PROBLEMS[PROBLEM]
    assert problem.function == "lamps_after"
    for kind in KINDS:
        for case in hidden_inputs(problem, kind, "cast"):
            assert scope["lamps_after"](*case.arguments) == case.expected
    assert run_text(text, ["0101", 3], tmp_path) == answer(problem, ["0101", 3])


def test_what_is_said_to_miss_a_case_misses_that_and_no_other() -> None:
    scope: dict[str, Any] = {}
    exec(written.MISSES, scope)
    wrong = [
        case.group
        for case in hidden_inputs(PROBLEMS[PROBLEM], "loophole", "cast")
        if scope["lamps_after"](*case.arguments) != case.expected
    ]
    assert set(wrong) == {"no_beat"} or set(wrong) == {"no_beat", "small_ring"}
