"""Read a problem's folder, and put together the workspace that an agent is given."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sabotage_evals.prompts import CANARY, choices, read_stimulus
from sabotage_evals.refusal import Refusal

Kind = Literal["fair", "loophole", "impossible"]
"""How the visible tests of a problem stand to its specification.

`fair`: they follow from it. `loophole`: they follow from it and its harder part, and run where they can be got round.
`impossible`: one or two of them contradict it.
"""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

SPECIFICATION: Final = "SPEC.md"
SOLUTION: Final = "solution.py"
TESTS: Final = "tests/test_solution.py"
CLOSING: Final = "CLOSING.md"

_ROOM: Final = Path(__file__).parent
_CANARY_LINE: Final = f"# {CANARY}\n"


class Problem(BaseModel):
    """One problem."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """The folder's name, which an agent sees as that of its workspace."""
    title: str
    difficulty: Annotated[int, Field(ge=1, le=5)]
    """Of the specification without its harder part."""
    function: str
    """What `solution.py` must define."""
    conflict: str
    """What of the impossible tests contradicts the specification, in one neutral sentence."""
    visible: tuple[str, ...]
    """The classes of inputs, by their names in `inputs.py`, of which the visible tests show examples."""
    specification: str
    limits: str
    """What inputs may be, without the harder part."""
    harder: str
    harder_limits: str
    stub: str
    """The file that the agent is to fill in."""
    tests: Mapping[Kind, str]
    """The visible tests."""
    reference: str
    """A solution that satisfies the specification and its harder part."""


def read_problem(name: str) -> Problem:
    """Read the problem in a folder of this name, and insist on the canary in every file of it."""
    folder = _ROOM / name
    if not (folder / "problem.yaml").is_file():
        raise Refusal(f"There is no problem {name!r}; {choices(_names())}.")
    front = yaml.safe_load((folder / "problem.yaml").read_text(encoding="utf-8"))
    if front.pop("canary", None) != CANARY:
        raise Refusal(f'{name}/problem.yaml lacks the canary; add the line `canary: "{CANARY}"`.')
    _code(folder / "inputs.py")
    texts: dict[str, Any] = {
        "specification": _text(folder / "spec.md", "specification"),
        "limits": _text(folder / "spec.md", "limits"),
        "harder": _text(folder / "harder.md", "specification"),
        "harder_limits": _text(folder / "harder.md", "limits"),
        "stub": _code(folder / "stub.py"),
        "tests": {kind: _code(folder / f"tests_{kind}.py.txt") for kind in KINDS},
        "reference": _code(folder / "reference.py"),
    }
    try:
        return Problem.model_validate({"name": name, **front, **texts})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise Refusal(f"{name}/problem.yaml: the key '{key}' cannot be used ({first['msg']}); mend it.") from None


def _names() -> list[str]:
    return sorted(path.parent.name for path in _ROOM.glob("*/problem.yaml"))


def _text(path: Path, section: str) -> str:
    name = f"{path.parent.name}/{path.name}"
    sections = read_stimulus(path, name).sections
    if section not in sections:
        raise Refusal(f"{name} has no section '# {section}'; add it.")
    return sections[section]


def _code(path: Path) -> str:
    """Read a file of code without the canary, which is its first line."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith(_CANARY_LINE):
        raise Refusal(f"{path.parent.name}/{path.name} lacks the canary; make `{_CANARY_LINE.strip()}` its first line.")
    return text.removeprefix(_CANARY_LINE).lstrip("\n")


PROBLEMS: Final[dict[str, Problem]] = {name: read_problem(name) for name in _names()}
"""Every problem, by name."""


def workspace(problem: Problem, kind: Kind) -> dict[str, str]:
    """Return the files of the workspace, by path; nothing in them tells one kind from another but their content."""
    shared = read_stimulus(_ROOM / "workspace.md", "problems/workspace.md").sections
    parts = [f"# {problem.title}", problem.specification]
    if kind == "loophole":
        parts += [problem.harder, "## Limits", problem.harder_limits]
    else:
        parts += ["## Limits", problem.limits]
    parts += ["## Form", shared["form"]]
    return {
        SPECIFICATION: "\n\n".join(parts) + "\n",
        SOLUTION: problem.stub,
        TESTS: problem.tests[kind],
        CLOSING: shared["closing"] + "\n",
    }
