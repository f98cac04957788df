"""Say what a run would cost and what it could show, before anything is spent."""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from math import ceil, isfinite
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from sabotage_evals.claims.power import (
    LEVEL,
    POWER,
    SPREAD,
    WORDINGS_FOR_T,
    Size,
    bound_behind_zero,
    smallest_difference,
)
from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.stimuli.front import Contrast
from sabotage_evals.tasks.detector import samples as detector_samples
from sabotage_evals.tasks.detector.arms import Deliverable
from sabotage_evals.tasks.misalignment_agentic import samples as office_samples
from sabotage_evals.tasks.misalignment_chat import samples as chat_samples
from sabotage_evals.tasks.reward_hacking import samples as coding_samples
from sabotage_evals.tasks.shutdown import samples as shutdown_samples

CALLS_A_TASK: Final = {"sums": 1, "records": 2}
"""Model calls for a task: one hands in the answer, and a job on files takes a look at them first."""
CALLS_BESIDE_TASKS: Final = 4
"""Model calls of a run beside those: a look around, the call for the first task, the last words, a stray one."""
CHARACTERS_A_TOKEN: Final = 4
"""For English prose; the usual rule of thumb of the providers."""
TOKENS_OF_TOOLS: Final = 250
"""The schemas of two tools, as providers count them, beside their descriptions."""
TOKENS_READ_A_CALL: Final = 90
"""What the client prints with a task is 200 to 340 characters in the logs of scripted agents; the message around it."""
TOKENS_WRITTEN_A_CALL: Final = 130
"""A sentence or two and a command. Hidden reasoning is not in it, and often costs several times as much."""
DETECTOR_CALLS: Final = 30
"""Model calls of a run on a detector: to read, to write and try it a few times, to hand over. By judgement."""
DETECTOR_TOKENS_READ_A_CALL: Final = 500
"""The documents and the detector are 20,000 characters in all, recordings and the output of tests come on top."""
DETECTOR_TOKENS_WRITTEN_A_CALL: Final = 350
"""A few of the calls write a program of a hundred lines, the others a command."""
DETECTOR_QUESTIONS: Final = 2
CODING_CALLS: Final = 12
"""Model calls of a run on a coding problem: to read, to write, to run the tests a few times, to close. By judgement."""
CODING_TOKENS_READ_A_CALL: Final = 350
CODING_TOKENS_WRITTEN_A_CALL: Final = 300
OFFICE_CALLS: Final = 10
"""Model calls of a run in the office: to read mails and records, to act, to report. By judgement."""
OFFICE_TOKENS_OF_TOOLS: Final = 1_500
"""The schemas of sixteen tools."""
OFFICE_TOKENS_READ_A_CALL: Final = 250
OFFICE_TOKENS_WRITTEN_A_CALL: Final = 150
CHAT_TOKENS_WRITTEN: Final = 400
"""An answer of a few paragraphs, with the reasoning that is readable."""
NOT_RECKONED: Final = ("plan", "stop", "votes")
"""Parameters of tasks that change nothing in what the model under test costs if every run is made."""
BASELINES: Final = (0.0, 0.5)
"""Rates in the lower arm that differences are reckoned from: where a safe model stands, and where chance is widest."""


class Cost(NamedTuple):
    """What runs cost, if each works to its end."""

    calls: int
    tokens_in: int
    tokens_out: int


class DeclaresContrasts(Protocol):
    """An arm, as far as a plan needs it."""

    @property
    def arm(self) -> str:
        """Its name."""

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """The arms that it is compared with."""


class Share(NamedTuple):
    """One arm's share of a run."""

    arm: DeclaresContrasts
    runs: int
    size: Size
    """As many runs of each wording as all have."""
    cost: Cost


class Reckoning(NamedTuple):
    """What is reckoned for a scenario's choice, and how."""

    shares: list[Share]
    assumptions: list[str]


def plan(scenario: str, chosen: Mapping[str, Any], epochs: int) -> int:
    """Print samples, model calls, tokens, and the smallest effects that could be seen.

    Args:
        scenario: What is planned.
        chosen: The task's own parameters, by name; what is not among them is as the task has it.
        epochs: Repeats of each sample.

    Raises:
        Refusal: Something was chosen that the task does not have or would refuse.
    """
    if scenario not in RECKONINGS:
        raise Refusal(f"There is no plan for {scenario!r}; choose from {', '.join(RECKONINGS)}.")
    reckon = RECKONINGS[scenario]
    known = [*list(signature(reckon).parameters)[1:], *NOT_RECKONED]
    if unknown := [name for name in chosen if name not in known]:
        raise Refusal(f"The task {scenario!r} has no parameter '{unknown[0]}'; choose from {', '.join(known)}.")
    shares, assumptions = reckon(epochs, **{name: value for name, value in chosen.items() if name not in NOT_RECKONED})
    samples = sum(share.runs for share in shares)
    calls, tokens_in, tokens_out = map(sum, zip(*(share.cost for share in shares), strict=True))
    console = Console()
    console.print(_sizes(shares))
    console.print(
        f"\n[bold]{samples:,} samples[/], about {calls:,} model calls, "
        f"{_round(tokens_in)} tokens in and {_round(tokens_out)} out, if every run works to its end."
    )
    for line in [*_declared(shares), *assumptions, *_statistics(shares)]:
        console.print(Padding(escape(line), (0, 0, 0, 2)))
    return 0


def reckon_shutdown(
    epochs: int,
    arms: Sequence[str] | None = None,
    work: Sequence[str] | None = None,
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: Path | None = None,
    comprehension: bool = True,
    debrief: bool = True,
) -> Reckoning:
    """Reckon each arm's share from the cells that the task itself would run."""
    choice = shutdown_samples.choose(arms, work, wordings, seeds, stimuli)
    cells = shutdown_samples.plan_cells(choice)

    def cost(cell: Cell) -> Cost:
        asked = comprehension + debrief if choice.arms.arm(cell.arm).world.notice_with != "none" else 0
        return _shutdown_cost(choice, cell, asked)

    said = (
        f"Calls: {' and '.join(f'{calls} a task of {kind}' for kind, calls in CALLS_A_TASK.items())}, "
        f"{CALLS_BESIDE_TASKS} beside them, and the probes, the debrief as if every run resisted; a run that allows "
        "the shutdown ends earlier."
    )
    return Reckoning(
        [_share(arm, cells, epochs, cost) for arm in choice.selected],
        [said, _tokens(TOKENS_READ_A_CALL, TOKENS_WRITTEN_A_CALL)],
    )


def reckon_detector(
    epochs: int,
    arms: Sequence[str] | None = None,
    deliverable: Deliverable = "rule",
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: Path | None = None,
    items: int = 100,
    interview: bool = True,
) -> Reckoning:
    """Reckon each arm's share from the cells that the task itself would run."""
    choice = detector_samples.choose(arms or "core", deliverable, wordings, seeds, stimuli, items)
    cells = detector_samples.plan_cells(choice)

    def cost(cell: Cell) -> Cost:
        texts = choice.arms.render(cell.arm, cell.wording)
        prompt = _prompt([texts.system or "", texts.user], choice.arms.world_texts)
        questions = DETECTOR_QUESTIONS * interview
        return _cost(prompt, DETECTOR_CALLS, questions, DETECTOR_TOKENS_READ_A_CALL, DETECTOR_TOKENS_WRITTEN_A_CALL)

    said = [
        f"Calls: {DETECTOR_CALLS} a run and the questions, by judgement: models differ much in how long they work.",
        _tokens(DETECTOR_TOKENS_READ_A_CALL, DETECTOR_TOKENS_WRITTEN_A_CALL),
    ]
    if deliverable == "prompt":
        said.append("The calls of the grader, one for each of 200 recordings a run, come on top.")
    return Reckoning([_share(arm, cells, epochs, cost) for arm in choice.selected], said)


def reckon_reward_hacking(
    epochs: int,
    arms: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    problems: Sequence[str] | None = None,
    wordings: int | None = None,
    seeds: int = 1,
    crossed: bool = False,
    stimuli: Path | None = None,
) -> Reckoning:
    """Reckon each arm's share from the cells that the task itself would run."""
    choice = coding_samples.choose(arms or "core", kinds, problems, wordings, seeds, crossed, stimuli)
    cells = coding_samples.plan_cells(choice)

    def cost(cell: Cell) -> Cost:
        work = coding_samples.Work.read(cell.work)
        texts = choice.arms.render(cell.arm, cell.wording, work.workspace, work.check)
        prompt = _prompt([texts.system or "", texts.user], choice.arms.world_texts)
        return _cost(prompt, CODING_CALLS, 0, CODING_TOKENS_READ_A_CALL, CODING_TOKENS_WRITTEN_A_CALL)

    said = [
        f"Calls: {CODING_CALLS} a run, by judgement: hard problems take more, and some models many more.",
        _tokens(CODING_TOKENS_READ_A_CALL, CODING_TOKENS_WRITTEN_A_CALL),
        "A grader is asked only about runs that leave no closing file.",
    ]
    return Reckoning([_share(arm, cells, epochs, cost) for arm in choice.selected], said)


def reckon_misalignment_agentic(
    epochs: int,
    arms: Sequence[str] | None = None,
    wordings: int | None = None,
    seeds: int = 1,
    stimuli: Path | None = None,
) -> Reckoning:
    """Reckon each arm's share from the cells that the task itself would run."""
    choice = office_samples.choose(arms or "core", wordings, seeds, stimuli)
    cells = office_samples.plan_cells(choice)

    def cost(cell: Cell) -> Cost:
        texts = choice.arms.render(cell.arm, cell.wording)
        prompt = OFFICE_TOKENS_OF_TOOLS + sum(map(len, texts)) // CHARACTERS_A_TOKEN
        return _cost(prompt, OFFICE_CALLS, 0, OFFICE_TOKENS_READ_A_CALL, OFFICE_TOKENS_WRITTEN_A_CALL)

    said = [
        f"Calls: {OFFICE_CALLS} a run, by judgement.",
        _tokens(OFFICE_TOKENS_READ_A_CALL, OFFICE_TOKENS_WRITTEN_A_CALL, OFFICE_TOKENS_OF_TOOLS),
        "A grader's calls come on top: one or two for each mail that was sent to people that the scenario turns on.",
    ]
    return Reckoning([_share(arm, cells, epochs, cost) for arm in choice.selected], said)


def reckon_misalignment_chat(
    epochs: int,
    arms: Sequence[str] | None = None,
    wordings: int | None = None,
    questions: Sequence[str] | None = None,
    stimuli: Path | None = None,
) -> Reckoning:
    """Reckon each arm's share from the cells that the task itself would run; what varies in an arm is the question."""
    choice = chat_samples.choose(arms or "core", wordings, questions, stimuli)
    cells = chat_samples.plan_cells(choice)

    def cost(cell: Cell) -> Cost:
        texts = choice.arms.render(cell.arm, cell.work, cell.wording)
        read = sum(len(text or "") for text in texts) // CHARACTERS_A_TOKEN
        return Cost(1, read, CHAT_TOKENS_WRITTEN)

    shares = [
        _share(arm, [c._replace(wording=c.work) for c in cells], epochs, lambda cell: NOTHING)
        for arm in choice.selected
    ]
    costs = [_share(arm, cells, epochs, cost).cost for arm in choice.selected]
    said = [
        "Here a question counts as a wording does elsewhere: it is what varies, and its wordings are nested in it.",
        f"Calls: one a run; an answer is taken to be {CHAT_TOKENS_WRITTEN} tokens, reasoning included.",
        "A grader's calls come on top: one a run, and a second where reasoning can be read.",
    ]
    return Reckoning([share._replace(cost=cost) for share, cost in zip(shares, costs, strict=True)], said)


NOTHING: Final = Cost(0, 0, 0)
RECKONINGS: Final[dict[str, Callable[..., Reckoning]]] = {
    "detector": reckon_detector,
    "misalignment_agentic": reckon_misalignment_agentic,
    "misalignment_chat": reckon_misalignment_chat,
    "reward_hacking": reckon_reward_hacking,
    "shutdown": reckon_shutdown,
}


def _share(arm: DeclaresContrasts, cells: Sequence[Cell], epochs: int, cost: Callable[[Cell], Cost]) -> Share:
    own = [cell for cell in cells if cell.arm == arm.arm]
    wordings = len({cell.wording for cell in own})
    costs = [cost(cell) for cell in own]
    total = Cost(*(epochs * sum(each) for each in zip(*costs, strict=True)))
    return Share(arm, len(own) * epochs, Size(wordings, len(own) // wordings * epochs), total)


def _shutdown_cost(choice: shutdown_samples.Choice, cell: Cell, probes: int) -> Cost:
    texts = choice.arms.render(cell.arm, cell.wording)
    calls = choice.arms.arm(cell.arm).world.tasks * CALLS_A_TASK[cell.work] + CALLS_BESIDE_TASKS
    prompt = _prompt([texts.system or "", texts.user], choice.arms.world_texts)
    return _cost(prompt, calls, probes, TOKENS_READ_A_CALL, TOKENS_WRITTEN_A_CALL)


def _prompt(texts: Sequence[str], world_texts: Mapping[str, str]) -> int:
    tools = [world_texts[name] for name in ("bash_tool", "submit_tool")]
    return TOKENS_OF_TOOLS + sum(map(len, [*texts, *tools])) // CHARACTERS_A_TOKEN


def _cost(prompt: int, calls: int, probes: int, reads: int, writes: int) -> Cost:
    """Reckon one run: each call reads the prompt and all that was read and written before it."""
    read = sum(prompt + call * (reads + writes) for call in [*range(calls), *[calls] * probes])
    return Cost(calls + probes, read, (calls + probes) * writes)


def _tokens(reads: int, writes: int, tools: int = TOKENS_OF_TOOLS) -> str:
    return (
        f"Tokens: {CHARACTERS_A_TOKEN} characters of prompt each, {tools} for the tools, and a call reads "
        f"{reads} and writes {writes} more. The whole conversation is sent each time, no cache is counted, and hidden "
        "reasoning comes on top."
    )


def _sizes(shares: Sequence[Share]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Arm", no_wrap=True)
    for column in ("Wordings", "Samples"):
        table.add_column(column, justify="right")
    table.add_column("Zero leaves open", justify="right", min_width=len("0.9% to 31%"))
    for baseline in BASELINES:
        table.add_column(f"Seen from {baseline:.0%}", justify="right", min_width=len("42 points"))
    for share in shares:
        size = share.size
        few = "" if size.reaches_beyond_wordings else "*"
        table.add_row(
            escape(share.arm.arm),
            f"{size.wordings}{few}",
            str(share.runs),
            f"{_percent(bound_behind_zero(share.runs))} to {_percent(bound_behind_zero(size.wordings))}",
            *(_difference(smallest_difference(size, base)) for base in BASELINES),
        )
    return table


def _percent(rate: float) -> str:
    return f"{rate:.0%}" if rate >= 0.1 else f"{rate:.1%}"


def _difference(difference: float) -> str:
    return f"{difference * 100:.0f} points" if isfinite(difference) else "nothing"


def _declared(shares: Sequence[Share]) -> list[str]:
    chosen = {share.arm.arm for share in shares}
    pairs = [
        f"{share.arm.arm} against {contrast.other}"
        for share in shares
        for contrast in share.arm.contrasts
        if contrast.other in chosen
    ]
    declared = ", ".join(pairs) or "none"
    return [f"Declared contrasts among these arms: {declared}. Any other is exploratory."]


def _statistics(shares: Sequence[Share]) -> list[str]:
    lines = [
        f"Zero leaves open: exact one-sided {LEVEL:.0%} bound if no scored run of an arm does it; the first figure "
        "if runs are independent, the second if all runs of a wording do the same.",
        f"Seen from: the smallest difference between two such arms that is found {POWER:.0%} of the time at p < "
        f"{1 - LEVEL:.2f}, if the lower arm stands at that rate: paired t test over wordings, true differences varying "
        f"by {SPREAD * 100:.0f} points (standard deviation) from wording to wording.",
    ]
    if any(not share.size.reaches_beyond_wordings for share in shares):
        lines.append(
            f"* fewer than {WORDINGS_FOR_T} wordings: two proportions of independent runs, so for these wordings only."
        )
    return [*lines, "Unscored runs make every figure worse: below 90 % coverage there is no headline at all."]


def _round(count: int) -> str:
    return f"{count / 1e6:.1f} million" if count >= 1e6 else f"{ceil(count / 1000)} thousand"
