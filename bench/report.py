"""Tell what was measured: ratios first, then where the time goes, as tables for the console and as Markdown."""

import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from statistics import fmean, median
from typing import Final, NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

from bench.costs import COMMANDS, PHASES, WAITING, Cost, Trial, mean_phases, verdicts
from bench.one_run import AT_ONCE
from sabotage_evals.backends.engine import connect
from sabotage_evals.tasks.shutdown.world import GRACE

NEGLIGIBLE: Final = 0.05
"""Seconds or counts below which a ratio says nothing."""
NO_RATIO: Final = "-"

READING: Final = (
    "A ratio is ours divided by the baseline's: for *trials a minute* more is better, for all else less. In "
    "brackets: the smallest and the largest ratio of the rounds. Only ratios travel; the figures beside them "
    "belong to this machine."
)
SHAPES: Final = (
    "The baseline has the published harness's shape, in our own code: one container, Inspect's `react` with its "
    "`bash`, a question program beside the agent, a marker file looked for by a second command after every tool "
    "call, which ends the run at the first sight of it. It grades no answers and asks no questions. Same actor, "
    "same prompts, same image, same limits for the agent's container."
)
MIX: Final = (
    f"An actor whose machine survives waits out GRACE ({GRACE:g} s) in our world, where the order has that long to "
    "take effect, and then goes on to the end of its work; the baseline ends that run at once. So the mix of "
    "actors decides how many trials a minute there are, and GRACE has a row of its own."
)


@dataclass(frozen=True)
class Comparison:
    """Ours and the baseline with one actor: the runs in turn, and a few trials one after another."""

    actor: str
    ours: tuple[Cost, ...]
    baseline: tuple[Cost, ...]
    ours_alone: Cost
    baseline_alone: Cost
    other_load: tuple[float, ...]


class Row(NamedTuple):
    """One line of a table, all in words."""

    what: str
    ours: str
    baseline: str
    ratio: str


Figure = Callable[[Sequence[Cost]], float]


def _trials(costs: Iterable[Cost]) -> list[Trial]:
    return [trial for cost in costs for trial in cost.trials]


def _a_trial(seconds: Callable[[Cost], float]) -> Figure:
    return lambda costs: sum(map(seconds, costs)) / len(_trials(costs))


def _a_minute(seconds: Callable[[Cost], float]) -> Figure:
    return lambda costs: 60 * len(_trials(costs)) / sum(map(seconds, costs))


def _else(cost: Cost) -> float:
    return cost.meter.machine_cpu - cost.meter.inspect_cpu - cost.meter.command_cpu


def _busy(trial: Trial) -> float:
    return sum(seconds for phase, seconds in trial.phases.items() if phase not in WAITING)


FIGURES: Final[dict[str, Figure]] = {
    "trials a minute": _a_minute(lambda cost: cost.meter.wall),
    "trials a minute, Inspect's own start and end aside": _a_minute(lambda cost: cost.wall_of_trials),
    "seconds of a trial, waiting aside": lambda costs: fmean(map(_busy, _trials(costs))),
    "seconds of GRACE a trial": lambda costs: fmean(t.phases["grace"] for t in _trials(costs)),
    "CPU seconds a trial, whole machine": _a_trial(lambda cost: cost.meter.machine_cpu),
    "· Inspect process": _a_trial(lambda cost: cost.meter.inspect_cpu),
    "· engine's command line": _a_trial(lambda cost: cost.meter.command_cpu),
    "· engine, containers, whatever else ran": _a_trial(_else),
    "engine commands a trial": _a_trial(lambda cost: len(cost.commands)),
    "peak memory of the Inspect process, MiB": lambda costs: max(cost.meter.peak_memory for cost in costs),
    "seconds of scoring with evidence a trial": lambda costs: fmean(t.evidence for t in _trials(costs)),
    "· the slowest trial": lambda costs: max(t.evidence for t in _trials(costs)),
}
"""What is compared, and how it is reckoned from the runs of one side."""
ALONE_SCORING: Final = "· one trial at a time"


def figure_rows(comparison: Comparison) -> list[Row]:
    """Compare ours and the baseline, figure by figure."""
    rows = [_figure_row(what, figure, comparison.ours, comparison.baseline) for what, figure in FIGURES.items()]
    ours, baseline = (fmean(t.evidence for t in _warm(c)) for c in (comparison.ours_alone, comparison.baseline_alone))
    rows.append(_row(ALONE_SCORING, ours, baseline))
    rows.append(Row("verdicts", verdicts(_trials(comparison.ours)), verdicts(_trials(comparison.baseline)), ""))
    return rows


def _figure_row(what: str, figure: Figure, ours: Sequence[Cost], baseline: Sequence[Cost]) -> Row:
    row = _row(what, figure(ours), figure(baseline))
    rounds = [_ratio(figure([o]), figure([b])) for o, b in zip(ours, baseline, strict=True)]
    if len(rounds) == 1 or NO_RATIO in (row.ratio, *rounds):
        return row
    return row._replace(ratio=f"{row.ratio} ({min(rounds, key=float)}-{max(rounds, key=float)})")


def _row(what: str, ours: float, baseline: float) -> Row:
    return Row(what, _number(ours), _number(baseline), _ratio(ours, baseline))


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratio(ours: float, baseline: float) -> str:
    return f"{ours / baseline:.2f}" if baseline > NEGLIGIBLE else NO_RATIO


def phase_rows(comparison: Comparison) -> list[Row]:
    """Say where a trial's time goes when it has the machine to itself."""
    ours, baseline = (mean_phases(_warm(c)) for c in (comparison.ours_alone, comparison.baseline_alone))
    rows = [_row(words, ours[phase], baseline[phase]) for phase, words in PHASES.items()]
    busy = (sum(seconds for phase, seconds in side.items() if phase not in WAITING) for side in (ours, baseline))
    return [*rows, _row("all, waiting aside", *busy)]


def _warm(cost: Cost) -> tuple[Trial, ...]:
    """All trials but the first, in which Inspect still imports."""
    return cost.trials[1:]


def command_rows(comparison: Comparison) -> list[Row]:
    """Say which of the engine's commands a trial needs, how many of each, and for how long when run one by one."""
    rows = []
    for kind in (*COMMANDS, "other"):
        ours, baseline = (_of_kind(c, kind) for c in (comparison.ours_alone, comparison.baseline_alone))
        if ours.number or baseline.number:
            rows.append(Row(kind, ours.words, baseline.words, _ratio(ours.number, baseline.number)))
    return rows


class _Kind(NamedTuple):
    number: float
    seconds: float

    @property
    def words(self) -> str:
        return f"{self.number:.1f} in {self.seconds:.2f} s" if self.number else ""


def _of_kind(cost: Cost, kind: str) -> _Kind:
    found = [command.seconds for command in cost.commands if command.kind == kind]
    return _Kind(len(found) / len(cost.trials), sum(found) / len(cost.trials))


def mixed(comparisons: Sequence[Comparison]) -> list[Row]:
    """Compare over all actors, each of which played as many trials as the others."""
    ours = [cost for comparison in comparisons for cost in comparison.ours]
    baseline = [cost for comparison in comparisons for cost in comparison.baseline]
    return [_row(what, figure(ours), figure(baseline)) for what, figure in FIGURES.items()]


def tables(comparisons: Sequence[Comparison]) -> list[tuple[str, Sequence[Row]]]:
    """Return all tables with their titles."""
    made: list[tuple[str, Sequence[Row]]] = []
    for c in comparisons:
        size = f"{len(c.ours)} x {len(c.ours[0].trials)} trials a side, {AT_ONCE} at once"
        made.append((f"{c.actor}: {size}", figure_rows(c)))
    if len(comparisons) > 1:
        names = " and ".join(c.actor for c in comparisons)
        made.append((f"The mix: {names}, as many trials of each", mixed(comparisons)))
    for c in comparisons:
        made.append((f"{c.actor}: seconds of a trial by phase, one trial at a time", phase_rows(c)))
    for c in comparisons:
        made.append((f"{c.actor}: the engine's commands in a trial, one trial at a time", command_rows(c)))
    return made


EmbeddedTable = tuple[str, list[tuple[str, str, str]]]
EMBEDDED: Final = (
    "Scripted trials only, with the actor `complies`. The baseline is the stock Docker side above with the same actor, "
    "measured in the same run. *Memory* is what the world's processes and the keeper hold, shared pages divided among "
    "their users, with the growth of the Inspect process; *growth* compares the last third of the run with the second."
)


def baseline_a_minute(comparisons: Sequence[Comparison]) -> float:
    """Trials a minute of the baseline with the first actor."""
    return FIGURES["trials a minute"](comparisons[0].baseline)


def print_report(comparisons: Sequence[Comparison], embedded: EmbeddedTable | None, console: Console) -> None:
    """Print all tables."""
    for title, rows in tables(comparisons):
        table = Table("", "ours", "baseline", "ours / baseline", title=title, title_justify="left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    if embedded is not None:
        table = Table("", "measured", "aimed at", title=embedded[0], title_justify="left")
        for line in embedded[1]:
            table.add_row(*line)
        console.print(table)
    console.print(_other_load(comparisons), highlight=False)


def as_markdown(comparisons: Sequence[Comparison], embedded: EmbeddedTable | None, command: str) -> str:
    """Write the report as Markdown."""
    parts = [
        "# What a run costs, beside a stock baseline",
        f"Made by `make bench` ({_code(command)}). {READING}",
        SHAPES,
        MIX,
        *(f"## {title}\n\n{_markdown_table(rows)}" for title, rows in tables(comparisons)),
        *([] if embedded is None else [f"## {embedded[0]}", EMBEDDED, _embedded_lines(embedded)]),
        "## How it was measured",
        _how(comparisons),
    ]
    return "\n\n".join(parts) + "\n"


def _code(text: str) -> str:
    return f"`{text}`"


def _markdown_table(rows: Sequence[Row]) -> str:
    lines = ["| | ours | baseline | ours / baseline |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _embedded_lines(embedded: EmbeddedTable) -> str:
    return "\n".join(["| | measured | aimed at |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in embedded[1])])


def _how(comparisons: Sequence[Comparison]) -> str:
    memory = psutil.virtual_memory().total / 2**30
    compose = subprocess.run(
        ["docker", "compose", "version", "--short"], capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()
    return "\n".join([
        "- Runs: ours, baseline, ours, baseline, each in a process of its own, back to back; Inspect's flags "
        f"`--max-samples {AT_ONCE} --max-sandboxes {AT_ONCE} --max-subprocesses {AT_ONCE} --sandbox-prebuilt "
        "--display none`. Python's imports are left out: they are the same.",
        "- CPU of the whole machine: the kernel's count over the run, engine and containers included, and whatever "
        "else ran. Peak memory: the kernel's high-water mark of the process.",
        "- Seconds of a trial: the spans in Inspect's log; commands: Inspect's trace; GRACE: the witness's journal. "
        "*Waiting* is GRACE, and Inspect's random wait before each sandbox.",
        "- *One trial at a time* leaves out the first trial, in which Inspect still imports.",
        f"- {_other_load(comparisons)}",
        f"- Machine: {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB.",
        f"- Versions: Python {platform.python_version()}, sabotage-evals {version('sabotage-evals')}, "
        f"inspect-ai {version('inspect-ai')}, Docker Engine {connect().version()['Version']}, Compose {compose}.",
    ])


def _other_load(comparisons: Sequence[Comparison]) -> str:
    load = [cores for c in comparisons for cores in c.other_load]
    return f"Cores busy with other things just before the runs: {median(load):.1f} (at most {max(load):.1f})."
