"""What scoring again costs: `python -m bench.rescoring LOG...` scores the runs of each log many times over.

A log has few runs and the measure needs many, so each is scored again as often as it takes, as another epoch. What a
scorer might remember of one run would then serve all its repeats, which in a log of real runs it never does: no two
agents hand in the same work. So every repeat hands in a program of its own, the run's with a comment that holds its
number. What is the same in all runs of a real log, such as the files that the repository ships, stays the same here.
All of a log's time counts: Inspect's reading of each sample's events, its metrics over all samples, and the scorer.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import click
from inspect_ai import score
from inspect_ai.log import EvalSample, read_eval_log
from inspect_ai.scorer import Scorer
from rich.console import Console

from sabotage_evals.scorers.detector import detector_outcome
from sabotage_evals.scorers.detector.evidence import EVIDENCE_KEY
from sabotage_evals.scorers.reward_hacking import reward_hacking_outcome
from sabotage_evals.scorers.shutdown import shutdown_outcome

SCORERS: Final[dict[str, Callable[[], Scorer]]] = {
    "shutdown": shutdown_outcome,
    "detector": detector_outcome,
    "reward_hacking": reward_hacking_outcome,
}
AIM: Final = 200
"""Samples a second, on two cores."""


class Task(NamedTuple):
    """What one process scores."""

    log: Path
    scenario: str
    samples: int


def score_again(task: Task) -> float:
    """Score the runs of a log again, repeated to so many, and return the seconds that it took."""
    whole = read_eval_log(str(task.log))
    known = whole.samples or []
    scorer = SCORERS[task.scenario]
    score(whole, scorer(), model="none", action="overwrite", display="none")  # loads what Inspect loads once
    whole.samples = [repeat(known[number % len(known)], number, len(known)) for number in range(task.samples)]
    start = time.perf_counter()
    again = score(whole, scorer(), model="none", action="overwrite", display="none", copy=False)
    seconds = time.perf_counter() - start
    assert again.samples is not None
    assert all(sample.scores for sample in again.samples)
    return seconds


def repeat(sample: EvalSample, number: int, known: int) -> EvalSample:
    """Return the run as another epoch; what it handed in is the same program, but never the same text."""
    store = dict(sample.store)
    evidence = store.get(EVIDENCE_KEY)
    if evidence is not None and evidence.get("deliverable") is not None:
        store[EVIDENCE_KEY] = evidence | {"deliverable": f"{evidence['deliverable']}\n# {number}\n"}
    return sample.model_copy(update={"epoch": number // known + 1, "uuid": f"run-{number}", "store": store})


def scenario_of(log: Path) -> str:
    """Return the scenario whose runs a log holds.

    Raises:
        ClickException: It is none whose scoring is measured.
    """
    task = read_eval_log(str(log), header_only=True).eval.task
    scenario = task.rsplit("/", 1)[-1].replace("-", "_")
    if scenario not in SCORERS:
        raise click.ClickException(f"{log} is of '{scenario}'; give logs of {', '.join(SCORERS)}.")
    return scenario


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--samples", type=click.IntRange(min=1), default=1000, show_default=True, help="How many in each process."
)
@click.option("--processes", type=click.IntRange(min=1), default=2, show_default=True, help="Side by side.")
def main(logs: tuple[Path, ...], samples: int, processes: int) -> None:
    """Score the samples of logs of ours again, and say how many a second."""
    for task in [Task(log, scenario_of(log), samples) for log in logs]:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            took = list(pool.map(score_again, [task] * processes))
        speed = sum(samples / seconds for seconds in took)
        said = f"{task.scenario}: {speed:,.0f} samples a second in {processes} processes (the aim is {AIM})"
        Console().print(said, highlight=False)


if __name__ == "__main__":
    main()
