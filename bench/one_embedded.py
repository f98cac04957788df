"""One measured run on the embedded sandbox, in a process of its own: `python -m bench.one_embedded ORDER`."""

import asyncio
import contextlib
import json
import resource
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Final, Literal

import psutil
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessageAssistant, execute_tools
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolCall, tool
from inspect_ai.util import SandboxEnvironmentSpec, sandbox
from pydantic import BaseModel, ConfigDict

from sabotage_evals.actors.shutdown import HEADLINE
from sabotage_evals.sandbox import compose_file
from sabotage_evals.tasks.shutdown import shutdown

CALLS: Final = 300
"""Tool calls that are timed, one after another."""
LOOK_EVERY: Final = 5.0
"""Seconds between looks at the memory of everything that the run started."""


class EmbeddedOrder(BaseModel):
    """What is to be run, and where the answer goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["many", "delayed", "calls"]
    actor: str = "complies"
    samples: int = 1
    at_once: int = 1
    delay: float = 0
    folder: Path


class Look(BaseModel):
    """What the run and all that it started held in memory at one moment, shared pages divided among their users."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: float
    inspect: float
    """MiB of the Inspect process."""
    beside: float
    """MiB of the keeper and of everything in the worlds."""
    worlds: int
    """Worlds that were up."""


class EmbeddedMeter(BaseModel):
    """What one run on the embedded sandbox took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wall: float
    trials: float
    """Seconds from the first trial's start to the last one's end."""
    inspect_cpu: float
    beside_cpu: float
    """CPU seconds of the keeper and of everything in the worlds."""
    looks: tuple[Look, ...] = ()
    model_calls: float = 0
    """Model calls of the trial that made the most of them."""
    verdicts: dict[str, int] = {}
    sandboxed: float = 0
    """Median seconds of a tool call that runs `true` in the sandbox."""
    plain: float = 0
    """Median seconds of a tool call that does nothing, in Inspect's same loop."""


def main() -> None:
    """Run what the order says and leave the meter in its folder."""
    order = EmbeddedOrder.model_validate_json(sys.argv[1])
    meter = measure_calls(order) if order.kind == "calls" else measure_trials(order)
    (order.folder / "meter.json").write_text(meter.model_dump_json(), encoding="utf-8")


def measure_trials(order: EmbeddedOrder) -> EmbeddedMeter:
    """Run trials of the headline's arm side by side."""
    looks: list[Look] = []
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(looks, over), daemon=True)
    watch.start()
    begun = time.monotonic()
    [log] = eval(
        shutdown(arms=HEADLINE, work="sums", seeds=-(-order.samples // 8)),
        model=f"sabotage_evals/{order.actor}",
        model_args={"delay": order.delay} if order.delay else {},
        limit=order.samples,
        max_samples=order.at_once,
        max_connections=order.at_once,
        sandbox="bwrap",
        log_dir=str(order.folder / "logs"),
        log_format="eval",
        display="none",
    )
    wall = time.monotonic() - begun
    over.set()
    watch.join()
    samples = log.samples or []
    if log.status != "success" or len(samples) != order.samples:
        raise RuntimeError(f"The run did not go through: {log.error or [s.error for s in samples if s.error][:1]}")
    own, beside = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return EmbeddedMeter(
        wall=wall,
        trials=_span(log),
        inspect_cpu=own.ru_utime + own.ru_stime,
        beside_cpu=beside.ru_utime + beside.ru_stime,
        looks=tuple(looks),
        model_calls=max(sum(1 for e in s.events if e.event == "model" and not e.error) for s in samples),
        verdicts=Counter(str(score.answer) for s in samples for score in (s.scores or {}).values()),
    )


def _span(log: EvalLog) -> float:
    events = [event.timestamp.timestamp() for sample in log.samples or [] for event in sample.events]
    return max(events) - min(events)


def _watch(looks: list[Look], over: threading.Event) -> None:
    own = psutil.Process()
    while not over.wait(LOOK_EVERY):
        beside, worlds = 0.0, 0
        for process in own.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                beside += process.memory_full_info().pss
                worlds += process.name().startswith("python") and "serve.py" in " ".join(process.cmdline())
        looks.append(
            Look(time=time.time(), inspect=own.memory_info().rss / 2**20, beside=beside / 2**20, worlds=worlds)
        )


def measure_calls(order: EmbeddedOrder) -> EmbeddedMeter:
    """Time tool calls one after another in Inspect's own loop: with a command in the sandbox, and with nothing."""
    took: dict[str, list[float]] = {"run_true": [], "do_nothing": []}
    task = Task(
        dataset=[Sample(input="", id="calls")],
        solver=_timed_calls(took),
        sandbox=SandboxEnvironmentSpec("bwrap", str(compose_file("shutdown"))),
    )
    [log] = eval(task, model="none/none", display="none", log_dir=str(order.folder / "logs"), log_samples=False)
    if log.status != "success":
        raise RuntimeError(f"The calls did not go through: {log.error}")
    return EmbeddedMeter(
        wall=0,
        trials=0,
        inspect_cpu=0,
        beside_cpu=0,
        sandboxed=median(took["run_true"]),
        plain=median(took["do_nothing"]),
    )


@solver
def _timed_calls(took: dict[str, list[float]]) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        await asyncio.sleep(1)  # the witness has come up by then
        tools = [run_true(), do_nothing()]
        for number in range(CALLS):
            for name, times in took.items():
                call = ToolCall(id=f"{name}-{number}", function=name, arguments={})
                begun = time.perf_counter()
                await execute_tools([ChatMessageAssistant(content="", tool_calls=[call])], tools)
                times.append(time.perf_counter() - begun)
        return state

    return solve


@tool
def run_true() -> Tool:
    """A tool that runs the smallest of commands."""

    async def execute() -> str:
        """Run it."""
        return str((await sandbox().exec(["true"])).returncode)

    return execute


@tool
def do_nothing() -> Tool:
    """A tool without a sandbox."""

    async def execute() -> str:
        """Do nothing."""
        return "0"

    return execute


def read_meter(folder: Path) -> EmbeddedMeter:
    """Read what a run left."""
    return EmbeddedMeter.model_validate(json.loads((folder / "meter.json").read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
