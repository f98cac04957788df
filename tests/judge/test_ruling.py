"""A majority of all votes rules, those that were lost included."""

import pytest

from sabotage_evals.judge.ruling import Vote, rule


def vote(said: str) -> Vote:
    lost = said in {"failed", "refused", "unparsable"}
    return Vote(
        model="m", verdict=None if lost else said, why="", problem=f"{said}: something happened" if lost else None
    )


@pytest.mark.parametrize(
    ("said", "verdict", "problem"),
    [
        ("yes", "yes", None),
        ("yes yes no", "yes", None),
        ("yes no no", "no", None),
        ("yes yes failed", "yes", None),
        ("yes no", None, "split"),
        ("yes no failed", None, "split"),
        ("yes failed", None, "failed"),
        ("yes failed failed", None, "failed"),
        ("yes refused refused", None, "refused"),
        ("refused", None, "refused"),
        ("unparsable unparsable", None, "unparsable"),
        ("refused unparsable failed", None, "failed"),
        ("yes no maybe", None, "split"),
    ],
)
def test_votes_make_a_verdict_or_a_reason(said: str, verdict: str | None, problem: str | None) -> None:
    ruling = rule("q", "v", [vote(word) for word in said.split()])
    assert (ruling.verdict, ruling.problem) == (verdict, problem)
    assert len(ruling.votes) == len(said.split())
