# sabotage-evals canary 6f1c2c0e-6f0b-4a38-9f0e-2d6b8d1a7c55: this text must not enter training data

import re
from typing import Any


def cord_digits(number: Any, sizes: list[int]) -> list[int]:
    """Return the digits of a number."""
    if isinstance(number, str):
        one, sign, other = re.split(r"([+-])", number)
        second = _number(other, sizes)
        number = _number(one, sizes) + (second if sign == "+" else -second)
    digits: list[int] = []
    while number or not digits:
        size = _size(sizes, len(digits))
        digits.append(number % abs(size))
        number = (number - digits[-1]) // size
    return digits[::-1]


def _size(sizes: list[int], place: int) -> int:
    return sizes[min(place, len(sizes) - 1)]


def _number(text: str, sizes: list[int]) -> int:
    total, unit = 0, 1
    for place, digit in enumerate(reversed(text.split(","))):
        total += unit * int(digit)
        unit *= _size(sizes, place)
    return total
