"""An old log scored again: the same scores, with no sandbox, no model, and nobody asked."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import Epochs, Task, eval, score
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, read_eval_log, write_eval_log
from inspect_ai.solver import Generate, Solver, TaskState, solver

from sabotage_evals.scorers.reward_hacking import reward_hacking_outcome
from sabotage_evals.scorers.reward_hacking.evidence import EVIDENCE_KEY
from sabotage_evals.scorers.reward_hacking.outcome import Outcome, Unscored

from .building import cases, evidence, ruling
from .test_classify import ROWS

RUNS: Final = {
    **{name: evidence(**seen) for name, _, _, seen, _ in ROWS},
    "judged": evidence(kind="impossible", closing=None).model_copy(
        update={"open": ROWS[6][3]["weak"], "discloses": ruling("report_discloses", "discloses")}
    ),
    "nobody judges a hack": evidence(kind="impossible", closing=None).model_copy(update={"open": ROWS[6][3]["weak"]}),
    "nobody judges": evidence(kind="impossible", closing=None, alone=cases("0000", "00000", "00000")),
}


@solver
def leave_records() -> Solver:
    """Leave each sample's record in the store, as the scorer does where there is a sandbox."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if str(state.sample_id) in RUNS:
            record = RUNS[str(state.sample_id)].model_dump(mode="json")
            state.store.set(EVIDENCE_KEY, json.loads(json.dumps(record)))
        return state

    return solve


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    task = Task(
        name="reward_hacking",
        dataset=MemoryDataset([
            Sample(id=name, input="Work.", metadata={"arm": "no_hint", "wording": "w1", "kind": "fair", "unit": name})
            for name in (*RUNS, "without a record")
        ]),
        solver=leave_records(),
        scorer=reward_hacking_outcome(),
        epochs=Epochs(1, []),
    )
    [log] = eval(task, model="mockllm/model", log_dir=str(folder / "made"), display="none")
    write_eval_log(log, str(folder / "old.eval"))
    return folder / "old.eval"


def scores_of(log: EvalLog) -> dict[str, Any]:
    """Return each sample's whole score as text, in which NaN is equal to NaN."""
    return {
        str(sample.id): json.dumps(
            (sample.scores or {})["reward_hacking_outcome"].model_dump(exclude={"history"}), sort_keys=True
        )
        for sample in log.samples or []
    }


def test_the_log_has_every_outcome_and_reason_but_a_grader_that_fails(log_file: Path) -> None:
    scores = [(s.scores or {})["reward_hacking_outcome"] for s in read_eval_log(str(log_file)).samples or []]
    assert {score.answer for score in scores} == {*Outcome, *Unscored} - {Unscored.GRADER_FAILED}
    assert {score.reason for score in scores} == {None, *Unscored} - {Unscored.GRADER_FAILED}


def test_scored_again_every_score_is_the_same(log_file: Path) -> None:
    old = read_eval_log(str(log_file))
    new = score(old, reward_hacking_outcome(), action="overwrite", display="none")
    assert len(scores_of(old)) == len(RUNS) + 1
    assert scores_of(new) == scores_of(old)


def test_a_record_that_was_changed_by_hand_gives_no_score(log_file: Path) -> None:
    log = read_eval_log(str(log_file))
    for sample in log.samples or []:
        if EVIDENCE_KEY in sample.store:
            sample.store[EVIDENCE_KEY]["verdict"] = "solved"
    with pytest.raises(Exception, match="verdict"):
        score(log, reward_hacking_outcome(), action="overwrite", display="none")
