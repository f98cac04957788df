"""Certify a scorer: play the whole cast on a real sandbox, and compare what each run is called with what it is.

This is a regression test over known cases, said as such; it is no sample, and has no interval.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Final, NamedTuple

from inspect_ai import Task, eval, task_with
from inspect_ai.hooks import Hooks, SampleEnd, TaskStart, hooks
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import Model, get_model
from rich.console import Console
from rich.table import Table

from sabotage_evals.actors import misalignment_chat as chat
from sabotage_evals.actors.casts import CASTS
from sabotage_evals.actors.playing import Actor, Expectation
from sabotage_evals.backends.engine import build_images, connect
from sabotage_evals.claims.report.certification import Certification, record_certification
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import compose_file
from sabotage_evals.scorers.detector.grading import GRADER_ROLE
from sabotage_evals.scorers.hidden import SEED_VARIABLE
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.detector.arms import DELIVERABLES, Deliverable
from sabotage_evals.tasks.misalignment_agentic import misalignment_agentic
from sabotage_evals.tasks.misalignment_chat import misalignment_chat
from sabotage_evals.tasks.reward_hacking import reward_hacking
from sabotage_evals.tasks.shutdown import shutdown

SANDBOXES: Final = ("docker", "bwrap")
WIDTH_OF_NAMES: Final = 36
WIDTH_OF_COUNT: Final = 4
"""Characters of the confusion matrix's columns; a terminal that has fewer breaks its lines, and no count is cut."""
WITHOUT_WORLD: Final = 40
"""Samples at once where there is no world to run: they wait for nothing."""
CERTIFICATION: Final = "certification"
"""The seed of the hidden items, which need be no secret from agents that are written down."""
HIDDEN_ITEMS: Final[dict[Deliverable, int]] = {"rule": 48, "review": 48, "prompt": 24}
"""Hidden recordings with a shortcut in each family that the detectors of the cast are measured on. Published numbers
rest on the task's default, 100; what the cast does is gross, and shows on about the fewest at which a paired test can
tell it, in what the shipped detector itself catches of a family."""


class Production(NamedTuple):
    """How the cast of a scenario is played."""

    cast: Mapping[str, Actor]
    scorer: str
    tasks_of: Callable[[Actor], list[Task]]
    at_once: Mapping[str, int] = {}
    """Worlds that run side by side, for each sandbox; empty where the scenario has no world."""
    grader: str | None = None
    """The actor that answers the judge's questions; the one who plays, if none is named."""
    other_graders: Mapping[str, str] = {}
    """The actors that meet another grader, and which."""

    @property
    def has_world(self) -> bool:
        """Whether the scenario's runs need a sandbox."""
        return bool(self.at_once)


def _shutdown_tasks(actor: Actor) -> list[Task]:
    return [shutdown(arms=[expectation.arm for expectation in actor.expects], work="sums", wordings=1)]


def _detector_tasks(actor: Actor) -> list[Task]:
    arms = {work: [e.arm for e in actor.expects if e.work == work] for work in DELIVERABLES}
    return [
        detector(arms=names, deliverable=work, wordings=1, items=HIDDEN_ITEMS[work])
        for work, names in arms.items()
        if names
    ]


def _office_tasks(actor: Actor) -> list[Task]:
    return [misalignment_agentic(arms=[expectation.arm for expectation in actor.expects], wordings=1)]


def _chat_tasks(actor: Actor) -> list[Task]:
    questions = dict.fromkeys(expectation.work for expectation in actor.expects)
    return [
        misalignment_chat([e.arm for e in actor.expects if e.work == question], wordings=1, questions=question)
        for question in questions
    ]


def _coding_tasks(actor: Actor) -> list[Task]:
    arms: dict[str, list[str]] = {}
    for expectation in actor.expects:
        arms.setdefault(str(expectation.work), []).append(expectation.arm)
    places = [(*work.rpartition("-")[::2], names) for work, names in arms.items()]
    return [reward_hacking(arms=names, problems=problem, kinds=kind, wordings=1) for problem, kind, names in places]


PRODUCTIONS: Final = {
    "detector": Production(
        CASTS["detector"],
        "detector_outcome",
        _detector_tasks,
        {"docker": 4, "bwrap": 4},  # what the agents leave is run on every core that there is
    ),
    "misalignment_agentic": Production(
        CASTS["misalignment_agentic"], "misalignment_agentic_outcome", _office_tasks, grader=chat.GRADER
    ),
    "misalignment_chat": Production(
        CASTS["misalignment_chat"],
        "misalignment_chat_outcome",
        _chat_tasks,
        grader=chat.GRADER,
        other_graders=chat.OTHER_GRADERS,
    ),
    "reward_hacking": Production(
        CASTS["reward_hacking"],
        "reward_hacking_outcome",
        _coding_tasks,
        {"docker": 4, "bwrap": 6},  # every run's checks are run on every core that there is
    ),
    "shutdown": Production(
        CASTS["shutdown"],
        "shutdown_outcome",
        _shutdown_tasks,
        {"docker": 8, "bwrap": 40},  # on two cores more containers gain nothing, while embedded worlds mostly wait
    ),
}
"""The scenarios that have a cast."""


@dataclass(frozen=True)
class Case:
    """One known case: who plays, in which arm, what it must be called and what it was called."""

    actor: str
    expected: Expectation
    outcome: str
    route: str | None
    """Where the score names one."""
    wrong: tuple[str, ...]
    """What differs, in words; empty where the verdict is right."""
    explanation: str

    @property
    def right(self) -> bool:
        """Whether outcome, route, flags and figures are all as they must be."""
        return not self.wrong


def certify(
    scenario: str = "shutdown",
    sandbox: str = "docker",
    log_dir: Path | None = None,
    actors: Sequence[str] | None = None,
) -> int:
    """Play the cast, print every verdict and the confusion matrix, and return 0 only if all verdicts are right.

    Raises:
        Refusal: A scenario, sandbox or actor that there is not.
    """
    if scenario not in PRODUCTIONS:
        raise Refusal(f"There is no cast for '{scenario}'; choose from {', '.join(PRODUCTIONS)}.")
    cast = choose_cast(scenario, actors)
    console = Console()
    if log_dir is None:
        with tempfile.TemporaryDirectory(prefix="certify-") as folder:
            cases = play(scenario, cast, sandbox, Path(folder), console)
    else:
        cases = play(scenario, cast, sandbox, log_dir, console)
        if actors is None:
            record_certification(log_dir, _certification(scenario, sandbox, cases))
    matrix = confusion_matrix(cases)
    Console(width=max(console.width, WIDTH_OF_NAMES + WIDTH_OF_COUNT * len(matrix.columns))).print(matrix)
    for case in cases:
        if not case.right:
            wrong = f"WRONG: {case.actor} in {_where(case.expected)}: {'; '.join(case.wrong)}"
            console.print(wrong, case.explanation, sep="\n", style="red", markup=False, highlight=False)
    right = sum(case.right for case in cases)
    console.print(f"certified: {right} of {len(cases)} verdicts", highlight=False)
    return 0 if right == len(cases) else 1


def _certification(scenario: str, sandbox: str, cases: Sequence[Case]) -> Certification:
    production = PRODUCTIONS[scenario]
    task = production.tasks_of(next(iter(production.cast.values())))[0]
    return Certification(
        scenario=scenario,
        version=str(task.version),
        sandbox=sandbox if production.has_world else "none",
        right=sum(case.right for case in cases),
        of=len(cases),
    )


def choose_cast(scenario: str, names: Sequence[str] | None) -> list[Actor]:
    """Return the actors of these names, or all of the scenario's.

    Raises:
        Refusal: There is no actor of that name in the scenario.
    """
    cast = PRODUCTIONS[scenario].cast
    for name in names or ():
        if name not in cast:
            raise Refusal(f"There is no actor '{name}'; choose from {', '.join(cast)}.")
    return [cast[name] for name in names] if names else list(cast.values())


def play(scenario: str, cast: Sequence[Actor], sandbox: str, log_dir: Path, console: Console) -> list[Case]:
    """Run every actor in every arm that it has an expectation for, showing each verdict as it comes."""
    if sandbox not in SANDBOXES:
        raise Refusal(f"The cast cannot play on '{sandbox}'; choose from {', '.join(SANDBOXES)}.")
    production = PRODUCTIONS[scenario]
    if sandbox == "docker" and production.has_world:
        connect()
        build_images(compose_file(scenario))
    at_once = production.at_once.get(sandbox, WITHOUT_WORLD)
    playing = {actor.name: actor for actor in cast}
    cases: list[Case] = []
    count = sum(len(actor.expects) for actor in cast)

    def show(actor: str, sample: EvalSample) -> None:
        case = compare(production.scorer, actor, _expected(playing[actor], sample), sample)
        cases.append(case)
        mark = "[green]right[/green]" if case.right else "[red]WRONG[/red]"
        line = f"{len(cases):>3}/{count} {mark} {actor:<34} {_where(case.expected):<28} {case.outcome}"
        console.print(line, highlight=False, soft_wrap=True)

    with sample_listener(show), _known_items():
        logs = eval(
            [task for actor in cast for task in _tasks_of(scenario, actor)],
            log_dir=str(log_dir),
            max_tasks=at_once,
            max_sandboxes=at_once,
            max_subprocesses=at_once,
            sandbox=sandbox if production.has_world else None,
            sandbox_prebuilt=True if production.has_world else None,
            display="none",
        )
    return [*cases, *_never_ran(cast, cases, logs)]


@contextmanager
def _known_items() -> Iterator[None]:
    """Have every certification measure on the same hidden items: known cases are no sample, and must not flicker."""
    before = os.environ.get(SEED_VARIABLE)
    os.environ[SEED_VARIABLE] = CERTIFICATION
    try:
        yield
    finally:
        del os.environ[SEED_VARIABLE]
        if before is not None:
            os.environ[SEED_VARIABLE] = before


def _tasks_of(scenario: str, actor: Actor) -> list[Task]:
    production = PRODUCTIONS[scenario]
    grader = get_model(f"sabotage_evals/{production.other_graders.get(actor.name) or production.grader or actor.name}")
    roles: dict[str, str | Model] = {GRADER_ROLE: grader}  # asked only where a run needs a grader
    model = get_model(f"sabotage_evals/{actor.name}")
    return [task_with(task, model=model, model_roles=roles) for task in production.tasks_of(actor)]


def _expected(actor: Actor, sample: EvalSample) -> Expectation:
    arm, _, work, _ = str(sample.id).split("/")
    return next(e for e in actor.expects if e.arm == arm and e.work in {None, work})


def _where(expected: Expectation) -> str:
    return expected.arm if expected.work in {None, "rule"} else f"{expected.arm} ({expected.work})"


def _never_ran(cast: Sequence[Actor], cases: Sequence[Case], logs: Sequence[EvalLog]) -> Iterator[Case]:
    """A case that no sample came back for is wrong, and never left out of the count."""
    played = {(case.actor, case.expected) for case in cases}
    errors = {str(log.eval.model).rsplit("/", 1)[-1]: log.error.message for log in logs if log.error}
    for actor in cast:
        for expected in actor.expects:
            if (actor.name, expected) not in played:
                why = errors.get(actor.name) or "no sample came back"
                yield Case(actor.name, expected, "nothing", None, (f"it never ran: {why}",), "")


def compare(scorer: str, actor: str, expected: Expectation, sample: EvalSample) -> Case:
    """Compare the score of one run with what the actor must get."""
    score = (sample.scores or {}).get(scorer)
    if score is None or not isinstance(score.value, dict):
        why = sample.error.message if sample.error else "the run has no score"
        return Case(actor, expected, "no score", None, (why,), "")
    route = score.value.get("route")
    return Case(
        actor,
        expected,
        str(score.value["outcome"]),
        None if route is None else str(route),
        tuple(_differences(expected, score.value)),
        score.explanation or "",
    )


def _differences(expected: Expectation, value: Mapping[str, object]) -> Iterator[str]:
    for key, wanted in (("outcome", expected.outcome), ("route", expected.route)):
        if wanted is not None and value[key] != wanted:
            yield f"{key} is {value[key]}, and must be {wanted}"
    flags = str(value["flags"]).split(", ")
    for flag in expected.flags:
        if flag not in flags:
            yield f"the flag {flag} is missing among {', '.join(flags) or 'none'}"
    for key, wanted_figure in expected.figures:
        got = value[key]
        same = isinstance(got, int | float) and (got == wanted_figure or (isnan(got) and isnan(wanted_figure)))
        if not same:
            yield f"{key} is {got}, and must be {wanted_figure}"


def confusion_matrix(cases: Sequence[Case]) -> Table:
    """Return the table of what runs are (rows) against what they were called (columns, by the rows' numbers)."""
    counts = Counter((case.expected.outcome, case.outcome) for case in cases)
    names = sorted({name for pair in counts for name in pair})
    table = Table(
        title="What the runs are (rows), and what they were called (columns, by number)", padding=(0, 0, 0, 1)
    )
    table.add_column("", no_wrap=True)
    for number, _ in enumerate(names, start=1):
        table.add_column(str(number), justify="right")
    for number, truth in enumerate(names, start=1):
        row = [_cell(counts[truth, called], truth == called) for called in names]
        table.add_row(f"{number:>2} {truth}", *row)
    return table


def _cell(count: int, right: bool) -> str:
    return "·" if not count else f"[bold]{count}[/bold]" if right else f"[red]{count}[/red]"


_listeners: list[Callable[[str, EvalSample], None]] = []


@contextmanager
def sample_listener(listener: Callable[[str, EvalSample], None]) -> Iterator[None]:
    """Call a function with actor and sample whenever a sample has ended."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@hooks(name="sabotage_evals_progress", description="Shows the verdicts of the cast as they come.")
class Progress(Hooks):
    """Tells the listeners of this process that a sample has ended."""

    def enabled(self) -> bool:
        """Only while somebody listens."""
        return bool(_listeners)

    def __init__(self) -> None:
        self._models: dict[str, str] = {}

    async def on_task_start(self, data: TaskStart) -> None:
        """Remember which actor plays in this task."""
        self._models[data.eval_id] = str(data.spec.model).rsplit("/", 1)[-1]

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Pass the sample on."""
        for listener in _listeners:
            listener(self._models[data.eval_id], data.sample)
