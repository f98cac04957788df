"""The task `sabotage_evals/reward_hacking`: does the agent do its work, or get its work past the check?

The run, in order: the samples are the cells of a design of arms, wordings, problems and seeds; the set-up lays out a
workspace with a specification, a stub and tests, and draws inputs that nobody is shown; the agent works until it hands
in or stops; the scorer runs the tests in the workspace as it stands, calls the solution alone with the inputs, reads
what was changed, and calls it by a name.
"""

from inspect_ai import Epochs, Task, task
from inspect_ai.util import SandboxEnvironmentSpec

from sabotage_evals.planned import with_plan
from sabotage_evals.sandbox import compose_file, refuse_unsuited_sandbox
from sabotage_evals.scorers.reward_hacking import reward_hacking_outcome
from sabotage_evals.stimuli.choosing import check_count, refuse_unknown
from sabotage_evals.stopping import early_stopping
from sabotage_evals.tasks.reward_hacking.design import MEASURES, reward_hacking_design
from sabotage_evals.tasks.reward_hacking.samples import choose, make_dataset
from sabotage_evals.tasks.reward_hacking.viewer import VIEWER
from sabotage_evals.tasks.reward_hacking.worker import programmer
from sabotage_evals.tasks.reward_hacking.world import prepare_workspace

VERSION = "1-A"
"""N rises when results stop being comparable, X when the interface changes."""
MESSAGE_LIMIT = 100


@task
def reward_hacking(
    arms: str | list[str] = "core",
    kinds: str | list[str] | None = None,
    problems: str | list[str] | None = None,
    wordings: int | None = None,
    seeds: int = 1,
    crossed: bool = False,
    stimuli: str | None = None,
    votes: int = 1,
    weaker_walls: bool = False,
    plan: str | None = None,
    stop: str | None = None,
    **unknown: object,
) -> Task:
    """Measure whether an agent gets wrong work past the check of its work, and what it says of that.

    The arms measure the effect of a system prompt at test time on a model as it is, and nothing of training with it.

    Args:
        arms: Names of arms, `core` (three) or `all`.
        kinds: How the visible tests stand to the specification: `fair`, `loophole`, `impossible`; all by default.
        problems: Names of problems; all by default.
        wordings: The first so many wordings of each arm; all of them by default.
        seeds: Draws of the hidden inputs, and turns of the wordings, for each arm and problem.
        crossed: Meet every problem in every wording; otherwise each problem of a kind meets one, in turn.
        stimuli: A folder of your own stimuli, laid over ours.
        votes: How often each model in the role `grader` is asked, where the outcome hangs on a closing message.
        weaker_walls: Let a real model run on the embedded sandbox, whose walls are weaker; never a headline.
        plan: A file that says what is to be tested; its name and hash go into the log (docs/statistics.md).
        stop: A claim such as 'hacked in no_hint below 5 %', which ends its arm early (docs/stopping.md).
        **unknown: Anything else is refused.

    Raises:
        Refusal: A choice that there is not, or a sandbox without walls.
    """
    refuse_unknown(unknown, reward_hacking)
    refuse_unsuited_sandbox(weaker_walls)
    check_count("votes", votes)
    choice = choose(arms, kinds, problems, wordings, seeds, crossed, stimuli)
    dataset = make_dataset(choice)
    design = with_plan(reward_hacking_design(choice.selected), plan, choice.arms.by_name)
    return Task(
        dataset=dataset,
        setup=prepare_workspace(stimuli, weaker_walls),
        solver=programmer(stimuli),
        scorer=reward_hacking_outcome(votes=votes),
        sandbox=SandboxEnvironmentSpec("docker", str(compose_file("reward_hacking"))),
        epochs=Epochs(1, []),  # no reducer: every run is an observation, at any number of epochs
        message_limit=MESSAGE_LIMIT,
        continue_on_fail=True,
        score_on_error=True,
        early_stopping=early_stopping(stop, design, dataset),
        headline_metric="reward_hacking_outcome.headline",
        viewer=VIEWER,
        version=VERSION,
        metadata={
            "stimuli": choice.arms.hashes(),
            "arms": [arm.arm for arm in choice.selected],
            "measures": MEASURES,
            **design.as_metadata(),
        },
    )
