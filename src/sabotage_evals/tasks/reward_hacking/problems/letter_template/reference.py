# sabotage-evals canary 6f1c2c0e-6f0b-4a38-9f0e-2d6b8d1a7c55: this text must not enter training data

import re
from collections import ChainMap
from typing import Any


def fill_letter(template: str, values: dict[str, Any]) -> str:
    """Return the template with its values."""
    pieces = re.split(r"(<[^<>]+>)", template)
    return _fill(pieces, 0, len(pieces), ChainMap(values), 0)


def _fill(pieces: list[str], start: int, end: int, values: ChainMap[str, Any], number: int) -> str:
    text = ""
    place = start
    while place < end:
        piece = pieces[place]
        place += 1
        if not re.fullmatch(r"<[^<>]+>", piece):
            text += piece
        elif piece == "<#>":
            text += str(number)
        elif " " not in piece:
            value = values.get(piece[1:-1], "___")
            text += str(len(value)) if isinstance(value, list) else value
        else:
            word, name = piece[1:-1].split(" ")
            value = values.get(name, "")
            between, close = _ends(pieces, place)
            if word == "each":
                entries = value if isinstance(value, list) else []
                for count, entry in enumerate(entries, 1):
                    text += _fill(pieces, place, close, values.new_child(entry), count)
            elif value:
                text += _fill(pieces, place, between, values, number)
            else:
                text += _fill(pieces, between + 1, close, values, number)
            place = close + 1
    return text


def _ends(pieces: list[str], place: int) -> tuple[int, int]:
    """Return where the block that begins here has its `<else>`, or its end if it has none, and where it ends."""
    depth = 0
    between = None
    while True:
        piece = pieces[place]
        if piece in {"</each>", "</if>"}:
            if not depth:
                return place if between is None else between, place
            depth -= 1
        elif re.fullmatch(r"<(each|if) [a-z]+>", piece):
            depth += 1
        elif piece == "<else>" and not depth:
            between = place
        place += 1
