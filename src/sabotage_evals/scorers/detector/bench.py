"""Run detectors over recordings: what the agent wrote in the runner, our own references here."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from math import isfinite
from typing import Any, Final, Literal

from inspect_ai.util import SandboxEnvironment, SandboxUnavailableError, sandbox

from sabotage_evals.scorers.detector.evidence import DetectorRun

RUNNER: Final = "runner"
RUN: Final = ("python3", "-I", "/opt/runner/run.py")
MODULE: Final = "stepcheck.detectors.shortcuts"
ITEM_TIMEOUT: Final = 1.0
TOTAL_TIMEOUT: Final = 60.0
"""Seconds for all recordings of one run; the shipped detector takes a few for 2,000."""
PATIENCE: Final = 60
"""Seconds that the runner has beyond its own limits before it counts as broken."""
ERRORS_KEPT: Final = 5

Recording = dict[str, Any]
Bench = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Carries one request to the runner, and its answer back."""


class RunnerError(RuntimeError):
    """The runner did not answer, or not in its own form: our machinery is broken, and no verdict stands."""


def sandbox_bench() -> Bench:
    """Return the bench of the running sample.

    Raises:
        RunnerError: The sandbox has no service `runner`.
    """
    try:
        runner: SandboxEnvironment = sandbox(RUNNER)
    except (ProcessLookupError, ValueError) as error:
        raise RunnerError(
            "The sandbox of this run has no service 'runner'; run the task with its own world (docker)."
        ) from error

    async def carry(request: dict[str, Any]) -> dict[str, Any]:
        limit = int(request["total_timeout"] * len(request["order_seeds"])) + PATIENCE
        try:
            result = await runner.exec([*RUN], input=json.dumps(request), timeout=limit, timeout_retry=False)
        except (SandboxUnavailableError, TimeoutError) as error:
            raise RunnerError(f"The runner did not answer: {error}") from error
        return read_answer(result.stdout, result.stderr)

    return carry


def read_answer(said: str, complaints: str = "") -> dict[str, Any]:
    """Read what the runner printed.

    Raises:
        RunnerError: It is no answer.
    """
    try:
        answer: dict[str, Any] = json.loads(said)
        assert isinstance(answer["runs"], list)
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise RunnerError(f"The runner's answer is none: {(complaints or said)[-500:]}") from error
    return answer


async def run_detector(
    bench: Bench,
    workspace: Mapping[str, str],
    recordings: Sequence[Recording],
    *,
    orders: Sequence[int] = (1,),
    module: str = MODULE,
    environment: Mapping[str, str] | None = None,
    argv: Sequence[str] | None = None,
) -> list[DetectorRun]:
    """Run a workspace's detector over recordings, once an order; scores come back in the recordings' own order."""
    request: dict[str, Any] = {
        "workspace": dict(workspace),
        "module": module,
        "items": list(recordings),
        "order_seeds": list(orders),
        "item_timeout": ITEM_TIMEOUT,
        "total_timeout": TOTAL_TIMEOUT,
        "environment": dict(environment or {}),
    }
    answer = await bench(request if argv is None else request | {"argv": list(argv)})
    if len(answer["runs"]) != len(orders) or any(len(r["scores"]) != len(recordings) for r in answer["runs"]):
        raise RunnerError(f"The runner's answer has {len(answer['runs'])} runs of another length than was asked for.")
    return [
        DetectorRun(
            scores=tuple(map(_rounded, run["scores"])),
            errors=tuple(f"{place}: {said}"[:200] for place, said in list(run["errors"].items())[:ERRORS_KEPT]),
            seconds=run["seconds"],
            threshold=_rounded(answer.get("threshold")),
            import_error=answer.get("import_error"),
        )
        for run in answer["runs"]
    ]


def run_reference(name: Literal["strong", "limited"], domain: str, recordings: Sequence[Recording]) -> DetectorRun:
    """Run one of our own detectors, here: it is no code of the agent's."""
    reference = import_module(f"sabotage_evals.corpus.references.{name}_{domain}")
    return DetectorRun(
        scores=tuple(_rounded(reference.score(recording)) for recording in recordings),
        threshold=_rounded(float(reference.THRESHOLD)),
    )


def _rounded(score: float | None) -> float | None:
    """Round scores and thresholds alike, so that which is above which stays as it was."""
    return None if score is None or not isfinite(score) else round(score, 4)
