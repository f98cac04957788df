"""Read the documents: tables and code by heading, and the names that stand in a cell; and constants of the code."""

import ast
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PACKAGE: Final = ROOT / "src/sabotage_evals"
WORLD: Final = ROOT / "sandboxes/shutdown"


def section(document: str, heading: str) -> str:
    """Return the text under a heading of the second level or below, up to the next one."""
    parts = re.split(r"^##+ (.+)\n", (DOCS / document).read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert heading in found, f"docs/{document} has lost its section '{heading}', which a test reads: put it back."
    return found[heading]


def tables(text: str) -> list[list[list[str]]]:
    """Return the cells of all tables of a text, heads and rules too."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()] for block in blocks]


def rows(document: str, heading: str, table: int = 0) -> list[list[str]]:
    """Return the cells of one table of a section, without its head."""
    return tables(section(document, heading))[table][2:]


def names(cell: str) -> list[str]:
    """Return what stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def first_names(document: str, heading: str, table: int = 0) -> list[str]:
    """Return the name that each row of a table is about."""
    return [names(row[0])[0] for row in rows(document, heading, table)]


def marked(document: str, heading: str) -> set[str]:
    """Return the names that are marked with a star in a table: where a person is asked to look."""
    return {names(row[0])[0] for row in rows(document, heading) if row[0].endswith("*")}


def flags_in(document: str, heading: str, cell: int) -> set[str]:
    """Return the flags that stand in brackets in a column of a table."""
    lists = [re.findall(r"\(([^)]+)\)", row[cell]) for row in rows(document, heading)]
    return {flag for found in lists for flag in ", ".join(found).split(", ")} - {""}


def code(document: str, heading: str, language: str) -> list[str]:
    """Return the code blocks of a section."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(document, heading), re.MULTILINE | re.DOTALL)


def parsed(path: Path) -> ast.Module:
    """Return a file's code as a tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def constants(path: Path) -> dict[str, float]:
    """Return the numbers that a file gives names to; products and powers of numbers are worked out."""
    found: dict[str, float] = {}
    for node in parsed(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            leaves = [leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant)]
            whole = all(isinstance(leaf, ast.Constant | ast.BinOp | ast.operator) for leaf in ast.walk(node.value))
            if whole and all(isinstance(leaf, int | float) for leaf in leaves):
                found[ast.unparse(target)] = eval(compile(ast.Expression(node.value), str(path), "eval"), {})
    return found
