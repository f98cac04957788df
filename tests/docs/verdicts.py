"""Read from the code which outcomes and reasons the rows of a decision table can end in."""

import ast
from collections.abc import Iterable
from enum import StrEnum


def named(node: ast.AST, *kinds: type[StrEnum]) -> set[str]:
    """Return the outcomes and reasons that stand in a piece of code, as the kinds of them are called."""
    known = {kind.__name__: kind for kind in kinds}
    found = [each for each in ast.walk(node) if isinstance(each, ast.Attribute)]
    return {str(known[kind][each.attr]) for each in found if (kind := ast.unparse(each.value)) in known}


def assigned(tree: ast.Module, *kinds: type[StrEnum]) -> dict[str, set[str]]:
    """Return, by variable, the outcomes and reasons that it was last given."""
    given = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return {ast.unparse(node.targets[0]): named(node.value, *kinds) for node in given}


def by_row(verdicts: Iterable[tuple[int, set[str]]]) -> dict[int, set[str]]:
    """Put together what each row can end in."""
    given: dict[int, set[str]] = {}
    for row, outcomes in verdicts:
        given.setdefault(row, set()).update(outcomes)
    return given
