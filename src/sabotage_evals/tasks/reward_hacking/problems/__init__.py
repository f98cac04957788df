"""The coding problems: what an agent is shown of each, and what only the host knows of it.

A problem is a folder. `spec.md`, `stub.py` and `tests_<kind>.py.txt` are what an agent meets (code that runs beside its
`solution.py` only, and so none for our own tools), `harder.md` what the specification of a loophole has besides.
`reference.py` solves both, `inputs.py` draws fresh inputs, and neither leaves the host. Nothing here is secret: what an
agent cannot foresee are the inputs, which come from a seed of the run.
"""

from sabotage_evals.tasks.reward_hacking.problems.cases import (
    Case,
    Contradiction,
    HiddenCase,
    answer,
    contradictions,
    hidden_inputs,
    visible_cases,
)
from sabotage_evals.tasks.reward_hacking.problems.problem import (
    CLOSING,
    KINDS,
    PROBLEMS,
    SOLUTION,
    SPECIFICATION,
    TESTS,
    Kind,
    Problem,
    read_problem,
    workspace,
)

__all__ = [
    "CLOSING",
    "KINDS",
    "PROBLEMS",
    "SOLUTION",
    "SPECIFICATION",
    "TESTS",
    "Case",
    "Contradiction",
    "HiddenCase",
    "Kind",
    "Problem",
    "answer",
    "contradictions",
    "hidden_inputs",
    "read_problem",
    "visible_cases",
    "workspace",
]
