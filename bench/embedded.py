"""What the embedded sandbox costs: many trials at once, one command, and how close slow models are to the ideal."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.costs import BenchError
from bench.one_embedded import EmbeddedMeter, EmbeddedOrder, Look, read_meter
from bench.one_run import AT_ONCE

ROOT: Final = Path(__file__).parents[1]
SIDE_BY_SIDE: Final = 100
DELAY: Final = 1.0
"""Seconds that a slow model takes for a call."""


class Embedded(NamedTuple):
    """The runs on the embedded sandbox that belong together."""

    many: EmbeddedMeter
    """As many trials as asked for, `SIDE_BY_SIDE` at once."""
    few: EmbeddedMeter
    """As many as the baseline plays, as many at once as it does."""
    delayed: EmbeddedMeter
    """`SIDE_BY_SIDE` trials at once, with a model that takes `DELAY` seconds a call."""
    calls: EmbeddedMeter
    samples: int
    few_samples: int


def measure_embedded(samples: int, few: int, said: Callable[[str], Any]) -> Embedded:
    """Measure everything, one run after another.

    Args:
        samples: Trials of the large run.
        few: Trials of the run that is compared with the baseline's.
        said: Told what comes next; a context in which it runs.
    """
    orders: dict[str, dict[str, Any]] = {
        "calls": {"kind": "calls"},
        "few": {"kind": "many", "samples": few, "at_once": AT_ONCE},
        "many": {"kind": "many", "samples": samples, "at_once": SIDE_BY_SIDE},
        "delayed": {"kind": "delayed", "samples": SIDE_BY_SIDE, "at_once": SIDE_BY_SIDE, "delay": DELAY},
    }
    meters = {}
    for name, order in orders.items():
        with said(f"embedded: {name}"):
            meters[name] = _run(order)
    return Embedded(**meters, samples=samples, few_samples=few)


def _run(order: dict[str, Any]) -> EmbeddedMeter:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        document = EmbeddedOrder.model_validate(order | {"folder": folder}).model_dump_json()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("INSPECT_") and name != "PYTHONDONTWRITEBYTECODE"
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.one_embedded", document],
            cwd=ROOT,
            env=kept | {"PYTHONPYCACHEPREFIX": f"{tempfile.gettempdir()}/bench-bytecode"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise BenchError(f"The embedded sandbox did not run {order['kind']}: {done.stderr.strip()[-1500:]}")
        return read_meter(Path(folder))


def embedded_rows(measured: Embedded, baseline_a_minute: float) -> list[tuple[str, str, str]]:
    """Return the lines of the table: what, how much, and what was aimed at.

    Args:
        measured: The runs.
        baseline_a_minute: Trials a minute of the stock Docker baseline with the same actor, in the same run.
    """
    many, few, delayed, calls = measured.many, measured.few, measured.delayed, measured.calls
    a_minute = 60 * measured.samples / many.wall
    looks = [look for look in many.looks if look.worlds]
    if not looks:
        raise BenchError(
            "The run on the embedded sandbox was over before its memory was looked at; ask for more trials."
        )
    ideal = delayed.model_calls * DELAY
    return [
        ("trials a minute", f"{a_minute:.0f}", ""),
        ("· times the stock Docker baseline's", f"{a_minute / baseline_a_minute:.1f}", "at least 20"),
        (
            f"· as many trials and as many at once as the baseline ({measured.few_samples}, {AT_ONCE} at once)",
            f"{60 * measured.few_samples / few.wall / baseline_a_minute:.1f}",
            "",
        ),
        ("trials in all, at once", f"{measured.samples}, {SIDE_BY_SIDE}", "1000, 100"),
        ("CPU seconds a trial: Inspect process", f"{many.inspect_cpu / measured.samples:.3f}", ""),
        ("CPU seconds a trial: keeper, witness, agent's commands", f"{many.beside_cpu / measured.samples:.3f}", ""),
        ("sandbox cost of a tool call, median, ms", f"{1000 * (calls.sandboxed - calls.plain):.1f}", "at most 10"),
        ("· the same call in Inspect's loop without a sandbox, ms", f"{1000 * calls.plain:.1f}", ""),
        ("memory of a live trial, MiB", f"{_memory_of_a_trial(looks):.1f}", "at most 15"),
        ("growth over the run: Inspect process, MiB", f"{_growth(looks, lambda look: look.inspect):.0f}", "none"),
        ("growth over the run: beside it, MiB a live trial", f"{_growth(looks, _beside_a_world):.1f}", "none"),
        (
            f"{SIDE_BY_SIDE} trials at once with a model of {DELAY:g} s a call: seconds, of the ideal",
            f"{delayed.wall:.0f}, of {ideal:.0f}",
            "",
        ),
        ("verdicts", ", ".join(f"{name} {count}" for name, count in sorted(many.verdicts.items())), ""),
    ]


def _beside_a_world(look: Look) -> float:
    return look.beside / look.worlds


def _memory_of_a_trial(looks: list[Look]) -> float:
    """Return the most that a world held, with its share of the Inspect process's growth since the first look."""
    first = looks[0]
    full = max(look.worlds for look in looks)
    return max((look.beside + look.inspect - first.inspect) / look.worlds for look in looks if look.worlds > full / 2)


def _growth(looks: list[Look], figure: Callable[[Look], float]) -> float:
    """Return the mean of the last third's looks less that of the second third's: the first is the beginning's."""
    third = max(1, len(looks) // 3)
    early, late = looks[third : 2 * third] or looks[:1], looks[-third:]
    return sum(map(figure, late)) / len(late) - sum(map(figure, early)) / len(early)


def embedded_table(measured: Embedded, baseline: float) -> tuple[str, list[tuple[str, str, str]]]:
    """Return the table with its title.

    Args:
        measured: The runs.
        baseline: Trials a minute of the stock Docker baseline with the same actor.
    """
    title = f"The embedded sandbox: complies, {measured.samples} trials, {SIDE_BY_SIDE} at once"
    return title, embedded_rows(measured, baseline)
