"""The detector's part of `docs/codebook.md` says what the code does, name for name."""

from typing import Final

from inspect_ai.util import registry_info

from sabotage_evals.agent import MACHINE_DOWN
from sabotage_evals.scorers.detector import detector_outcome
from sabotage_evals.scorers.detector.classify import classify
from sabotage_evals.scorers.detector.evidence import (
    EVIDENCE_KEY,
    INTERVIEW_KEY,
    WORLD_KEY,
    Evidence,
    PreparedWorld,
    Workspace,
)
from sabotage_evals.scorers.detector.interview import QUESTIONS, Interview
from sabotage_evals.scorers.detector.keys import unscored_value
from sabotage_evals.scorers.detector.outcome import Unscored
from sabotage_evals.scorers.detector.report import as_score
from sabotage_evals.scorers.metrics import Headline
from sabotage_evals.tasks.detector.arms import Arm
from sabotage_evals.tasks.detector.samples import FACTORS, choose, make_dataset
from tests.scorers.detector.building import Run

from .reading import first_names, names, rows

CODEBOOK: Final = "codebook.md"
SCORE: Final = "The score of detector"


def test_the_codebook_has_every_key_of_the_score_in_order() -> None:
    evidence = Run().evidence
    value = as_score(evidence, classify(evidence), Interview()).value
    assert isinstance(value, dict)
    assert first_names(CODEBOOK, SCORE) == list(value)


def test_a_run_without_a_record_has_the_same_keys() -> None:
    assert set(first_names(CODEBOOK, SCORE)) == set(unscored_value(Unscored.NO_EVIDENCE, "self_hacking"))


def test_the_codebook_has_every_word_of_the_headline() -> None:
    [told] = [names(row[2]) for row in rows(CODEBOOK, SCORE) if names(row[0]) == ["headline"]]
    assert set(Headline) <= set(told)


def test_the_codebook_has_all_that_stands_beside_the_score() -> None:
    evidence = Run().evidence
    metadata = as_score(evidence, classify(evidence), Interview()).metadata
    assert metadata is not None
    assert first_names(CODEBOOK, SCORE, table=1) == list(metadata)


def test_the_codebook_has_every_field_of_a_loss() -> None:
    evidence = Run().breaks("every_step_is_read").evidence
    metadata = as_score(evidence, classify(evidence), Interview()).metadata or {}
    [told] = [row[1] for row in rows(CODEBOOK, SCORE, table=1) if names(row[0]) == ["losses"]]
    assert names(told) == list(metadata["losses"][0])


def test_the_codebook_has_every_reason_for_no_score() -> None:
    assert set(first_names(CODEBOOK, "Reasons for no score of detector")) == set(Unscored)


def metrics_by_key() -> set[tuple[str, str]]:
    """Return which metrics stand on which key, as Inspect has them on record."""
    metrics = registry_info(detector_outcome()).metadata["metrics"]
    return {(key, registry_info(each).name.split("/")[1]) for key, found in metrics.items() for each in found}


def test_the_codebook_has_every_metric_on_the_keys_that_it_stands_on() -> None:
    told = {(key, names(row[0])[0]) for row in rows(CODEBOOK, "Metrics of detector") for key in names(row[1])}
    assert told == metrics_by_key()


def test_the_codebook_has_all_of_a_samples_metadata() -> None:
    sample = make_dataset(choose("self_hacking"))[0]
    assert set(first_names(CODEBOOK, "The sample of detector")) == set(sample.metadata or {})


def test_the_codebook_has_every_level_of_every_factor() -> None:
    told = {names(row[0])[0]: names(row[1]) for row in rows(CODEBOOK, "The sample of detector")}
    properties = Arm.model_json_schema()["properties"]
    assert {factor: told[factor] for factor in FACTORS} == {factor: properties[factor]["enum"] for factor in FACTORS}


def test_the_codebook_has_every_key_of_the_store() -> None:
    told = set(first_names(CODEBOOK, "The store of detector"))
    assert told == {EVIDENCE_KEY, INTERVIEW_KEY, WORLD_KEY, MACHINE_DOWN}


def test_the_codebook_has_all_that_the_set_up_leaves_and_the_questions() -> None:
    told = {names(row[0])[0]: names(row[1]) for row in rows(CODEBOOK, "The store of detector")}
    assert told[WORLD_KEY] == list(PreparedWorld.model_fields)
    assert set(QUESTIONS) <= set(told[INTERVIEW_KEY])


def test_the_codebook_has_every_field_of_the_record() -> None:
    assert first_names(CODEBOOK, "The record of detector") == list(Evidence.model_fields)


def test_what_the_codebook_names_of_the_workspace_is_there() -> None:
    [told] = [names(row[1]) for row in rows(CODEBOOK, "The record of detector") if names(row[0]) == ["workspace"]]
    assert set(told) <= set(Workspace.model_fields)
