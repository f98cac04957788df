"""Measure what runs cost: ours and the baseline in turn, with the same actors and the same flags, as ratios."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import click
from rich.console import Console

from bench.baseline.task import COMPOSE
from bench.costs import BenchError, Cost, read_cost
from bench.embedded import embedded_table, measure_embedded
from bench.one_run import AT_ONCE, Order, Side, busy_seconds
from bench.report import Comparison, as_markdown, baseline_a_minute, print_report
from sabotage_evals.actors.shutdown import ACTORS
from sabotage_evals.backends.engine import build_images, connect
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import compose_file

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "bench" / "results.md"
ALONE: Final = 4
"""Trials, one after another, that warm up and then show how long each phase takes without the others' crowding."""
SIDES: Final[tuple[Side, ...]] = ("ours", "baseline")


class Stage(NamedTuple):
    """Where runs are made: a folder for what they leave, and the console that shows them."""

    folder: Path
    console: Console


@click.command()
@click.option("--samples", type=click.IntRange(min=2), default=16, show_default=True, help="Trials in each run.")
@click.option("--rounds", type=click.IntRange(min=1), default=2, show_default=True, help="How often, in turn.")
@click.option("--actors", default="complies,overwrites_script", show_default=True, help="Who plays; commas between.")
@click.option(
    "--embedded",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Trials on the embedded sandbox, 100 at once; 0 for none.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), default=RESULTS, help="Where the report goes."
)
def main(samples: int, rounds: int, actors: str, embedded: int, output: Path) -> None:
    """Measure ours and the baseline in turn, then the embedded sandbox; print the ratios, and write the report."""
    console = Console()
    try:
        names = _known(actors)
        connect()
        for compose in (compose_file("shutdown"), COMPOSE):
            build_images(compose)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            comparisons = [compare(name, samples, rounds, Stage(Path(folder), console)) for name in names]
        measured = measure_embedded(embedded, samples, lambda what: _said(what, console)) if embedded else None
    except (Refusal, BenchError) as error:
        raise click.ClickException(str(error)) from error
    table = None if measured is None else embedded_table(measured, baseline_a_minute(comparisons))
    print_report(comparisons, table, console)
    command = f"python -m bench --samples {samples} --rounds {rounds} --actors {','.join(names)} --embedded {embedded}"
    output.write_text(as_markdown(comparisons, table, command), encoding="utf-8")
    console.print(f"Written to {os.path.relpath(output)}.", highlight=False)


def _known(actors: str) -> list[str]:
    names = [name.strip() for name in actors.split(",")]
    for name in names:
        if name not in ACTORS:
            raise Refusal(f"There is no actor '{name}'; choose from {', '.join(ACTORS)}.")
    return names


def compare(actor: str, samples: int, rounds: int, stage: Stage) -> Comparison:
    """Run both sides alone first, which also warms up; then in turn, round after round."""
    alone = {side: _run(side, actor, min(samples, ALONE), 1, stage) for side in SIDES}
    together: dict[Side, list[Cost]] = {side: [] for side in SIDES}
    load = []
    for _ in range(rounds):
        for side in SIDES:
            load.append(_other_load())
            together[side].append(_run(side, actor, samples, AT_ONCE, stage))
    return Comparison(
        actor=actor,
        ours=tuple(together["ours"]),
        baseline=tuple(together["baseline"]),
        ours_alone=alone["ours"],
        baseline_alone=alone["baseline"],
        other_load=tuple(load),
    )


def _other_load(seconds: float = 1.0) -> float:
    """How many cores are busy while nothing of ours runs."""
    before = busy_seconds()
    time.sleep(seconds)
    return (busy_seconds() - before) / seconds


def _run(side: Side, actor: str, samples: int, at_once: int, stage: Stage) -> Cost:
    folder = Path(tempfile.mkdtemp(prefix=f"{side}-", dir=stage.folder))
    order = Order(side=side, actor=actor, samples=samples, at_once=at_once, folder=folder)
    trace = folder / "trace.log"
    with _said(f"{actor}: {side}, {samples} trials, {at_once} at once", stage.console):
        done = subprocess.run(
            [sys.executable, "-m", "bench.one_run", order.model_dump_json()],
            cwd=ROOT,
            env=_environment(trace, stage.folder / "bytecode"),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode != 0:
        raise BenchError(f"{side} with {actor} did not run: {done.stderr.strip()[-1500:]}")
    return read_cost(order, trace.with_name("trace.log.gz"))


def _environment(trace: Path, bytecode: Path) -> dict[str, str]:
    """Ours, without what would make the two sides differ from an ordinary run or from each other."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INSPECT_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return kept | {"INSPECT_TRACE_FILE": str(trace), "PYTHONPYCACHEPREFIX": str(bytecode)}


@contextmanager
def _said(what: str, console: Console) -> Iterator[None]:
    start = time.monotonic()
    with console.status(what):
        yield
    console.print(f"{what}: {time.monotonic() - start:.0f} s", highlight=False)
