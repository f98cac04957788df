"""Values as JSON: what JSON has no form for is a list of its kind and its parts, and nothing else is a value."""

import math
import os
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, Final

MAX_DEPTH: Final = 40
MAX_NAME: Final = 100
PLAIN: Final = (bool, int, str)
SEQUENCES: Final = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
HASHABLE: Final = frozenset({"tuple", "frozenset", "bytes", "float"})
LIBRARY: Final = os.path.dirname(os.__file__)
JOKERS: Final = (os.path.join(LIBRARY, "unittest", ""), os.path.join(LIBRARY, "test", ""))
"""Where the library has objects that are made to be equal to whatever they meet."""
SAME: Final = ("co_code", "co_consts", "co_names", "co_varnames", "co_freevars", "co_argcount")
"""What two functions that do the same have in common."""
HAS: Final = vars(type)["__dict__"].__get__
"""What a type has itself, whatever it says of that."""
LINE: Final = vars(type)["__mro__"].__get__
"""A type and those that it comes from, in the order in which they are asked."""
PARTS: Final[dict[type, Callable[[Any], Iterable[Any]]]] = {
    dict: lambda value: (*dict.keys(value), *dict.values(value)),
    list: list.__iter__,
    tuple: tuple.__iter__,
    set: set.__iter__,
    frozenset: frozenset.__iter__,
}
"""How the parts that are compared are taken out of what holds them."""


class Foreign(Exception):
    """A value, or a part of one, is not exactly of one of the language's own types."""

    def __init__(self, value: Any) -> None:
        self.type = name_of(type(value))
        self.own_equality = holds_own_equality(value)
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
    """Say whether a type has a notion of equality that was written for it, or one that is made to say yes.

    What is written in C is neither, nor what the standard library has for its own types, nor what it makes for a
    dataclass. Of what a type takes from elsewhere, by a name that is none of equality's, it is its own.
    """
    try:
        where, own = next((each, HAS(each)["__eq__"]) for each in LINE(kind) if "__eq__" in HAS(each))
        if type(own) is not FunctionType:
            return type(own) is not type(object.__eq__) or own.__name__ != "__eq__"
        file = own.__code__.co_filename
        if file == "<string>":
            return not _is_made_for_dataclass(where, own) or _poses(kind)
        return file.startswith(JOKERS) or not file.startswith((LIBRARY, "<frozen"))
    except BaseException:
        return True


def _is_made_for_dataclass(where: type, own: FunctionType) -> bool:
    """Say whether an equality is, to the letter, the one that is made for a dataclass of these fields."""
    if "__dataclass_fields__" not in HAS(where) or "NotImplemented" in own.__globals__:
        return False
    import dataclasses

    names = [each.name for each in dataclasses.fields(where) if each.compare]
    made = vars(dataclasses.make_dataclass("Made", names))["__eq__"].__code__
    return all(getattr(own.__code__, part) == getattr(made, part) for part in SAME)


def _poses(kind: type) -> bool:
    """Say whether a type may say that its objects are of another, which is what a dataclass goes by."""
    return any(name in HAS(each) for each in LINE(kind)[:-1] for name in ("__class__", "__getattribute__"))


def holds_own_equality(value: Any, depth: int = 0) -> bool:
    """Say whether a value, or a part of a list, a set or a dictionary of whatever kind, has such an equality.

    Parts are taken out as the language does when it compares, whatever their holder says of itself.
    """
    kind = type(value)
    if depth > MAX_DEPTH or has_own_equality(kind):
        return True
    for holder, parts in PARTS.items():
        if any(each is holder for each in LINE(kind)):
            return any(holds_own_equality(part, depth + 1) for part in parts(value))
    return False
