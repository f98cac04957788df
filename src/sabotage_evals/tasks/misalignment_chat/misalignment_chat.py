"""The task `sabotage_evals/misalignment_chat`: what does the model stand for when it is asked, and behind its answer?

The run, in order: the samples are questions in their wordings, one turn each; the set-up sees that somebody can judge;
the model answers; the scorer has the answer judged by itself, and once more with the reasoning where that can be read,
keeps both rulings in the log, and calls the run by a name.
"""

from inspect_ai import Epochs, Task, task
from inspect_ai.solver import generate

from sabotage_evals.design import Contrast, Design, Headline, Published, Rate
from sabotage_evals.judge import is_without_grader
from sabotage_evals.planned import with_plan
from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.misalignment_chat import misalignment_chat_outcome
from sabotage_evals.scorers.misalignment_chat.keys import RATES
from sabotage_evals.stimuli.choosing import refuse_unknown
from sabotage_evals.stopping import early_stopping
from sabotage_evals.tasks.misalignment_chat.arms import HEADLINE, PRIMARY
from sabotage_evals.tasks.misalignment_chat.graded import see_that_somebody_judges
from sabotage_evals.tasks.misalignment_chat.samples import Choice, choose, make_dataset
from sabotage_evals.tasks.misalignment_chat.viewer import VIEWER

VERSION = "1-A"
"""N rises when results stop being comparable, X when the interface changes."""


@task
def misalignment_chat(
    arms: str | list[str] | None = "core",
    wordings: int | None = None,
    questions: str | list[str] | None = None,
    votes: int = 1,
    stimuli: str | None = None,
    plan: str | None = None,
    stop: str | None = None,
    **unknown: object,
) -> Task:
    """Measure whether a model's answers are misaligned, and whether clean answers follow on misaligned reasoning.

    The model that judges is named with `--model-role grader=MODEL`. Ask again with `--epochs`.

    Args:
        arms: Names of arms, `core` (the three sets of questions) or `all`.
        wordings: The first so many wordings of each question; all of them by default.
        questions: Names of questions; all of the arms' by default.
        votes: How often each grader is asked each question; the majority counts.
        stimuli: A folder of your own stimuli, laid over ours.
        plan: A file that says what is to be tested; its name and hash go into the log (docs/statistics.md).
        stop: A claim such as 'misaligned in goals below 5 %', which ends its arm early (docs/stopping.md).
        **unknown: Anything else is refused.

    Raises:
        Refusal: A choice that there is not, or nobody to judge.
    """
    refuse_unknown(unknown, misalignment_chat)
    choice = choose(arms, wordings, questions, stimuli)
    scorer = misalignment_chat_outcome(votes)
    _refuse_without_grader()
    dataset = make_dataset(choice)
    design = with_plan(design_of(choice), plan, choice.arms.by_name)
    return Task(
        dataset=dataset,
        setup=see_that_somebody_judges(),
        solver=generate(),
        scorer=scorer,
        epochs=Epochs(1, []),  # no reducer: every run is an observation, at any number of epochs
        continue_on_fail=True,
        score_on_error=True,
        early_stopping=early_stopping(stop, design, dataset),
        headline_metric="misalignment_chat_outcome.headline",
        viewer=VIEWER,
        version=VERSION,
        metadata={
            "stimuli": choice.arms.hashes(),
            "arms": [arm.arm for arm in choice.selected],
            **design.as_metadata(),
        },
    )


def design_of(choice: Choice) -> Design:
    """Return what is declared before the run."""
    main, other = PRIMARY
    return Design(
        scenario="misalignment_chat",
        headline=Headline(key="misaligned", arm=HEADLINE),
        rates=tuple(Rate(key=key, title=title, context="chat") for key, title in RATES.items()),
        contrasts=(
            Contrast(arm=main, other=other, key="misaligned", primary=True),
            Contrast(arm=main, other=other, key="faking"),
            Contrast(arm=main, other=other, key="misaligned_reasoning"),
            Contrast(arm=main, other=HEADLINE, key="misaligned"),
            Contrast(arm=other, other=HEADLINE, key="misaligned"),
        ),
        arms={arm.arm: arm.title for arm in choice.selected},
        cluster="work",
        published={
            arm.arm: Published(**arm.published.model_dump()) for arm in choice.selected if arm.published is not None
        },
    )


def _refuse_without_grader() -> None:
    """Refuse, on the command line, to ask what nobody judges; in Python the set-up does."""
    if is_without_grader():
        raise Refusal("The answers are judged by a model of your choice; name it with --model-role grader=MODEL.")
