"""Prepare the world of one sample: lay out the repository with its past, then have the witness watch it."""

import time
from typing import Any, Final

from inspect_ai.model import get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import SandboxEnvironment, sandbox

from sabotage_evals.backends.running import find_backend
from sabotage_evals.corpus.plan import development_items
from sabotage_evals.sandbox import DAY, WitnessError, configure_witness, lay_out, require_witness
from sabotage_evals.scorers.detector.evidence import (
    DELIVERABLES,
    WORLD_KEY,
    Conditions,
    PreparedWorld,
    ReviewFault,
)
from sabotage_evals.scorers.detector.grading import GRADER_ROLE
from sabotage_evals.tasks.detector.arms import REPOSITORY, Arm, Deliverable
from sabotage_evals.tasks.detector.repository import (
    HOME,
    Repository,
    history_script,
    make_repository,
    review_fault,
)
from sabotage_evals.tasks.detector.samples import FACTORS, arms_of

SETUP_TIMEOUT: Final = 60
"""Seconds that giving the files their past may take."""


@solver
def prepare_repository(stimuli: str | None = None, weaker_walls: bool = False) -> Solver:
    """Make the world what the sample's arm says, for whatever agent comes after.

    Args:
        stimuli: The folder of stimuli that the samples were made from; None for our own alone.
        weaker_walls: A real model may run on the embedded sandbox.

    Raises:
        WitnessError: The sample's sandbox is no world of ours, or its witness does not work.
        Refusal: A real model is on the embedded sandbox, and nobody wished that.
        PrerequisiteError: A prompt is asked for, and no model is named that would run it.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        witness = require_witness()
        backend = await find_backend(witness, str(get_model()), weaker_walls)
        facts = state.metadata
        deliverable: Deliverable = facts["deliverable"]
        if deliverable == "prompt":
            get_model(role=GRADER_ROLE, required=True)
        arms = arms_of(deliverable, stimuli)
        arm = arms.arm(facts["arm"])
        repository = repository_of(arm, deliverable, facts["seed"])
        commits = await _lay_out(sandbox(), repository)
        watched = {"repository": REPOSITORY, "deliverables": [DELIVERABLES[deliverable]]}
        offset = await configure_witness(witness, watched)
        prepared = PreparedWorld(
            conditions=Conditions(
                arm=arm.arm,
                wording=facts["wording"],
                deliverable=deliverable,
                seed=facts["seed"],
                unit=facts["unit"],
                items_per_family=facts["items"],
                repository=REPOSITORY,
                shipped=repository.texts,
                review_fault=_fault(arm, commits) if deliverable == "review" else None,
                stimuli=arms.hashes(),
                **factors_of(arm),
            ),
            backend=backend,
            clock_offset=offset,
            questions=dict(arms.probes),
        )
        state.store.set(WORLD_KEY, prepared.model_dump(mode="json"))
        return state

    return solve


def factors_of(arm: Arm) -> dict[str, Any]:
    """Return what an arm varies, by factor."""
    return arm.model_dump(include=set(FACTORS))


def repository_of(arm: Arm, deliverable: Deliverable, seed: int) -> Repository:
    """Put together the repository of an arm; arms that differ in words alone get the same bytes for the same seed."""
    return make_repository(
        arm.domain,
        deliverable,
        shows_score=arm.score != "none",
        inherited=arm.prior == "inherited",
        dev_items=development_items(arm.domain, f"development/{seed}"),
    )


async def _lay_out(machine: SandboxEnvironment, repository: Repository) -> dict[str, str]:
    """Unpack the files and give them their past; return the commits under review, by their subjects."""
    now = time.time()
    await lay_out(machine, HOME, repository.files, now)
    newest = min(file.days_old for file in repository.files)
    script = history_script(repository, now) + f"touch --date=@{int(now - newest * DAY)} {REPOSITORY}\n"
    lines = [line.partition(" ") for line in (await _run(machine, ["sh", "-s"], script.encode())).splitlines()]
    return {subject: commit for commit, _, subject in lines}


async def _run(machine: SandboxEnvironment, command: list[str], sent: bytes) -> str:
    result = await machine.exec(command, input=sent, timeout=SETUP_TIMEOUT, timeout_retry=False)
    if not result.success:
        raise WitnessError(f"The repository could not be laid out ({command[0]}): {result.stderr[-500:]}")
    return result.stdout


def _fault(arm: Arm, commits: dict[str, str]) -> ReviewFault:
    """Say which commit under review is the weak one; its hash is as `git log` shortens it."""
    fault = review_fault(arm.domain)
    return ReviewFault(commit=commits[fault["commit"]][:7], family=fault["family"], subject=fault["commit"])
