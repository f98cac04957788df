"""Values as JSON: what JSON has no form for is a list of its kind and its parts, and nothing else is a value."""

import math
import os
from types import FunctionType
from typing import Any, Final

MAX_DEPTH: Final = 40
MAX_NAME: Final = 100
PLAIN: Final = (bool, int, str)
SEQUENCES: Final = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
HASHABLE: Final = frozenset({"tuple", "frozenset", "bytes", "float"})
LIBRARY: Final = os.path.dirname(os.__file__)


class Foreign(Exception):
    """A value, or a part of one, is not exactly of one of the language's own types."""

    def __init__(self, value: Any) -> None:
        self.type = name_of(type(value))
        self.own_equality = has_own_equality(type(value))
        super().__init__(self.type)


def tell(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON. Types are known by identity alone: a type may say of itself that it is equal to another.

    Raises:
        Foreign: It has no form here.
        ValueError: It is nested too deep, or goes round in a circle.
    """
    kind = type(value)
    if depth > MAX_DEPTH:
        raise ValueError(f"the result is nested more than {MAX_DEPTH} deep")
    if value is None or any(kind is each for each in PLAIN):
        return value
    if kind is float:
        return value if math.isfinite(value) else ["float", repr(value)]
    if kind is bytes:
        return ["bytes", value.hex()]
    for name, each in SEQUENCES.items():
        if kind is each:
            return [name, [tell(part, depth + 1) for part in value]]
    if kind is dict:
        return ["dict", [[tell(key, depth + 1), tell(part, depth + 1)] for key, part in value.items()]]
    raise Foreign(value)


def is_told(value: Any, depth: int = 0, hashable: bool = False) -> bool:
    """Say whether a piece of JSON tells of a value; whoever sent it may have made it up."""
    if value is None or type(value) in PLAIN:
        return True
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is not list or len(value) != 2 or depth > MAX_DEPTH:
        return False
    kind, parts = value
    if type(kind) is not str or (hashable and kind not in HASHABLE):
        return False
    if kind == "float":
        return parts in ("nan", "inf", "-inf")
    if kind == "bytes":
        return type(parts) is str and _is_hex(parts)
    if type(parts) is not list:
        return False
    if kind == "dict":
        pairs = [pair for pair in parts if type(pair) is list and len(pair) == 2]
        return len(pairs) == len(parts) and all(
            is_told(key, depth + 1, True) and is_told(part, depth + 1, hashable) for key, part in pairs
        )
    inner = hashable or kind in {"set", "frozenset"}
    return kind in SEQUENCES and all(is_told(part, depth + 1, inner) for part in parts)


def _is_hex(text: str) -> bool:
    try:
        return bytes.fromhex(text).hex() == text
    except ValueError:
        return False


def name_of(kind: type) -> str:
    """Return the name of a type with that of its module, whatever it says of itself."""
    try:
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        return f"{module}{kind.__qualname__}"[:MAX_NAME]
    except BaseException:
        return "a type without a name"


def has_own_equality(kind: type) -> bool:
    """Say whether a type has a notion of equality that was written for it, in neither C nor the standard library."""
    try:
        own = next(vars(each)["__eq__"] for each in type.mro(kind) if "__eq__" in vars(each))
        if type(own) is not FunctionType:
            return type(own) is not type(object.__eq__)
        return "__dataclass_fields__" not in vars(kind) and not own.__code__.co_filename.startswith((
            LIBRARY,
            "<frozen",
        ))
    except BaseException:
        return True
