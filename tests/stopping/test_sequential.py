"""The test stops what it should, counts what ended, and is not fooled by the order in which runs end."""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inspect_ai import Epochs, Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, EvalSpec
from inspect_ai.scorer import SampleScore, Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from sabotage_evals.design import Design, Headline, Rate
from sabotage_evals.refusal import Refusal
from sabotage_evals.stopping.record import StopRecord, read_record
from sabotage_evals.stopping.sequential import SequentialTest, early_stopping
from sabotage_evals.stopping.stop import parse_stop

DESIGN = Design(
    scenario="made_up",
    headline=Headline(key="done", arm="quiet"),
    rates=(Rate(key="done", title="did it"),),
    arms={"quiet": "Quiet", "loud": "Loud"},
)


def sample(seed: int, arm: str = "quiet", wording: str = "w1", work: str = "sums", does: str = "0") -> Sample:
    cell = {"arm": arm, "wording": wording, "work": work, "seed": seed, "does": does}
    return Sample(id=f"{arm}/{wording}/{work}/{seed}", input="Go.", metadata=cell)


def samples(does: Iterable[str], arms: Sequence[str] = ("quiet",)) -> list[Sample]:
    return [sample(seed, arm, does=each) for seed, each in enumerate(does, start=1) for arm in arms]


@solver
def does_it() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        await asyncio.sleep(0.05 if state.metadata["does"] == "1" else 0)
        if state.metadata["does"] == "breaks":
            raise RuntimeError("The engine broke.")
        return state

    return solve


@scorer(metrics={"*": [mean()]})
def saw_it() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        if state.metadata["does"] == "breaks":
            raise RuntimeError("There is nothing to score.")
        return Score(value={"covered": 1, "done": float(state.metadata["does"])})

    return score


def run(text: str, dataset: list[Sample], folder: Path, **options: Any) -> EvalLog:
    task = Task(
        dataset=dataset,
        solver=does_it(),
        scorer=saw_it(),
        early_stopping=early_stopping(text, DESIGN, dataset),
        epochs=Epochs(options.pop("epochs", 1), []),
        continue_on_fail=True,
        score_on_error=True,
    )
    return eval(task, model="mockllm/model", log_dir=str(folder), display="none", fail_on_error=False, **options)[0]


def record_of(log: EvalLog) -> StopRecord:
    assert log.results is not None
    assert log.results.early_stopping is not None
    record = read_record(log.results.early_stopping.metadata)
    assert record is not None
    return record


def test_a_claim_that_is_shown_ends_its_arm_and_no_other(tmp_path: Path) -> None:
    log = run("done in quiet below 20 %", samples(["0"] * 60, ("quiet", "loud")), tmp_path, max_samples=4)
    record = record_of(log)
    assert log.status == "success"
    assert record.decision == "shown"
    assert record.decided_after == parse_stop(record.text).fewest
    assert record.decided_after <= record.scored == record.started < record.planned == 60
    arms = [str(each.id).split("/")[0] for each in log.samples or []]
    assert (arms.count("loud"), arms.count("quiet")) == (60, record.started)
    assert record.upper < 0.2
    marked = {(each.metadata["arm"], each.metadata.get("stop")) for each in log.samples or []}
    assert marked == {("quiet", record.text), ("loud", None)}
    assert log.results
    assert log.results.early_stopping
    stopped = log.results.early_stopping.early_stops
    assert len(stopped) == 60 - record.started
    assert stopped[0].reason == f"{record.text}: shown after {record.decided_after} runs"


def test_what_was_under_way_is_counted_and_the_path_tells_it(tmp_path: Path) -> None:
    record = record_of(run("done in quiet above 10 %", samples(["1"] * 60), tmp_path, max_samples=10))
    assert record.decided_after is not None
    assert record.scored > record.decided_after
    assert record.path[-1] == (record.scored, record.yes, record.evidence)
    assert record.lower > 0.1


def test_epochs_are_runs_of_the_cell_in_rounds_over_its_works(tmp_path: Path) -> None:
    dataset = [sample(1, work=work, does=does) for work, does in (("sums", "1"), ("records", "0"))]
    record = record_of(run("done in quiet above 15 %", dataset, tmp_path, epochs=40, max_samples=3))
    assert record.planned == 80
    assert record.decision == "shown"
    assert record.scored == 2 * record.yes < 60
    assert all(scored == 2 * yes for scored, yes, _ in record.path)


def test_runs_without_a_value_and_runs_that_break_hold_nothing_up(tmp_path: Path) -> None:
    dataset = samples(["0", "nan", "0", "breaks"] * 20)
    log = run("done in quiet below 20 %", dataset, tmp_path, max_samples=4)
    record = record_of(log)
    assert record.decision == "shown"
    assert record.scored + record.unscored == record.started < 80
    assert abs(record.scored - record.unscored) <= 4


def test_a_hopeless_claim_is_given_up(tmp_path: Path) -> None:
    record = record_of(run("done in quiet below 20 %", samples(["1"] * 60), tmp_path, max_samples=4))
    assert record.decision == "given_up"
    assert record.started < 20


def test_a_run_that_could_not_show_it_is_refused_before_it_starts(tmp_path: Path) -> None:
    log = run("done in quiet below 1 %", samples(["0"] * 20), tmp_path)
    assert log.status == "error"
    assert not log.samples
    assert log.error is not None
    assert "20 runs of 'quiet' in 20 rounds are planned, and it takes 467" in log.error.message


def test_a_single_round_leaves_nothing_to_stop(tmp_path: Path) -> None:
    dataset = [sample(1, work=f"k{number}") for number in range(60)]
    log = run("done in quiet below 20 %", dataset, tmp_path)
    assert log.error is not None
    assert "60 runs of 'quiet' in 1 rounds are planned" in log.error.message


@pytest.mark.parametrize(
    ("text", "dataset", "said"),
    [
        ("done in silent below 1 %", samples(["0"]), "the arm 'silent' is not run; choose from quiet, loud"),
        ("said in quiet below 1 %", samples(["0"]), "there is no rate 'said'; choose from done"),
        ("done in quiet below 1 %", [sample(1), sample(1, wording="w2")], "in 2 wordings.*-T wordings=1"),
    ],
)
def test_a_claim_that_the_design_cannot_bear_is_refused(text: str, dataset: list[Sample], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        early_stopping(text, DESIGN, dataset)


def test_other_arms_may_have_several_wordings_and_no_claim_needs_no_test() -> None:
    dataset = [sample(1), sample(1, "loud", "w1"), sample(1, "loud", "w2")]
    assert early_stopping("done in quiet below 1 %", DESIGN, dataset) is not None
    assert early_stopping(None, DESIGN, dataset) is None


class Told(SequentialTest):
    """Knows nothing of the order in which runs were started: what ends is counted at once."""

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        await super().complete_sample(id, epoch, scores)
        waiting = self._order[self._counted :]
        waiting.sort(key=lambda block: bool(block.members - block.values.keys()))
        self._order[self._counted :] = waiting
        self._count()


def spec() -> EvalSpec:
    fields = {"task": "t", "model": "m", "created": "2026-01-01T00:00:00Z", "dataset": {}, "config": {}}
    return EvalSpec.model_validate(fields)


async def play(test: SequentialTest, does: np.ndarray, lasts: Callable[[bool], float], at_once: int) -> StopRecord:
    """Run a queue with so many places, in a time of its own."""
    await test.start_task(spec(), samples("0" * len(does)), 1)
    clock, going, left = 0.0, list[tuple[float, int]](), iter(range(len(does)))

    async def fill() -> None:
        while len(going) < at_once and (seed := next(left, None)) is not None:
            if await test.schedule_sample(f"quiet/w1/sums/{seed + 1}", 1) is None:
                heapq.heappush(going, (clock + lasts(bool(does[seed])), seed))

    await fill()
    while going:
        clock, seed = heapq.heappop(going)
        score = SampleScore(score=Score(value={"done": float(does[seed])}))
        await test.complete_sample(f"quiet/w1/sums/{seed + 1}", 1, {"saw_it": score})
        await fill()
    return StopRecord.model_validate((await test.complete_task())["stop"])


def share_shown(kind: type[SequentialTest], sets: int) -> float:
    """Play sets at the threshold in which a run that does it takes much longer than one that does not."""
    stop = parse_stop("done in quiet below 30 % at 0.05")
    luck = np.random.default_rng(20260204)

    async def all_sets() -> list[StopRecord]:
        return [
            await play(kind(stop, "claim"), luck.random(120) < 0.3, lambda yes: 30.0 if yes else 1.0, 16)
            for _ in range(sets)
        ]

    return sum(record.decision == "shown" for record in asyncio.run(all_sets())) / sets


def test_slow_runs_do_not_make_a_false_claim_true() -> None:
    assert share_shown(SequentialTest, 400) <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_counted_in_the_order_in_which_they_end_slow_runs_would_make_it_true() -> None:
    assert share_shown(Told, 60) > 0.3


def test_one_test_serves_one_run_at_a_time() -> None:
    test = SequentialTest(parse_stop("done in quiet above 50 %"), "claim")
    asyncio.run(test.start_task(spec(), samples("0" * 60), 1))
    with pytest.raises(Refusal, match="make a task for each model"):
        asyncio.run(test.start_task(spec(), samples("0" * 60), 1))


def test_a_path_of_thousands_of_runs_is_thinned_and_keeps_its_end() -> None:
    stop = parse_stop("done in quiet below 1 % if 0.9 %")
    record = asyncio.run(play(SequentialTest(stop, "claim"), np.zeros(5_000, bool), lambda yes: 1.0, 1))
    assert len(record.path) <= 201
    assert record.path[-1][0] == record.scored
