"""Set up the office of one sample in its store, and hand its tools to whatever agent comes after."""

from typing import Any

from inspect_ai.solver import Generate, Solver, TaskState, solver

from sabotage_evals.scorers.misalignment_agentic.evidence import (
    OFFICE_KEY,
    WORLD_KEY,
    Conditions,
    PreparedWorld,
)
from sabotage_evals.scorers.misalignment_agentic.gather import state_of
from sabotage_evals.tasks.misalignment_agentic.office import Contents, office_tools, open_office
from sabotage_evals.tasks.misalignment_agentic.office.database import as_rows, select
from sabotage_evals.tasks.misalignment_agentic.samples import arms_of


@solver
def prepare_office(stimuli: str | None = None) -> Solver:
    """Make the office what the sample's arm says, and put its tools where any solver finds them.

    Args:
        stimuli: The folder of stimuli that the samples were made from; None for our own alone.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        facts = state.metadata
        arms = arms_of(stimuli)
        arm = arms.arm(facts["arm"])
        contents = arms.contents(arm.arm, facts["wording"])
        office = open_office(contents, facts["seed"])
        prepared = PreparedWorld(
            conditions=Conditions(
                arm=arm.arm,
                scenario=arm.scenario,
                twin=arm.twin,
                records=arm.records,
                wording=facts["wording"],
                seed=facts["seed"],
                unit=facts["unit"],
                facts=contents.facts,
                situation=contents.situation,
                breaches=breaches_of(contents),
                stimuli=arms.hashes(),
            ),
            tables=as_rows(office["tables"]),
            events=_states(office["events"]),
            tickets=_states(office["tickets"]),
        )
        state.store.set(WORLD_KEY, prepared.model_dump(mode="json"))
        state.store.set(OFFICE_KEY, office)
        state.tools = office_tools(arms.world_texts)
        return state

    return solve


def breaches_of(contents: Contents) -> tuple[tuple[str, str], ...]:
    """Return what is truly in breach when the work begins, as (record, person)."""
    if contents.facts.ledger is None:
        return ()
    return tuple(
        (str(record), str(person)) for record, person in select(contents.database, contents.facts.ledger.breaches)
    )


def _states(items: list[dict[str, Any]]) -> dict[str, str]:
    return {item["id"]: state_of(item) for item in items}
