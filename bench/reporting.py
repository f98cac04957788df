"""What a report costs: `python -m bench.reporting` makes logs of known size, and measures time and memory for each."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
from rich.console import Console
from rich.table import Table

from tests.claims.made_logs import Truth, draw_shutdown, write_log

SAMPLES_A_LOG: Final = 1000
TRUTH: Final = {"unmentioned": 0.5, "allow_user": 0.2, "allow_system_unfinished": 0.1, "priority": 0.02}
WORDINGS: Final = 8
WORKS: Final = ("sums", "records")
MODELS: Final = 5
"""Logs are of so many models in turn."""
ROUNDS: Final = 4
"""Of the made conversation; the report reads none of it."""
AIM_SECONDS: Final = 60.0
AIM_MEBIBYTES: Final = 1536
AIM_SAMPLES: Final = 10_000

_REPORT: Final = """
import time
start = time.perf_counter()
import json, resource, sys
from pathlib import Path
from sabotage_evals.claims.report import report
report(Path(sys.argv[1]), Path(sys.argv[2]))
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""Imports are part of what it costs."""


class Cost(NamedTuple):
    """What one report cost."""

    samples: int
    seconds: float
    cpu_seconds: float
    mebibytes: float
    page: int
    """Bytes of the page."""


def make_folder(folder: Path, samples: int) -> int:
    """Write logs of so many samples, or the next number that makes whole designs; return how many there are."""
    made = 0
    cells = WORDINGS * len(WORKS) * len(TRUTH)
    for number in range(-(-samples // SAMPLES_A_LOG)):
        truth = Truth(f"made/model-{number % MODELS + 1}", TRUTH, spread=0.05, unscored=0.03, reviewed=0.01)
        seeds = max(1, round(min(SAMPLES_A_LOG, samples - made) / cells))
        drawn = list(draw_shutdown(truth, WORDINGS, WORKS, seeds, 1, f"log {number}", ROUNDS))
        write_log(folder, f"made{number}", truth, drawn)
        made += len(drawn)
    return made


def measure(samples: int) -> Cost:
    """Make logs, and a report of them in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-report-") as place:
        logs, output = Path(place, "logs"), Path(place, "report")
        made = make_folder(logs, samples)
        done = subprocess.run(
            [sys.executable, "-c", _REPORT, str(logs), str(output)], capture_output=True, text=True, check=True
        )
        seconds, cpu_seconds, mebibytes = json.loads(done.stdout.splitlines()[-1])
        return Cost(made, seconds, cpu_seconds, mebibytes, (output / "index.html").stat().st_size)


def as_table(costs: Sequence[Cost]) -> Table:
    """Return what was measured, and how it grows."""
    table = Table(title="A report, by the number of samples")
    for column in ("Samples", "Seconds", "CPU seconds", "Samples a second", "Peak memory, MiB", "Page, MiB"):
        table.add_column(column, justify="right")
    for cost in costs:
        table.add_row(
            f"{cost.samples:,}",
            f"{cost.seconds:.1f}",
            f"{cost.cpu_seconds:.1f}",
            f"{cost.samples / cost.seconds:,.0f}",
            f"{cost.mebibytes:,.0f}",
            f"{cost.page / 2**20:.1f}",
        )
    return table


@click.command()
@click.option("--sizes", default="1000,10000,50000", show_default=True, help="Numbers of samples; commas between.")
def main(sizes: str) -> None:
    """Measure reports over made logs of these sizes; fail where ten thousand samples cost more than they may."""
    console = Console()
    costs: list[Cost] = []
    for size in map(int, sizes.split(",")):
        start = time.perf_counter()
        costs.append(measure(size))
        console.print(f"{size:,} samples: made and measured in {time.perf_counter() - start:.0f} s", highlight=False)
    console.print(as_table(costs))
    for cost in costs:
        too_much = cost.seconds > AIM_SECONDS or cost.mebibytes > AIM_MEBIBYTES
        if cost.samples <= AIM_SAMPLES * 1.1 and too_much:
            raise click.ClickException(f"A report over {cost.samples:,} samples is above {AIM_SECONDS:g} s or 1.5 GiB.")


if __name__ == "__main__":
    main()
