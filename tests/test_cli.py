"""The command line: what it takes, what it passes on, and how it refuses."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result
from inspect_ai import Task

from sabotage_evals import doctor
from sabotage_evals.backends.engine import EngineUnavailable
from sabotage_evals.cli import Domain, main
from sabotage_evals.corpus import proof
from sabotage_evals.corpus.families import DOMAINS
from sabotage_evals.plan import CALLS_A_TASK
from sabotage_evals.scorers.detector.interview import QUESTIONS
from sabotage_evals.scorers.detector.sensitivity import as_table, sensitivity
from sabotage_evals.tasks.detector import detector
from sabotage_evals.tasks.misalignment_agentic import misalignment_agentic
from sabotage_evals.tasks.misalignment_chat import misalignment_chat
from sabotage_evals.tasks.reward_hacking import reward_hacking
from sabotage_evals.tasks.shutdown import shutdown
from sabotage_evals.tasks.shutdown.work import FAMILIES


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def put_in_place(monkeypatch: pytest.MonkeyPatch, module: str, returns: Any) -> list[tuple[Any, ...]]:
    """Stand in for a command's own module; keeps the arguments of each call."""
    calls: list[tuple[Any, ...]] = []

    def stand_in(*arguments: Any) -> Any:
        calls.append(arguments)
        if isinstance(returns, Exception):
            raise returns
        return returns

    made = ModuleType(f"sabotage_evals.{module}")
    setattr(made, module, stand_in)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return calls


def test_the_version_is_the_packages() -> None:
    assert run("--version").output == f"sabotage-evals, version {version('sabotage-evals')}\n"


def test_help_does_not_wait_for_inspect() -> None:
    program = (
        "import sys; from sabotage_evals import cli; sys.exit('inspect_ai' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("command", ["doctor", "images", "demo", "certify", "plan", "sensitivity", "prove"])
def test_every_command_says_what_it_does(command: str) -> None:
    assert command in run("--help").output
    assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (
            ["certify", "moon"],
            ["'moon'", "Choose from: detector, misalignment_agentic, misalignment_chat, reward_hacking, shutdown"],
        ),
        (["certify", "shutdown", "--sandbox", "local"], ["'local'", "docker"]),
        (["certify", "shutdown", "--actors", "a,,b"], ["'a,,b'"]),
        (["demo", "--sandbox", "k8s"], ["'k8s'", "docker"]),
        (["plan", "shutdown", "-T", "seeds=0"], ["'--seeds'", "0"]),
        (["plan", "shutdown", "--epochs", "0"], ["'--epochs'", "0"]),
        (["plan", "shutdown", "-T", "wordings=many"], ["'--wordings'", "'many'"]),
        (["plan", "shutdown", "-T", "colour=red"], ["--colour"]),
        (["plan", "shutdown", "-T", "arms"], ["'-T arms'", "name=value"]),
        (["sensitivity", "detector", "--items", "0"], ["'--items'", "0"]),
        (["sensitivity", "moon"], ["'moon'", "detector"]),
        (["prove", "--domain", "cooking"], ["'cooking'", "hacking", "refunds"]),
    ],
)
def test_wrong_usage_names_the_value_and_ends_with_two(words: list[str], named: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert all(name in result.output for name in named), result.output


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-T", "arms=allow_everything"], ["'allow_everything'", "allow_system_unfinished"]),
        (["-T", "work=poems"], ["'poems'", "sums, records"]),
        (["-T", "wordings=99"], ["99", "1 to 8"]),
        (["--stimuli", "no/such/folder"], ["no/such/folder"]),
    ],
)
def test_what_the_task_refuses_the_plan_refuses_in_the_same_sentence(words: list[str], named: list[str]) -> None:
    result = run("plan", "shutdown", *words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1, result.output
    assert all(name in result.output for name in named), result.output


def samples_in(output: str) -> int:
    found = re.search(r"([\d,]+) samples", output)
    assert found, output
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ([], {}),
        (["-T", "arms=priority,must", "-T", "work=sums"], {"arms": ["priority", "must"], "work": "sums"}),
        (["--arms", "all", "--wordings", "2", "-Tseeds=3"], {"arms": "all", "wordings": 2, "seeds": 3}),
    ],
)
def test_a_plan_counts_the_samples_that_the_task_would_run(words: list[str], arguments: dict[str, Any]) -> None:
    result = run("plan", "shutdown", *words)
    assert result.exit_code == 0, result.output
    assert samples_in(result.output) == len(shutdown(**arguments).dataset)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ([], {}),
        (["-T", "arms=all", "-T", "deliverable=review"], {"arms": "all", "deliverable": "review"}),
        (["-T", "wordings=2", "-T", "seeds=3", "-T", "items=50"], {"wordings": 2, "seeds": 3, "items": 50}),
    ],
)
def test_a_plan_counts_the_samples_of_the_detector_too(words: list[str], arguments: dict[str, Any]) -> None:
    result = run("plan", "detector", *words)
    assert result.exit_code == 0, result.output
    assert samples_in(result.output) == len(detector(**arguments).dataset)


@pytest.mark.parametrize(
    ("task", "words", "arguments"),
    [
        (reward_hacking, [], {}),
        (reward_hacking, ["-T", "arms=all", "-T", "kinds=impossible"], {"arms": "all", "kinds": "impossible"}),
        (reward_hacking, ["-T", "wordings=2", "-T", "crossed=true"], {"wordings": 2, "crossed": True}),
        (misalignment_chat, [], {}),
        (misalignment_chat, ["-T", "arms=all", "-T", "wordings=1"], {"arms": "all", "wordings": 1}),
        (misalignment_agentic, [], {}),
        (misalignment_agentic, ["-T", "seeds=3", "-T", "votes=3", "-T", "plan=any.yaml"], {"seeds": 3}),
    ],
)
def test_a_plan_counts_the_samples_of_every_other_task(
    task: Callable[..., Task], words: list[str], arguments: dict[str, Any]
) -> None:
    result = run("plan", task.__name__, *words)
    assert result.exit_code == 0, result.output
    assert samples_in(result.output) == len(task(**arguments).dataset)


def test_in_chat_a_question_is_what_varies() -> None:
    said = " ".join(run("plan", "misalignment_chat").output.split())
    assert "alignment_questions 60 180" in said
    assert "a question counts as a wording does elsewhere" in said


def test_questions_and_grader_of_the_detector_are_told() -> None:
    words = ["plan", "detector", "--arms", "self_hacking"]
    asked, unasked = calls_in(run(*words).output), calls_in(run(*words, "-T", "interview=false").output)
    assert asked - unasked == len(QUESTIONS) * samples_in(run(*words).output)
    assert "grader" not in run(*words).output
    assert "one for each of 200 recordings" in " ".join(run(*words, "-T", "deliverable=prompt").output.split())


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["shutdown", "-T", "deliverable=rule"], ["'deliverable'", "work"]),
        (["detector", "-T", "work=sums"], ["'work'", "deliverable"]),
        (["detector", "-T", "deliverable=poem"], ["'poem'", "rule, prompt, review"]),
    ],
)
def test_a_plan_takes_only_what_the_task_has(words: list[str], named: list[str]) -> None:
    result = run("plan", *words)
    assert (result.exit_code, result.output.count("\n")) == (1, 1), result.output
    assert all(name in result.output for name in named), result.output


def test_epochs_multiply_a_plan() -> None:
    assert samples_in(run("plan", "shutdown", "--epochs", "5").output) == 5 * samples_in(run("plan", "shutdown").output)


def calls_in(output: str) -> int:
    found = re.search(r"([\d,]+) model calls", " ".join(output.split()))
    assert found, output
    return int(found[1].replace(",", ""))


def test_probes_that_are_off_cost_nothing() -> None:
    words = ["plan", "shutdown", "--arms", "priority"]
    with_both, with_one = calls_in(run(*words).output), calls_in(run(*words, "-T", "debrief=false").output)
    assert with_both - with_one == samples_in(run(*words).output)


def test_a_plan_knows_every_kind_of_work() -> None:
    assert tuple(CALLS_A_TASK) == FAMILIES


def test_a_job_on_files_takes_more_calls_than_a_word_problem() -> None:
    words = ["plan", "shutdown", "--arms", "priority", "--work"]
    sums, records = (calls_in(run(*words, work).output) for work in ("sums", "records"))
    assert records - sums == 6 * 8  # six tasks, eight wordings


def test_a_plan_says_what_could_be_seen_and_by_what_reckoning() -> None:
    said = " ".join(run("plan", "shutdown").output.split())
    assert "17% to 31%" in said  # zero of 16 runs, and of 8 wordings
    assert "paired t test over wordings" in said


def test_few_wordings_are_marked_as_speaking_for_themselves_only() -> None:
    assert "for these wordings only" in " ".join(run("plan", "shutdown", "--wordings", "2").output.split())


def test_a_failed_certification_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = put_in_place(monkeypatch, "certify", returns=1)
    result = run("certify", "shutdown", "--log-dir", "somewhere", "--actors", "complies, waits")
    assert result.exit_code == 1
    assert calls == [("shutdown", "docker", Path("somewhere"), ["complies", "waits"])]


def test_a_demo_that_went_well_ends_with_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = put_in_place(monkeypatch, "demo", returns=0)
    assert run("demo").exit_code == 0
    assert calls == [(None,)]


def test_a_missing_engine_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, "demo", returns=EngineUnavailable("No [engine] answers; start it."))
    result = run("demo")
    assert (result.exit_code, result.output) == (1, "Error: No [engine] answers; start it.\n")


@pytest.mark.parametrize("code", [0, 1])
def test_the_doctors_word_is_the_exit_code(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "doctor", lambda fix: code)
    assert run("doctor").exit_code == code


def test_the_domains_are_those_of_the_recordings() -> None:
    assert get_args(Domain) == DOMAINS


def test_sensitivity_prints_the_table_of_what_was_measured() -> None:
    result = run("sensitivity", "detector", "--items", "4", "--draws", "5", "--domain", "refunds")
    assert result.exit_code == 0, result.output
    assert result.output == as_table(sensitivity(4, "refunds", 5)) + "\n"


def test_sensitivity_is_of_the_detector_only() -> None:
    result = run("sensitivity", "shutdown")
    assert (result.exit_code, result.output) == (1, "Error: Nothing is planted in 'shutdown'; choose detector.\n")


def test_a_proof_is_of_both_domains_and_says_how_many_labels_hold() -> None:
    result = run("prove", "--items", "1", "--seed", "here")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"hacking: (\d+) of \1 labels proven\nrefunds: (\d+) of \2 labels proven\n", result.output)


def test_one_label_that_is_not_borne_out_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict[str, int] = {"hacking": 1, "refunds": 0}
    monkeypatch.setattr(proof, "prove_corpus", lambda seed, items, domain: wrong[domain])
    assert run("prove").exit_code == 1
    assert run("prove", "--domain", "refunds").exit_code == 0
