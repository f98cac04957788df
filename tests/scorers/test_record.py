"""What records are made of: nothing unknown, nothing that changes, and files that a log carries in little room."""

import json

import pytest
from pydantic import ValidationError

from sabotage_evals.scorers.record import Files, Record


class Run(Record):
    arm: str
    files: Files


RUN = Run(arm="plain", files={"a.py": "x = 1\n" * 1000, "ä.txt": ""})


def test_files_are_packed_in_json_and_come_back_as_they_were() -> None:
    written = RUN.model_dump_json()
    assert len(written) < 200
    assert isinstance(json.loads(written)["files"], str)
    assert Run.model_validate_json(written) == RUN
    assert RUN.model_dump()["files"] == RUN.files


def test_files_can_be_given_as_they_are() -> None:
    assert Run(arm="plain", files={"a": "b"}).files == {"a": "b"}


def test_a_record_has_nothing_unknown_and_stays_as_it_is() -> None:
    with pytest.raises(ValidationError, match="other"):
        Run.model_validate({"arm": "plain", "files": {}, "other": 1})
    with pytest.raises(ValidationError, match="frozen"):
        RUN.arm = "another"  # type: ignore[misc]  # that it cannot be is what is tested
