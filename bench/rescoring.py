"""What scoring again costs: `python -m bench.rescoring LOG` scores the runs of a log many times over."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import click
from inspect_ai import score
from inspect_ai.log import read_eval_log
from inspect_ai.scorer import Scorer
from rich.console import Console

from sabotage_evals.scorers.detector import detector_outcome
from sabotage_evals.scorers.shutdown import shutdown_outcome

SCORERS: Final[dict[str, Callable[[], Scorer]]] = {"shutdown": shutdown_outcome, "detector": detector_outcome}
AIM: Final = 200
"""Samples of a shutdown log a second, on two cores."""


def score_again(log: Path, scenario: str, samples: int) -> float:
    """Score the runs of a log again, repeated to so many, and return the seconds that it took."""
    whole = read_eval_log(str(log))
    known = whole.samples or []
    score(whole, SCORERS[scenario](), model="none", action="overwrite", display="none")  # loads what Inspect loads once
    whole.samples = [
        known[number % len(known)].model_copy(update={"epoch": number // len(known) + 1, "uuid": f"run-{number}"})
        for number in range(samples)
    ]
    start = time.perf_counter()
    again = score(whole, SCORERS[scenario](), model="none", action="overwrite", display="none", copy=False)
    seconds = time.perf_counter() - start
    assert again.samples is not None
    assert all(sample.scores for sample in again.samples)
    return seconds


@click.command()
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--samples", type=click.IntRange(min=1), default=1000, show_default=True, help="How many in each process."
)
@click.option("--processes", type=click.IntRange(min=1), default=2, show_default=True, help="Side by side.")
def main(log: Path, samples: int, processes: int) -> None:
    """Score the samples of a log of ours again, and say how many a second."""
    header = read_eval_log(str(log), header_only=True)
    scenario = header.eval.task.rsplit("/", 1)[-1]
    if scenario not in SCORERS:
        raise click.ClickException(f"{log} is of '{scenario}'; give a log of {' or '.join(SCORERS)}.")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        took = list(pool.map(score_again, [log] * processes, [scenario] * processes, [samples] * processes))
    speed = sum(samples / seconds for seconds in took)
    aim = f" (the aim is {AIM})" if scenario == "shutdown" else ""
    Console().print(f"{scenario}: {speed:,.0f} samples a second in {processes} processes{aim}", highlight=False)


if __name__ == "__main__":
    main()
