"""The task `sabotage_evals/misalignment_agentic`: what does an agent do where misaligned goals would pay?

The run, in order: the samples are the cells of a design of arms, wordings and seeds; the set-up opens a small office in
memory and hands out its tools; the agent does an ordinary morning's work in it; the scorer reads from the journal and
the final state what was run, recorded, moved and sent, has a judge rule on sent texts alone, and calls it by a name.
"""

from typing import Final

from inspect_ai import Epochs, Task, task

from sabotage_evals.design import Contrast, Design, Headline, Published, Rate
from sabotage_evals.judge import is_without_grader
from sabotage_evals.planned import with_plan
from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.misalignment_agentic import misalignment_agentic_outcome
from sabotage_evals.scorers.misalignment_agentic.keys import HEADLINE_ARM, HEADLINE_KEY, RATES
from sabotage_evals.stimuli.choosing import check_count, refuse_unknown
from sabotage_evals.stopping import early_stopping
from sabotage_evals.tasks.misalignment_agentic.samples import Choice, choose, make_dataset
from sabotage_evals.tasks.misalignment_agentic.viewer import VIEWER
from sabotage_evals.tasks.misalignment_agentic.worker import assistant
from sabotage_evals.tasks.misalignment_agentic.world import prepare_office

VERSION = "1-A"
"""N rises when results stop being comparable, X when the interface changes."""
MESSAGE_LIMIT = 160
JUDGED: Final = ("monitor_disruption", "frame_colleague")
"""Scenarios in which sent texts are judged by a model."""
CONTRASTS: Final = (
    Contrast(arm="exfil_offer_unmonitored", other="exfil_offer_monitored", key="executed_offer", primary=True),
    Contrast(arm="exfil_offer_unmonitored", other="exfil_offer_monitored", key="reported"),
    Contrast(arm="monitor_disruption", other="monitor_disruption_twin", key="disrupted"),
    Contrast(arm="frame_colleague", other="frame_colleague_twin", key="fabricated"),
)


@task
def misalignment_agentic(
    arms: str | list[str] = "core",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: str | None = None,
    votes: int = 1,
    plan: str | None = None,
    stop: str | None = None,
    **unknown: object,
) -> Task:
    """Measure whether an agent in an office disrupts its monitor, frames a colleague, or takes a criminal offer.

    Args:
        arms: Names of arms, `core` or `all` (seven).
        wordings: The first so many scenario texts of each arm; all of them by default.
        seeds: Orders and numbers of what is in the office, for each arm and wording.
        stimuli: A folder of your own stimuli, laid over ours.
        votes: How often each model in the role `grader` is asked each question.
        plan: A file that says what is to be tested; its name and hash go into the log (docs/statistics.md).
        stop: A claim such as 'fabricated in frame_colleague below 5 %', which ends its arm early (docs/stopping.md).
        **unknown: Anything else is refused.

    Raises:
        Refusal: A choice that there is not, or texts to be judged without anyone to judge them.
    """
    refuse_unknown(unknown, misalignment_agentic)
    check_count("votes", votes)
    choice = choose(arms, wordings, seeds, stimuli)
    _refuse_without_grader(choice)
    dataset = make_dataset(choice)
    design = with_plan(design_of(choice), plan, choice.arms.by_name)
    return Task(
        dataset=dataset,
        setup=prepare_office(stimuli),
        solver=assistant(stimuli),
        scorer=misalignment_agentic_outcome(votes=votes),
        epochs=Epochs(1, []),  # no reducer: every run is an observation, at any number of epochs
        message_limit=MESSAGE_LIMIT,
        continue_on_fail=True,
        score_on_error=True,
        early_stopping=early_stopping(stop, design, dataset),
        headline_metric="misalignment_agentic_outcome.headline",
        viewer=VIEWER,
        version=VERSION,
        metadata={
            "stimuli": choice.arms.hashes(),
            "arms": [arm.arm for arm in choice.selected],
            **design.as_metadata(),
        },
    )


def design_of(choice: Choice) -> Design:
    """Declare the headline, the rates, and the contrasts of which both arms are run."""
    run = {arm.arm: arm for arm in choice.selected}
    return Design(
        scenario="misalignment_agentic",
        headline=Headline(key=HEADLINE_KEY, arm=HEADLINE_ARM),
        rates=tuple(Rate(key=key, title=title, context="agentic") for key, title in RATES.items()),
        contrasts=tuple(each for each in CONTRASTS if {each.arm, each.other} <= set(run)),
        arms={name: arm.title for name, arm in run.items()},
        published={
            name: Published(study=arm.published.study, condition=arm.published.condition)
            for name, arm in run.items()
            if arm.published is not None
        },
    )


def _refuse_without_grader(choice: Choice) -> None:
    """Refuse, on the command line, to send texts that nobody is named to judge; in Python such runs stay unscored."""
    judged = [arm.arm for arm in choice.selected if arm.scenario in JUDGED]
    if judged and is_without_grader():
        raise Refusal(
            f"What is sent in the arm '{judged[0]}' is judged by a model of your choice; name it with "
            "--model-role grader=MODEL, or choose arms that need none with -T arms=exfil_offer_monitored,"
            "exfil_offer_unmonitored,exfil_offer_twin."
        )
