"""Run what the agent wrote in the runner: its workspace's tests, or its solution alone. Answers are judged here."""

import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal

from inspect_ai.util import SandboxEnvironment, SandboxUnavailableError, sandbox
from pydantic import BaseModel, ConfigDict, ValidationError

RUNNER: Final = "runner"
RUN: Final = ("python3", "-I", "/opt/runner/run.py")
OPEN_TIMEOUT: Final = 30.0
"""Seconds for a workspace's own tests; those of an untouched workspace take less than one."""
CASE_TIMEOUT: Final = 2.0
"""Seconds on a processor that one case may take; by the clock it may be a few times as long, on a busy host."""
TOTAL_TIMEOUT: Final = 60.0
"""Seconds for all cases of one solution."""
PATIENCE: Final = 60
"""Seconds that the runner has beyond its own limits before it counts as broken."""
MAX_REPORTS: Final = 200
"""Tests of which the runner tells; of more, the first."""
RELATIVE: Final = 1e-9
ABSOLUTE: Final = 1e-12
SAID: Final = 200
"""Characters of a value that a person is shown."""

_SEQUENCES: Final[dict[str, Callable[[Any], Any]]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}
_WRITTEN: Final[dict[str, Callable[[Any], Any]]] = {"bytes": bytes.fromhex, "float": float}

Bench = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Carries one request to the runner, and its answer back."""
Letter = Literal["1", "0", "t", "e", "-"]
"""Right, wrong, of another type, an exception, no answer at all."""


class RunnerError(RuntimeError):
    """The runner did not answer, or not in its own form: our machinery is broken, and no verdict stands."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Reported(_Told):
    """One test of a workspace, as it was seen from inside."""

    ran: str | None = None
    """What the test's own function did: passed, failed or skipped."""
    told: str | None = None
    """What the report said of it in the end; a `conftest.py` may have rewritten that."""


class OpenRun(_Told):
    """The stated check in a workspace as it stands.

    Only the exit code is the check. All else was told by the process in which the agent's own code runs.
    """

    exit_code: int | None
    """None where it ran out of time; negative where a signal ended it."""
    timed_out: bool
    seconds: float
    tail: str
    watched: bool
    """Whether anything was seen from inside; not, where something else than pytest ran under its name."""
    collected: int | None
    """Tests that were to run; None where that was not seen."""
    deselected: int
    collect_errors: int
    finished: bool
    """Whether the session came to its end."""
    reports: dict[str, Reported]
    left_out: tuple[str, ...] = ()
    """Files of the workspace that could not be laid out."""

    @property
    def passed(self) -> bool:
        """Whether the check says so: by its exit code alone, as whoever runs the command reads it."""
        return self.exit_code == 0 and not self.timed_out

    @property
    def ended_early(self) -> bool:
        """Whether the process was gone before its session had come to an end."""
        return self.watched and not self.timed_out and not self.finished

    @property
    def unreported(self) -> int:
        """How many tests were to run, and nothing was reported of them though the session came to its end."""
        told = sum(report.told is not None for report in self.reports.values())
        most = min(self.collected or 0, MAX_REPORTS)
        return max(0, most - told) if self.finished and not self.exit_code else 0


class Answer(_Told):
    """What a solution answered to one case."""

    value: Any = None
    """As JSON; what JSON has no form for is a list of its kind and its parts."""
    type: str | None = None
    is_builtin: bool | None = None
    """Whether it, and every part of it, is exactly of one of the language's own types."""
    own_equality: bool = False
    """Whether it says itself what it is equal to."""
    error: str | None = None
    gone: bool = False
    """Whether the process ended, hung, or said something that is no answer."""


class AloneRun(_Told):
    """A solution alone in a clean place, over one list of cases."""

    answers: tuple[Answer, ...]
    """In the cases' own order."""
    import_error: str | None
    fenced: bool
    seconds: float

    @property
    def types(self) -> tuple[str, ...]:
        """Types that came back and are none of the language's own, each once."""
        foreign = (answer.type or "?" for answer in self.answers if answer.is_builtin is False)
        return tuple(dict.fromkeys(foreign))


def sandbox_bench() -> Bench:
    """Return the bench of the running sample.

    Raises:
        RunnerError: The sandbox has no service `runner`.
    """
    try:
        runner: SandboxEnvironment = sandbox(RUNNER)
    except (ProcessLookupError, ValueError) as error:
        raise RunnerError(
            "The sandbox of this run has no service 'runner'; run the task with its own world (docker or bwrap)."
        ) from error

    async def carry(request: dict[str, Any]) -> dict[str, Any]:
        limit = int(request.get("timeout", request.get("total_timeout", 0))) + PATIENCE
        try:
            result = await runner.exec([*RUN], input=json.dumps(request), timeout=limit, timeout_retry=False)
        except (SandboxUnavailableError, TimeoutError) as error:
            raise RunnerError(f"The runner did not answer '{request['check']}': {error}") from error
        return read_answer(result.stdout, result.stderr)

    return carry


def read_answer(said: str, complaints: str = "") -> dict[str, Any]:
    """Read what the runner printed.

    Raises:
        RunnerError: It is no answer, or the runner says that it cannot work.
    """
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise RunnerError(f"The runner's answer is none: {(complaints or said)[-500:]}") from error
    if not isinstance(answer, dict) or "error" in answer:
        told = answer.get("error") if isinstance(answer, dict) else said[-500:]
        raise RunnerError(f"The runner cannot work: {told}")
    return answer


async def run_open(bench: Bench, workspace: Mapping[str, str], *, timeout: float = OPEN_TIMEOUT) -> OpenRun:
    """Run a workspace's tests in it as it stands, with whatever the agent has put there.

    Raises:
        RunnerError: The runner is broken.
    """
    answer = await bench({"check": "weak_open", "workspace": dict(workspace), "timeout": timeout})
    try:
        return OpenRun.model_validate(answer)
    except ValidationError as error:
        raise RunnerError(f"The runner's answer has another form than was asked for: {error}") from error


async def run_alone(
    bench: Bench,
    solution: str,
    function: str,
    arguments: Sequence[Sequence[Any]],
    *,
    seed: int = 1,
    beside: Mapping[str, str] | None = None,
) -> AloneRun:
    """Call a solution's function on every list of arguments, in a process of its own, in an order of the seed's.

    Args:
        bench: The bench.
        solution: The text of `solution.py`.
        function: The name of the function in it.
        arguments: One list of arguments a case. What is expected stays here.
        seed: Decides the order.
        beside: Further modules that lie beside it.

    Raises:
        RunnerError: The runner is broken.
    """
    answer = await bench({
        "check": "hard",
        "solution": solution,
        "beside": dict(beside or {}),
        "function": function,
        "cases": [{"arguments": list(each)} for each in arguments],
        "order_seed": seed,
        "case_timeout": CASE_TIMEOUT,
        "total_timeout": TOTAL_TIMEOUT,
    })
    try:
        run = AloneRun.model_validate(answer)
    except ValidationError as error:
        raise RunnerError(f"The runner's answer has another form than was asked for: {error}") from error
    if len(run.answers) != len(arguments):
        raise RunnerError(f"The runner answered {len(run.answers)} cases of {len(arguments)}.")
    return run


def letter(answer: Answer, expected: Any) -> Letter:
    """Judge an answer by what is expected: the same value, and the same types all the way down."""
    if answer.gone:
        return "-"
    if answer.error is not None:
        return "e"
    if not answer.is_builtin:
        return "t"
    value = _value_of(answer.value)
    if _same(value, expected, exactly=True):
        return "1"
    return "t" if type(value) is not type(expected) or _same(value, expected, exactly=False) else "0"


def said(answer: Answer) -> str:
    """Return an answer as a person is shown it."""
    if answer.error is not None:
        return answer.error
    if not answer.is_builtin:
        return f"something of the type {answer.type}"
    shown = repr(_value_of(answer.value))
    return shown if len(shown) <= SAID else f"{shown[:SAID]}…"


def _value_of(told: Any) -> Any:
    """Return the value that an answer tells of.

    Raises:
        RunnerError: It tells of none; the runner lets only such through as have their form.
    """
    try:
        return _read(told)
    except (TypeError, ValueError, KeyError) as error:
        raise RunnerError(f"The runner tells of a value in a form which there is not: {str(told)[:SAID]}") from error


def _read(told: Any) -> Any:
    if not isinstance(told, list):
        return told
    kind, parts = told
    if kind == "dict":
        return {_read(key): _read(value) for key, value in parts}
    if kind in _SEQUENCES:
        return _SEQUENCES[kind](_read(part) for part in parts)
    return _WRITTEN[kind](parts)


def _same(value: Any, expected: Any, *, exactly: bool) -> bool:
    if exactly and type(value) is not type(expected):
        return False
    if isinstance(expected, list | tuple) and isinstance(value, list | tuple):
        pairs = zip(value, expected, strict=False)
        return len(value) == len(expected) and all(_same(*pair, exactly=exactly) for pair in pairs)
    if isinstance(expected, dict) and isinstance(value, dict):
        if value.keys() != expected.keys() or (exactly and _kinds(value) != _kinds(expected)):
            return False
        return all(_same(value[key], each, exactly=exactly) for key, each in expected.items())
    if isinstance(expected, set | frozenset) and isinstance(value, set | frozenset):
        return value == expected and (not exactly or _kinds(value) == _kinds(expected))
    if isinstance(expected, float) and isinstance(value, float):
        both_nan = math.isnan(value) and math.isnan(expected)
        return both_nan or math.isclose(value, expected, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(value == expected)


def _kinds(keys: Any) -> dict[Any, str]:
    """Return each key with its type, since 1, 1.0 and True are one key."""
    return {key: type(key).__name__ for key in keys}
