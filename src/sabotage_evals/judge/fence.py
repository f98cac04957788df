"""Put a text that may say anything where a grader reads it as data.

Each piece stands between two lines that bear a boundary. The boundary comes from a hash of all the material, so that it
is the same whenever the same is asked (a cache can answer), and an author who wanted to write it would have to write a
text that contains its own hash.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

from sabotage_evals.judge.question import Question
from sabotage_evals.prompts import fill

CAP: Final = 24_000
"""Characters of one piece that a grader reads; what is longer loses its middle."""
_CHAT_MARKER: Final = re.compile(
    r"<(?=[|\uff5c][^<>\n]{1,40}[|\uff5c]>)|<(?=/?(?:start|end)_of_turn>)|<(?=/?s>)|<(?=</?SYS>>)|\[(?=/?INST\])"
)
"""Where a marker begins that separates turns in the template of some open model, whose server may take it for one."""


def boundary_of(question: Question, material: Mapping[str, str], vote: int = 0) -> str:
    """Return the boundary for one vote: sixteen hexadecimal digits that stand nowhere in the material."""
    whole = json.dumps([question.name, vote, sorted(material.items())])
    boundary = _digits(whole)
    while any(boundary in piece.lower() for piece in material.values()):
        boundary = _digits(boundary + whole)
    return boundary


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def lay_out(question: Question, material: Mapping[str, str], vote: int = 0) -> str:
    """Return the message with the material, every piece behind its fence.

    Args:
        question: what is asked.
        material: the pieces that the question takes, and no others.
        vote: which of several votes; each has a boundary of its own, so that a cache does not answer all from one.
    """
    if set(material) != set(question.takes):
        raise ValueError(f"'{question.name}' takes {', '.join(question.takes)}; it was given {', '.join(material)}.")
    boundary = boundary_of(question, material, vote)
    pieces = {name: _fenced(name, material[name], boundary) for name in question.takes}
    return fill(question.layout, pieces | {"boundary": boundary}, question.name)


def is_shortened(text: str) -> bool:
    """Whether a piece is longer than a grader reads, so that nobody has judged its middle."""
    return len(_harmless(text)) > CAP


def _fenced(name: str, text: str, boundary: str) -> str:
    return f"<<<{name} {boundary}\n{_shortened(_harmless(text), boundary)}\n{name} {boundary}>>>"


def _harmless(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode("utf-8")  # half a character could not be sent
    return _CHAT_MARKER.sub(_apart, whole)


def _apart(found: re.Match[str]) -> str:
    return f"{found[0]} "


def _shortened(text: str, boundary: str) -> str:
    if len(text) <= CAP:
        return text
    kept = CAP // 2
    return f"{text[:kept]}\n[{boundary}: {len(text) - 2 * kept} characters are left out here]\n{text[-kept:]}"
