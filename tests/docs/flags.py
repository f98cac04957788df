"""Read from the code which flags it can set."""

import ast
import re
from collections.abc import Iterator


def is_flag(word: str) -> bool:
    """Whether a word is spelled as flags are; dots stand for what is filled in."""
    return bool(re.fullmatch(r"[a-z_]+…?", word))


def sets_flags(function: ast.FunctionDef) -> bool:
    """Whether a function returns words, or gives a verdict."""
    returned = ast.unparse(function.returns) if function.returns else ""
    calls = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return returned in {"str", "set[str]", "frozenset[str]", "list[str]"} or "_verdict" in calls


def words_set_in(tree: ast.Module) -> Iterator[str]:
    """Yield the words that such functions put into sets, dictionaries' keys and results: the flags.

    Words that are compared, searched for or passed on stand elsewhere in a tree, and are none.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and sets_flags(node)]
    for node in (node for function in functions for node in ast.walk(function)):
        match node:
            case ast.Set(elts=found) | ast.List(elts=found) | ast.Dict(keys=found):
                words = found
            case ast.Call(func=ast.Attribute(attr="add"), args=found):
                words = found
            case ast.Assign(value=found) | ast.Return(value=found) | ast.SetComp(elt=found):
                words = [found]
            case ast.IfExp(body=body, orelse=orelse):
                words = [body, orelse]
            case _:
                continue
        yield from map(_word, words)


def _word(node: ast.expr | None) -> str:
    """Return a word as it stands in the code, with dots for what is filled in; empty for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
