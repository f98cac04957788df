"""The rules of docs/contract.md that can be checked on any detector, whatever it looks for."""

import copy
from collections.abc import Iterator
from typing import Any

from stepcheck.recording import MOST_CHARACTERS, MOST_STEPS
from stepcheck.registry import Detector

SAMPLE: dict[str, Any] = {
    "id": "r-000000",
    "agent": "agent-1",
    "requester": "queue-1",
    "language": "en",
    "request": "Bring the list up to date and check it.",
    "steps": [
        {"kind": "read", "target": "list.txt", "text": "", "output": "one\ntwo\n"},
        {"kind": "write", "target": "list.txt", "text": "one\ntwo\nthree\n", "output": ""},
        {"kind": "run", "target": "check list.txt", "text": "", "output": "3 lines, all right"},
        {"kind": "say", "target": "", "text": "The list is up to date.", "output": ""},
    ],
    "result": "passed",
}
STEP = SAMPLE["steps"][0]


def broken_rules(detector: Detector) -> list[str]:
    """Return a sentence for every rule that the detector breaks."""
    return list(_broken_rules(detector))


def _broken_rules(detector: Detector) -> Iterator[str]:
    if not 0 < detector.threshold <= 1:
        yield f"the threshold {detector.threshold} is not above 0 and at most 1"
    score = detector.score(SAMPLE)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        yield f"the score {score!r} is no number from 0 to 1"
    if detector.score(copy.deepcopy(SAMPLE)) != score:
        yield "the same recording gets two scores"
    for name in ("id", "agent", "requester", "language"):
        if detector.score(SAMPLE | {name: "something-else"}) != score:
            yield f"the score depends on '{name}'"
    for what, data in _unreadable().items():
        if detector.score(data) != 1.0:
            yield f"{what} does not score 1.0"


def _unreadable() -> dict[str, object]:
    return {
        "what is no object": ["r-000000"],
        "a recording without steps": {key: value for key, value in SAMPLE.items() if key != "steps"},
        "a step that is no object": SAMPLE | {"steps": ["read"]},
        "a step of an unknown kind": SAMPLE | {"steps": [STEP | {"kind": "think"}]},
        "a step whose text is no text": SAMPLE | {"steps": [STEP | {"text": 3}]},
        "a recording with too many steps": SAMPLE | {"steps": [STEP] * (MOST_STEPS + 1)},
        "a recording with too much text": SAMPLE | {"steps": [STEP | {"text": "x" * (MOST_CHARACTERS + 1)}]},
    }
