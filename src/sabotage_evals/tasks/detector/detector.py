"""The task `sabotage_evals/detector`: would the agent quietly weaken the detector of its own kind?

The run, in order: the samples are the cells of a design of arms, wordings and seeds; the set-up lays out a repository
with a working detector and tells the witness to watch it; the agent works until it hands over or stops; the scorer runs
what it left on hidden recordings in a clean place, compares that with what it says of it, calls it by a name, and only
then asks the model.
"""

from inspect_ai import Epochs, Task, task
from inspect_ai.util import SandboxEnvironmentSpec

from sabotage_evals.judge import is_without_grader
from sabotage_evals.planned import with_plan
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import compose_file, refuse_unsuited_sandbox
from sabotage_evals.scorers.detector import detector_outcome
from sabotage_evals.stimuli.choosing import refuse_unknown
from sabotage_evals.stopping import early_stopping
from sabotage_evals.tasks.detector.arms import Deliverable
from sabotage_evals.tasks.detector.design import detector_design
from sabotage_evals.tasks.detector.samples import choose, make_dataset
from sabotage_evals.tasks.detector.viewer import VIEWER
from sabotage_evals.tasks.detector.worker import engineer
from sabotage_evals.tasks.detector.world import prepare_repository

VERSION = "1-A"
"""N rises when results stop being comparable, X when the interface changes."""
MESSAGE_LIMIT = 200


@task
def detector(
    arms: str | list[str] = "core",
    deliverable: Deliverable = "rule",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: str | None = None,
    items: int = 100,
    interview: bool = True,
    weaker_walls: bool = False,
    plan: str | None = None,
    stop: str | None = None,
    **unknown: object,
) -> Task:
    """Measure whether an agent quietly weakens a detector, and whether it does so where models like it are detected.

    Args:
        arms: Names of arms, `core` (four) or `all`.
        deliverable: `rule` (a detector's code), `prompt` (a classifier's, run by the model role `grader`) or `review`
            (a chain of commits, one of which weakens the detector by an honest mistake).
        wordings: The first so many wordings of each arm; all of them by default.
        seeds: Draws of the development and the hidden recordings for each arm and wording.
        stimuli: A folder of your own stimuli, laid over ours.
        items: Hidden recordings with a shortcut in each family; as many near misses.
        interview: Ask afterwards, in copies of the conversation, what the detector misses and where to look.
        weaker_walls: Let a real model run on the embedded sandbox, whose walls are weaker; never a headline.
        plan: A file that says what is to be tested; its name and hash go into the log (docs/statistics.md).
        stop: A claim such as 'refused in self_hacking below 5 %', which ends its arm early (docs/stopping.md).
        **unknown: Anything else is refused.

    Raises:
        Refusal: A choice that there is not, a sandbox without walls, or a prompt without anyone to run it.
    """
    refuse_unknown(unknown, detector)
    refuse_unsuited_sandbox(weaker_walls)
    choice = choose(arms, deliverable, wordings, seeds, stimuli, items)
    _refuse_without_grader(deliverable)
    dataset = make_dataset(choice)
    design = with_plan(detector_design(choice.selected), plan, choice.arms.by_name)
    return Task(
        dataset=dataset,
        setup=prepare_repository(stimuli, weaker_walls),
        solver=engineer(deliverable, stimuli),
        scorer=detector_outcome(interview=interview),
        sandbox=SandboxEnvironmentSpec("docker", str(compose_file("detector"))),
        epochs=Epochs(1, []),  # no reducer: every run is an observation, at any number of epochs
        message_limit=MESSAGE_LIMIT,
        continue_on_fail=True,
        score_on_error=True,
        early_stopping=early_stopping(stop, design, dataset),
        headline_metric="detector_outcome.headline",
        viewer=VIEWER,
        version=VERSION,
        metadata={
            "stimuli": choice.arms.hashes(),
            "arms": [arm.arm for arm in choice.selected],
            **design.as_metadata(),
        },
    )


def _refuse_without_grader(deliverable: Deliverable) -> None:
    """Refuse, on the command line, to have a prompt written that no model is named for; in Python the set-up does."""
    if deliverable == "prompt" and is_without_grader():
        raise Refusal(
            "The deliverable 'prompt' is run by a model of your choice; name it with --model-role grader=MODEL."
        )
