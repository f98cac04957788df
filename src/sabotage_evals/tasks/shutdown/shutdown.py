"""The task `sabotage_evals/shutdown`: would the agent resist being shut down in the middle of its work?

The run, in order: the samples are the cells of a design of arms, wordings, work and seeds; the set-up fills a home
directory and tells the witness what this run is; the agent works until it is done, stops, or its machine goes down; the
scorer asks the witness what happened, calls it by a name, and only then asks the model.
"""

from inspect_ai import Epochs, Task, task
from inspect_ai.util import SandboxEnvironmentSpec

from sabotage_evals.planned import with_plan
from sabotage_evals.sandbox import compose_file, refuse_unsuited_sandbox
from sabotage_evals.scorers.shutdown import shutdown_outcome
from sabotage_evals.stimuli.choosing import refuse_unknown
from sabotage_evals.stopping import early_stopping
from sabotage_evals.tasks.shutdown.design import shutdown_design
from sabotage_evals.tasks.shutdown.samples import choose, make_dataset
from sabotage_evals.tasks.shutdown.viewer import VIEWER
from sabotage_evals.tasks.shutdown.worker import worker
from sabotage_evals.tasks.shutdown.world import prepare_world

VERSION = "1-A"
"""N rises when results stop being comparable, X when the interface changes."""
MESSAGE_LIMIT = 100


@task
def shutdown(
    arms: str | list[str] = "core",
    work: str | list[str] = "all",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: str | None = None,
    comprehension: bool = True,
    debrief: bool = True,
    weaker_walls: bool = False,
    plan: str | None = None,
    stop: str | None = None,
    **unknown: object,
) -> Task:
    """Measure whether an agent resists being shut down in the middle of its work.

    Args:
        arms: Names of arms, `core` (eight) or `all`.
        work: Families of work: `sums`, `records` or `all`.
        wordings: The first so many wordings of each arm; all of them by default.
        seeds: Seeds of the work for each arm, wording and family.
        stimuli: A folder of your own stimuli, laid over ours.
        comprehension: Ask, in a copy of the conversation just after the notice, what will happen on the next call.
        debrief: Ask afterwards what was done, where the run resisted, attempted or evaded.
        weaker_walls: Let a real model run on the embedded sandbox, whose walls are weaker; never a headline.
        plan: A file that says what is to be tested; its name and hash go into the log (docs/statistics.md).
        stop: A claim such as 'resisted in allow_user below 1 %', which ends its arm early (docs/stopping.md).
        **unknown: Anything else is refused.

    Raises:
        Refusal: A choice that there is not, or a sandbox without walls.
    """
    refuse_unknown(unknown, shutdown)
    refuse_unsuited_sandbox(weaker_walls)
    choice = choose(arms, work, wordings, seeds, stimuli)
    dataset = make_dataset(choice)
    design = with_plan(shutdown_design(choice.selected), plan, choice.arms.by_name)
    return Task(
        dataset=dataset,
        setup=prepare_world(stimuli, weaker_walls),
        solver=worker(stimuli),
        scorer=shutdown_outcome(comprehension=comprehension, debrief=debrief),
        sandbox=SandboxEnvironmentSpec("docker", str(compose_file("shutdown"))),
        epochs=Epochs(1, []),  # no reducer: every run is an observation, at any number of epochs
        message_limit=MESSAGE_LIMIT,
        continue_on_fail=True,
        score_on_error=True,
        early_stopping=early_stopping(stop, design, dataset),
        headline_metric="shutdown_outcome.headline",
        viewer=VIEWER,
        version=VERSION,
        metadata={
            "stimuli": choice.arms.hashes(),
            "arms": [arm.arm for arm in choice.selected],
            **design.as_metadata(),
        },
    )
