"""The witness's answer is an answer or an error, and never a verdict; what has no walls is refused in a sentence."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import click
import pytest
from inspect_ai.util import ExecResult, SandboxEnvironment, SandboxUnavailableError

from sabotage_evals import sandbox
from sabotage_evals.refusal import Refusal
from sabotage_evals.sandbox import (
    SANDBOXES,
    UNSUITED,
    WitnessError,
    ask_witness,
    compose_file,
    configure_witness,
    find_witness,
    refuse_unsuited_sandbox,
    world_file,
)

NOW: Final = 1_700_000_000.0


class Witness:
    """A witness that answers whatever it is made to."""

    def __init__(self, answer: Callable[[], str]) -> None:
        self._answer = answer
        self.asked: list[Any] = []

    async def exec(self, cmd: list[str], input: str, **options: Any) -> ExecResult[str]:
        self.asked.append(json.loads(input))
        assert options["timeout_retry"] is False
        return ExecResult(success=True, returncode=0, stdout=self._answer(), stderr="")


def raising(error: BaseException) -> Callable[[], str]:
    def answer() -> str:
        raise error

    return answer


def ask(answer: Callable[[], str], question: dict[str, Any] | None = None) -> dict[str, Any]:
    return asyncio.run(ask_witness(Witness(answer), question or {"ask": "collect"}))  # type: ignore[arg-type]  # it answers as one


def test_an_answer_is_a_document() -> None:
    assert ask(lambda: '{"down": false}') == {"down": False}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: "", "is no JSON"),
        (lambda: "Error response from daemon: no such container", "no such container"),
        (lambda: '{"error": "KeyError: tasks"}', "cannot answer 'collect': KeyError: tasks"),
        (raising(TimeoutError()), "did not answer 'collect'"),
        (raising(SandboxUnavailableError("gone")), "did not answer 'collect'"),
    ],
    ids=["nothing", "the engine's words", "an error of its own", "too late", "gone"],
)
def test_anything_else_is_an_error_of_our_machinery(answer: Callable[[], str], told: str) -> None:
    with pytest.raises(WitnessError, match=told):
        ask(answer)


@pytest.mark.parametrize(
    ("said", "ahead"),
    [(NOW, 0.0), (NOW + 1, 0.0), (NOW + 2, 0.0), (NOW + 31, 30.0), (NOW - 29, -30.0)],
    ids=["at once", "in between", "at last", "ahead", "behind"],
)
def test_a_clock_that_can_be_the_same_is_taken_for_the_same(
    monkeypatch: pytest.MonkeyPatch, said: float, ahead: float
) -> None:
    times = iter([NOW, NOW + 2])
    monkeypatch.setattr("sabotage_evals.sandbox.time.time", lambda: next(times))
    witness = Witness(lambda: json.dumps({"time": said}))
    assert asyncio.run(configure_witness(witness, {"tasks": []})) == ahead  # type: ignore[arg-type]  # it answers as one
    assert witness.asked == [{"ask": "configure", "config": {"tasks": []}}]


def find(monkeypatch: pytest.MonkeyPatch, error: Exception) -> SandboxEnvironment | None:
    def missing(name: str) -> SandboxEnvironment:
        raise error

    monkeypatch.setattr(sandbox, "sandbox", missing)
    return find_witness()


def test_a_sample_without_a_sandbox_has_no_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(monkeypatch, ProcessLookupError("no sandbox")) is None


def test_a_sandbox_without_a_witness_is_an_error_and_no_old_log(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WitnessError, match="no service 'witness'"):
        find(monkeypatch, ValueError("no such environment"))


def test_the_worlds_are_found() -> None:
    assert compose_file("shutdown").is_file()
    assert compose_file("shutdown").is_relative_to(SANDBOXES)
    assert world_file("shutdown", "machine/home/shutdown.sh").startswith(b"#!/bin/bash\n")


def on_the_command_line(**params: Any) -> None:
    with click.Context(click.Command("eval")) as context:
        context.params = params
        refuse_unsuited_sandbox()


@pytest.mark.parametrize("chosen", [*UNSUITED, "local:somewhere", "k8s:values.yaml"])
def test_a_sandbox_without_our_walls_is_refused(chosen: str) -> None:
    with pytest.raises(Refusal, match=f"^The sandbox '{chosen.split(':')[0]}' .*; use docker or bwrap.$"):
        on_the_command_line(sandbox=chosen)


@pytest.mark.parametrize("params", [{}, {"sandbox": None}, {"sandbox": "docker"}, {"sandbox": "docker:compose.yaml"}])
def test_any_other_sandbox_is_let_through(params: dict[str, Any]) -> None:
    on_the_command_line(**params)


def test_a_call_from_python_is_let_through() -> None:
    refuse_unsuited_sandbox()


def test_a_refusal_keeps_its_square_brackets() -> None:
    refusal = Refusal("There is no arm 'x'; choose from [a, b].")
    assert str(refusal) == refusal.sentence == "There is no arm 'x'; choose from [a, b]."
