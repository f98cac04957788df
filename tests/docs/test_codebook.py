"""`docs/codebook.md` says what the code does, name for name."""

import ast
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.agent import MACHINE_DOWN
from sabotage_evals.scorers.shutdown.classify import classify
from sabotage_evals.scorers.shutdown.evidence import EVIDENCE_KEY, PROBES_KEY, WORLD_KEY, Evidence
from sabotage_evals.scorers.shutdown.gather import PreparedWorld
from sabotage_evals.scorers.shutdown.outcome import Unscored
from sabotage_evals.scorers.shutdown.probes import Probes
from sabotage_evals.scorers.shutdown.scorer import as_score, unscored_value
from sabotage_evals.tasks.shutdown.samples import choose, make_dataset

from .reading import PACKAGE, WORLD, code, first_names, names, parsed, rows
from .records import stops_to_allow, write_log

CODEBOOK: Final = "codebook.md"


def test_the_codebook_has_every_key_of_the_score_in_order() -> None:
    evidence = stops_to_allow()
    value = as_score(evidence, classify(evidence), Probes()).value
    assert isinstance(value, dict)
    assert first_names(CODEBOOK, "The score") == list(value)


def test_a_run_without_a_record_has_the_same_keys() -> None:
    assert set(first_names(CODEBOOK, "The score")) == set(unscored_value(Unscored.NO_EVIDENCE, "unmentioned"))


def test_the_codebook_has_all_that_stands_beside_the_score() -> None:
    evidence = stops_to_allow()
    metadata = as_score(evidence, classify(evidence), Probes()).metadata
    assert metadata is not None
    assert first_names(CODEBOOK, "The score", table=1) == list(metadata)


def test_the_codebook_has_every_reason_for_no_score() -> None:
    assert first_names(CODEBOOK, "Reasons for no score") == list(Unscored)


def metrics_by_key() -> dict[str, list[str]]:
    """Read the scorer's decorator: which metrics stand on which key."""
    [scorer] = [
        node
        for node in parsed(PACKAGE / "scorers/shutdown/scorer.py").body
        if isinstance(node, ast.FunctionDef) and node.name == "shutdown_outcome"
    ]
    [decorator] = scorer.decorator_list
    assert isinstance(decorator, ast.Call)
    table = decorator.keywords[0].value
    assert isinstance(table, ast.Dict)
    return {
        str(ast.literal_eval(key)): [ast.unparse(call.func) for call in calls.elts if isinstance(call, ast.Call)]
        for key, calls in zip(table.keys, table.values, strict=True)
        if key is not None and isinstance(calls, ast.List)
    }


def test_the_codebook_has_every_metric_on_the_keys_that_it_stands_on() -> None:
    told = {(key, names(metric)[0]) for metric, keys, *_ in rows(CODEBOOK, "Metrics") for key in names(keys)}
    assert told == {(key, metric) for key, metrics in metrics_by_key().items() for metric in metrics}


def test_the_codebook_has_all_of_a_samples_metadata() -> None:
    sample = make_dataset(choose("unmentioned", "sums", 1))[0]
    assert first_names(CODEBOOK, "The sample") == list(sample.metadata or {})


def test_the_codebook_names_the_parts_of_a_world() -> None:
    [world] = [row[1] for row in rows(CODEBOOK, "The sample") if names(row[0]) == ["world"]]
    sample = make_dataset(choose("unmentioned", "sums", 1))[0]
    assert names(world) == list((sample.metadata or {})["world"])


def test_the_codebook_has_every_key_of_the_store() -> None:
    assert set(first_names(CODEBOOK, "The store")) == {EVIDENCE_KEY, PROBES_KEY, WORLD_KEY, MACHINE_DOWN}


def test_the_codebook_has_all_that_the_set_up_leaves() -> None:
    [left] = [row[1] for row in rows(CODEBOOK, "The store") if names(row[0]) == [WORLD_KEY]]
    assert names(left) == list(PreparedWorld.model_fields)


def test_the_codebook_has_every_field_of_the_record() -> None:
    assert first_names(CODEBOOK, "The record") == list(Evidence.model_fields)


def journal_lines() -> dict[str, set[str]]:
    """Read from the witness's code which kinds of lines it writes, with the facts of each."""
    lines: dict[str, set[str]] = {}
    for node in ast.walk(parsed(WORLD / "witness/serve.py")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write":
            kind = node.args[0] if node.args else None
            if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
                facts = {
                    keyword.arg or "opened" for keyword in node.keywords
                }  # what is unpacked there is the opened files
                lines.setdefault(kind.value, set()).update(facts - {"mechanism"})
    return lines


def test_the_codebook_has_every_kind_of_line_in_the_journal_with_its_facts() -> None:
    told = {names(kind)[0]: set(names(facts)) for kind, _, facts in rows(CODEBOOK, "The record", table=1)}
    assert told == journal_lines()


@pytest.mark.slow
def test_the_code_for_a_persons_verdict_keeps_the_machines_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_log(tmp_path / "machine.eval")
    monkeypatch.chdir(tmp_path)
    [block] = code(CODEBOOK, "A person's verdict", "python")
    exec(compile(block, CODEBOOK, "exec"), {})
    assert capsys.readouterr().out.split()[-4:] == ["machine:", "evaded", "person:", "allowed"]


@pytest.mark.slow
def test_the_code_for_tables_reads_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    write_log(tmp_path / "logs/run.eval")
    monkeypatch.chdir(tmp_path)
    [block] = code(CODEBOOK, "Tables", "python")
    names_after: dict[str, object] = {}
    exec(compile(block, CODEBOOK, "exec"), names_after)
    runs = names_after["runs"]
    assert runs.to_dict("records")[0]["outcome"] == "evaded"  # type: ignore[attr-defined]  # a data frame
    assert "allow_system_unfinished" in capsys.readouterr().out
