"""The test at work: Inspect's early stopping, told of every run of one cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import isnan
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from inspect_ai.hooks import Hooks, SampleEnd, hooks
from inspect_ai.util import EarlyStop, EarlyStopping
from pydantic import JsonValue

from sabotage_evals.design import STOP_KEY, Design
from sabotage_evals.refusal import Refusal
from sabotage_evals.stopping.record import RECORD_KEY, StopRecord
from sabotage_evals.stopping.stop import Decision, Stop, bounds, parse_stop

if TYPE_CHECKING:
    from inspect_ai.dataset import Sample
    from inspect_ai.log import EvalSpec
    from inspect_ai.scorer import SampleScore

POINTS: Final = 200
"""Of the path that is kept in the log."""


def early_stopping(text: str | None, design: Design, samples: Iterable["Sample"]) -> EarlyStopping | None:
    """Return what stops a cell, for a task's `early_stopping`; None where nothing was asked for.

    The cell's samples are marked with the claim, under `STOP_KEY`: an ordinary interval of theirs would be wrong.

    Args:
        text: See `parse_stop`.
        design: What the task declares.
        samples: Its samples, whose metadata says arm, wording, work and seed.

    Raises:
        Refusal: The text cannot be read, names no rate or arm of this run, or the arm has several wordings. Runs of one
            wording resemble each other, so the test would speak of these wordings at most and seem to speak of all.
    """
    if text is None:
        return None
    stop = parse_stop(text)
    rates = [rate.key for rate in design.rates]
    if stop.key not in rates:
        raise Refusal(f"stop={text!r}: there is no rate '{stop.key}'; choose from {', '.join(rates)}.")
    cell = [sample for sample in samples if _fact(sample, "arm") == stop.arm]
    wordings = {_fact(sample, "wording") for sample in cell}
    if not wordings:
        raise Refusal(f"stop={text!r}: the arm '{stop.arm}' is not run; choose from {', '.join(design.arms)}.")
    if len(wordings) > 1:
        raise Refusal(
            f"stop={text!r}: the arm '{stop.arm}' is run in {len(wordings)} wordings, and runs of one wording resemble "
            "each other, so this test would be wrong; test one wording with -T wordings=1, or run the fixed design."
        )
    for sample in cell:
        sample.metadata = {**(sample.metadata or {}), STOP_KEY: text}
    return SequentialTest(stop, text)


def _fact(sample: "Sample", name: str) -> Any:
    return (sample.metadata or {}).get(name)


Run = tuple[str, int]
"""A sample's id and the epoch."""


@dataclass(eq=False)
class _Block:
    """Runs that are counted together: one of each kind of work, so that each block has the cell's own rate."""

    members: set[Run] = field(default_factory=set)
    started: set[Run] = field(default_factory=set)
    values: dict[Run, float | None] = field(default_factory=dict)
    """What has ended; None if it has no value."""


class SequentialTest(EarlyStopping):
    """Count one cell's runs as they end, and start no new ones when the claim is decided."""

    def __init__(self, stop: Stop, text: str) -> None:
        self.stop = stop
        self.text = text
        self._eval_id: str | None = None

    async def start_task(self, task: "EvalSpec", samples: Sequence["Sample"], epochs: int) -> str:
        """Lay the cell's runs out in blocks, before any is started."""
        if self._eval_id is not None:
            raise Refusal(f"stop={self.text!r}: one test cannot serve two runs at once; make a task for each model.")
        self._blocks = self._divide(samples, epochs)
        self._block_of = {run: block for block in self._blocks for run in block.members}
        self._refuse_too_few()
        self._eval_id = task.eval_id
        self._order: list[_Block] = []
        """Blocks that were started, in that order."""
        self._counted = 0
        self._scored = self._yes = self._unscored = 0
        self._decision: Decision = "undecided"
        self._decided_after: int | None = None
        self._path: list[tuple[int, int, float]] = []
        _losses().tests.add(self)
        return "sequential test"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a run start, unless the claim is decided and its block has not begun."""
        run = (str(id), epoch)
        block = self._block_of.get(run)
        if block is None:
            return None
        if self._decision != "undecided" and not block.started:
            reason = f"{self.text}: {self._decision.replace('_', ' ')} after {self._decided_after} runs"
            return EarlyStop(id=id, epoch=epoch, reason=reason)
        self._start(run, block)
        return None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, "SampleScore"]) -> None:
        """Take the value of a run that has ended, and count what can be counted."""
        run = (str(id), epoch)
        if run in self._block_of:
            self._start(run, self._block_of[run])  # a run that was kept from an earlier attempt was never scheduled
            self._end(run, _value(scores, self.stop.key))

    async def complete_task(self) -> dict[str, JsonValue]:
        """Return the record, for the log."""
        for block in self._order:
            for run in block.members - block.values.keys():
                block.values[run] = None
        self._count()
        self._eval_id = None
        return {RECORD_KEY: self.record().model_dump(mode="json")}

    def lose(self, end: SampleEnd) -> None:
        """Take note of a run that ended without any score: `complete_sample` is not told of it."""
        run = (str(end.sample.id), end.sample.epoch)
        if end.eval_id == self._eval_id and run in self._block_of and not end.sample.scores:
            self._end(run, None)

    def record(self) -> StopRecord:
        """Return what was seen up to now."""
        level = 1 - 2 * self.stop.error
        lower, upper = bounds(self.stop, self._yes, self._scored, level)
        step = -(-len(self._path) // POINTS) or 1
        return StopRecord(
            text=self.text,
            stop=self.stop,
            decision=self._decision,
            decided_after=self._decided_after,
            planned=len(self._block_of),
            started=sum(len(block.started) for block in self._order),
            scored=self._scored,
            yes=self._yes,
            unscored=self._unscored,
            lower=lower,
            upper=upper,
            level=level,
            evidence=self.stop.evidence(self._yes, self._scored),
            path=(*self._path[:-1:step], *self._path[-1:]),
        )

    def _divide(self, samples: Sequence["Sample"], epochs: int) -> list[_Block]:
        """Make a block of each epoch; with one epoch, of each seed."""
        blocks: dict[object, _Block] = {}
        for sample in samples:
            if _fact(sample, "arm") == self.stop.arm:
                for epoch in range(1, epochs + 1):
                    key = epoch if epochs > 1 else _fact(sample, "seed")
                    blocks.setdefault(key, _Block()).members.add((str(sample.id), epoch))
        return list(blocks.values())

    def _refuse_too_few(self) -> None:
        planned, fewest = len(self._block_of), self.stop.fewest
        if planned < fewest or len(self._blocks) < 2:
            raise Refusal(
                f"stop={self.text!r}: {planned} runs of '{self.stop.arm}' in {len(self._blocks)} rounds are planned, "
                f"and it takes {fewest} in two or more to show it; ask for more with -T seeds=N or --epochs N."
            )

    def _start(self, run: Run, block: _Block) -> None:
        if not block.started:
            self._order.append(block)
        block.started.add(run)

    def _end(self, run: Run, value: float | None) -> None:
        self._block_of[run].values[run] = value
        self._count()

    def _count(self) -> None:
        """Count whole blocks, in the order in which they were started."""
        while self._counted < len(self._order):
            block = self._order[self._counted]
            if block.members - block.values.keys():
                return
            self._counted += 1
            known = [value for value in block.values.values() if value is not None]
            self._scored += len(known)
            self._yes += sum(value > 0.5 for value in known)
            self._unscored += len(block.started) - len(known)
            self._path.append((self._scored, self._yes, self.stop.evidence(self._yes, self._scored)))
            if self._decision == "undecided":
                self._decision = self.stop.decide(self._yes, self._scored)
                self._decided_after = None if self._decision == "undecided" else self._scored


def _value(scores: Mapping[str, "SampleScore"], key: str) -> float | None:
    """Return the key's value from whichever scorer has it; None where it is NaN or absent."""
    for each in scores.values():
        value = each.score.value
        number = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(number, int | float) and not isnan(number):
            return float(number)
    return None


class _Losses(Hooks):
    """Hears of runs that end without a score, which the early stopping is not told of."""

    def __init__(self) -> None:
        self.tests: WeakSet[SequentialTest] = WeakSet()

    def enabled(self) -> bool:
        return bool(self.tests)

    async def on_sample_end(self, data: SampleEnd) -> None:
        for test in list(self.tests):
            test.lose(data)


@cache
def _losses() -> _Losses:
    """Register the hook at the first test and not before: Inspect prints a line for each hook that there is."""
    made: list[_Losses] = []

    @hooks(name="sequential_test", description="Tells a sequential test of runs that end without a score.")
    class Losses(_Losses):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    return made[0]
