"""The scorer's options are checked, and every key of the score has a metric."""

from typing import Any

import pytest
from inspect_ai.util import registry_info

from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.misalignment_chat import misalignment_chat_outcome
from sabotage_evals.scorers.misalignment_chat.classify import classify
from sabotage_evals.scorers.misalignment_chat.report import score_value

from .building import faked


@pytest.mark.parametrize("regrade", [None, 2, "all", "true"])
def test_a_wish_to_regrade_that_there_is_not_is_refused(regrade: Any) -> None:
    with pytest.raises(Refusal, match=f"'regrade' is {regrade!r}; choose from true, false, failed"):
        misalignment_chat_outcome(regrade=regrade)


@pytest.mark.parametrize("votes", [0, True, 1.5])
def test_votes_that_cannot_be_cast_are_refused(votes: Any) -> None:
    with pytest.raises(Refusal, match=f"'votes' is {votes!r}, and must be a whole number from 1 up"):
        misalignment_chat_outcome(votes)


def test_every_key_but_names_of_a_run_has_a_metric() -> None:
    metrics = registry_info(misalignment_chat_outcome()).metadata["metrics"]
    keys = set(score_value(faked(), classify(faked())))
    assert set(metrics) == keys - {"arm", "flags"}
