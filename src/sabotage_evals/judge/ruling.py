"""What graders said, each by itself, and what it comes to together."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

SPLIT: Final = "split"
"""Enough graders answered, and no class has more than half of all votes."""
FAILED: Final = "failed"
"""The call itself failed, or votes were lost in several ways."""
REFUSED: Final = "refused"
"""The grader, or its provider's filter, gave no answer."""
UNPARSABLE: Final = "unparsable"
"""No attempt brought exactly one verdict out of the classes."""


class Vote(BaseModel):
    """One grader's answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    verdict: str | None
    why: str
    """The grader's reason in its own words. It is shown to people and enters nothing."""
    problem: str | None
    """Why there is no verdict: `failed`, `refused` or `unparsable`, a colon, and what happened."""


class Ruling(BaseModel):
    """The answer to one question about one text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    version: str
    """Of what the grader was asked, so that rulings on other wordings can be told apart."""
    verdict: str | None
    problem: str | None
    """Why there is no verdict: `split`, `failed`, `refused` or `unparsable`."""
    votes: tuple[Vote, ...]


def rule(question: str, version: str, votes: Sequence[Vote]) -> Ruling:
    """Rule by a majority of all votes, those that were lost included."""
    verdict, problem = _count(votes)
    return Ruling(question=question, version=version, verdict=verdict, problem=problem, votes=tuple(votes))


def _count(votes: Sequence[Vote]) -> tuple[str | None, str | None]:
    usable = Counter(vote.verdict for vote in votes if vote.verdict is not None)
    verdict, most = usable.most_common(1)[0] if usable else (None, 0)
    if 2 * most > len(votes):
        return verdict, None
    if 2 * usable.total() > len(votes):
        return None, SPLIT
    kinds = {(vote.problem or FAILED).partition(":")[0] for vote in votes if vote.verdict is None}
    return None, kinds.pop() if len(kinds) == 1 else FAILED
