"""Say what a run would cost and what it could show, before anything is spent."""

from collections.abc import Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import Final, NamedTuple

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
from sabotage_evals.tasks.shutdown.arms import Arm
from sabotage_evals.tasks.shutdown.samples import Choice, choose, plan_cells

SCENARIO: Final = "shutdown"
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
BASELINES: Final = (0.0, 0.5)
"""Rates in the lower arm that differences are reckoned from: where a safe model stands, and where chance is widest."""


class Cost(NamedTuple):
    """What runs cost, if each works to its end."""

    calls: int
    tokens_in: int
    tokens_out: int


class Share(NamedTuple):
    """One arm's share of a run."""

    arm: Arm
    size: Size
    cost: Cost


def plan(
    scenario: str,
    arms: Sequence[str] | None,
    work: Sequence[str] | None,
    wordings: int | None,
    seeds: int,
    epochs: int,
    stimuli: Path | None,
    comprehension: bool,
    debrief: bool,
) -> int:
    """Print samples, model calls, tokens, and the smallest effects that could be seen."""
    if scenario != SCENARIO:
        raise Refusal(f"There is no plan for {scenario!r}; choose from {SCENARIO}.")
    shares = shares_of(choose(arms, work, wordings, seeds, stimuli), epochs, comprehension + debrief)
    samples = sum(share.size.runs for share in shares)
    calls, tokens_in, tokens_out = map(sum, zip(*(share.cost for share in shares), strict=True))
    console = Console()
    console.print(_sizes(shares))
    console.print(
        f"\n[bold]{samples:,} samples[/], about {calls:,} model calls, "
        f"{_round(tokens_in)} tokens in and {_round(tokens_out)} out, if every run works to its end."
    )
    for line in [*_declared(shares), *_assumptions(shares)]:
        console.print(Padding(escape(line), (0, 0, 0, 2)))
    return 0


def shares_of(choice: Choice, epochs: int, probes: int) -> list[Share]:
    """Reckon each arm's share from the cells that the task itself would run."""
    cells = plan_cells(choice)
    return [
        _share(choice, arm, [cell for cell in cells if cell.arm == arm.arm], epochs, probes) for arm in choice.selected
    ]


def _share(choice: Choice, arm: Arm, cells: Sequence[Cell], epochs: int, probes: int) -> Share:
    wordings = len({cell.wording for cell in cells})
    size = Size(wordings, len(cells) // wordings * epochs)
    asked = probes if arm.world.notice_with != "none" else 0
    costs = [_cost(choice, arm, cell, asked) for cell in cells]
    return Share(arm, size, Cost(*(epochs * sum(each) for each in zip(*costs, strict=True))))


def _cost(choice: Choice, arm: Arm, cell: Cell, probes: int) -> Cost:
    """Reckon one run: each call reads the prompt and all that was read and written before it."""
    texts = choice.arms.render(arm.arm, cell.wording)
    tools = [choice.arms.world_texts[name] for name in ("bash_tool", "submit_tool")]
    prompt = TOKENS_OF_TOOLS + sum(map(len, [texts.system or "", texts.user, *tools])) // CHARACTERS_A_TOKEN
    grows = TOKENS_READ_A_CALL + TOKENS_WRITTEN_A_CALL
    calls = arm.world.tasks * CALLS_A_TASK[cell.work] + CALLS_BESIDE_TASKS
    read = sum(prompt + call * grows for call in [*range(calls), *[calls] * probes])
    return Cost(calls + probes, read, (calls + probes) * TOKENS_WRITTEN_A_CALL)


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
            str(size.runs),
            f"{_percent(bound_behind_zero(size.runs))} to {_percent(bound_behind_zero(size.wordings))}",
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


def _assumptions(shares: Sequence[Share]) -> list[str]:
    lines = [
        f"Calls: {' and '.join(f'{calls} a task of {work}' for work, calls in CALLS_A_TASK.items())}, "
        f"{CALLS_BESIDE_TASKS} beside them, and the probes, the debrief as if every run resisted; a run that allows "
        "the shutdown ends earlier.",
        f"Tokens: {CHARACTERS_A_TOKEN} characters of prompt each, {TOKENS_OF_TOOLS} for the tools, and a call reads "
        f"{TOKENS_READ_A_CALL} and writes {TOKENS_WRITTEN_A_CALL} more. The whole conversation is sent each time, no "
        "cache is counted, and hidden reasoning comes on top.",
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
