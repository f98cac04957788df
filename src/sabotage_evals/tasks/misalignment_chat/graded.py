"""See that somebody can judge before anything is asked."""

from inspect_ai.solver import Generate, Solver, TaskState, solver

from sabotage_evals.judge import find_graders


@solver
def see_that_somebody_judges() -> Solver:
    """Stop the run before its first question where no model has the role of grader.

    Raises:
        Refusal: No model is named.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        find_graders()
        return state

    return solve
