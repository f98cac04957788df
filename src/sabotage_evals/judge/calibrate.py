"""Calibrate a grader: ask it about transcripts whose labels are known, and say how often it is right."""

import asyncio
import json
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from inspect_ai._cli.util import (  # inspect-evals-lint: ignore[IECQ001] -- there is no public one
    parse_model_role_cli_args,
)
from inspect_ai.model import Model, get_model
from pydantic import BaseModel, ConfigDict, Field
from rich import box
from rich.console import Console
from rich.table import Table

from sabotage_evals.judge.asking import GRADER_ROLE, judge
from sabotage_evals.judge.labels import Item, labelled_file, read_labelled
from sabotage_evals.judge.question import QUESTIONS, Question
from sabotage_evals.judge.ruling import FAILED, Ruling
from sabotage_evals.prompts import CANARY, choices
from sabotage_evals.refusal import Refusal

REFERENCE: Final = Path(__file__).parent / "reference.json"
"""What the scripted grader `grades_by_rule` gets: a floor, and a check of the machinery."""
REMARK: Final = (
    "The labels are known because the transcripts were made for them, and that makes them easier than real ones: "
    "read these figures as upper bounds."
)

NAMED: Final = 8
"""Wrong items of a question that are named on the screen; all of them, with the graders' reasons, are in the file."""


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Stored):
    """A figure with its interval of 95 %; all None where there is nothing to take it from."""

    value: float | None = None
    lower: float | None = None
    upper: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "none"
        return f"{_short(self.value)} ({_short(self.lower)}-{_short(self.upper)})"


def _short(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}".replace("0.", ".")


class Tally(_Stored):
    """How the items of one kind came out."""

    items: int
    scored: int
    right: int


class Miss(_Stored):
    """An item that the grader got wrong or gave no verdict on."""

    id: str
    label: str
    verdict: str | None
    why: str
    """The first grader's reason, or why there is no verdict."""


class Result(_Stored):
    """How the graders did on one question."""

    question: str
    version: str
    """Of the question, as in every ruling."""
    labelled: str
    """The first twelve digits of the SHA-256 of the file with the labels."""
    items: int
    scored: int
    unscored: dict[str, int]
    """Why there was no verdict, and how often."""
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: Figure
    """Of what was given the positive class, the share that has it. Wilson."""
    recall: Figure
    """Of what has the positive class and was scored, the share that was given it. Wilson."""
    kappa: Figure
    """Cohen's, between verdict and label."""
    by_kind: dict[str, Tally]
    misses: tuple[Miss, ...]


class Calibration(_Stored):
    """How the graders did on all questions that were asked."""

    canary: str = Field(default=CANARY, repr=False)
    graders: tuple[str, ...]
    votes: int
    results: tuple[Result, ...]
    missing: tuple[str, ...]
    """Questions that were wanted and have no labelled transcripts."""


def run_calibrate(
    model_roles: Sequence[str],
    questions: Sequence[str] | None = None,
    votes: int = 1,
    output: Path | None = None,
    limit: int | None = None,
) -> int:
    """Calibrate from the command line, print the tables, and return 0 only if every question could be measured.

    Args:
        model_roles: as Inspect's command line takes them: `grader=MODEL`, `grader=MODEL,MODEL`, or with settings.
        questions: which; all, if not said.
        votes: how often each grader is asked about an item.
        output: where the figures are kept as JSON.
        limit: at most so many items of each question, spread over the classes.
    """
    graders = graders_named(model_roles)
    calibration = calibrate(questions, graders, output, votes=votes, limit=limit)
    console = Console()
    show(calibration, read_calibration(REFERENCE) if REFERENCE.is_file() else None, console)
    return 1 if calibration.missing or not all(result.scored for result in calibration.results) else 0


def graders_named(model_roles: Sequence[str]) -> list[Model]:
    """Return the models that the command line names as graders, and insist that it names one and nothing else."""
    try:
        roles = dict(parse_model_role_cli_args(tuple(model_roles)))
    except ValueError as error:
        raise Refusal(f"'{' '.join(model_roles)}' names no grader ({error}); write grader=PROVIDER/MODEL.") from None
    named = roles.pop(GRADER_ROLE, None)
    if roles:
        raise Refusal(f"The role '{next(iter(roles))}' has no part in a calibration; name only grader=PROVIDER/MODEL.")
    if not named:
        raise Refusal("There is no grader to calibrate; name one with --model-role grader=PROVIDER/MODEL.")
    return [_model(one) for one in (named if isinstance(named, list) else [named])]


def _model(named: Any) -> Model:
    if isinstance(named, Model):
        return named
    try:
        return get_model(named, role=GRADER_ROLE)  # inspect-evals-lint: ignore[IEBP001] -- a command, and no run
    except ValueError as error:
        raise Refusal(f"The grader '{named}' is no model ({error}); write grader=PROVIDER/MODEL.") from None


def calibrate(
    questions: Sequence[str] | None,
    graders: Sequence[Model],
    out: Path | None = None,
    *,
    votes: int = 1,
    limit: int | None = None,
) -> Calibration:
    """Ask the graders about every labelled transcript of the questions.

    Args:
        questions: their names; all, if None.
        graders: the models, which rule together by a majority of all votes.
        out: where the figures are kept as JSON.
        votes: how often each of them is asked about an item.
        limit: at most so many items of each question, spread over the classes.
    """
    for name in questions or ():
        if name not in QUESTIONS:
            raise Refusal(f"There is no question '{name}'; {choices(QUESTIONS)}.")
    wanted = list(questions or QUESTIONS)
    there = [name for name in wanted if labelled_file(name).is_file()]
    calibration = Calibration(
        graders=tuple(str(grader) for grader in graders),
        votes=votes,
        results=tuple(asyncio.run(_measure_all(there, graders, votes, limit))),
        missing=tuple(name for name in wanted if name not in there),
    )
    if out is not None:
        out.write_text(json.dumps(calibration.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
    return calibration


def read_calibration(path: Path) -> Calibration:
    """Read figures that were kept."""
    return Calibration.model_validate_json(path.read_text(encoding="utf-8"))


async def _measure_all(names: Sequence[str], graders: Sequence[Model], votes: int, limit: int | None) -> list[Result]:
    return [await _measure(QUESTIONS[name], graders, votes, limit) for name in names]


async def _measure(question: Question, graders: Sequence[Model], votes: int, limit: int | None) -> Result:
    labelled = read_labelled(question)
    items = _spread(labelled.items, limit)
    rulings = await asyncio.gather(
        *(judge(question.name, item.material, graders=graders, votes=votes) for item in items)
    )
    return tally(question, labelled.sha256[:12], list(zip(items, rulings, strict=True)))


def _spread(items: Sequence[Item], limit: int | None) -> list[Item]:
    """Return at most so many items, taken in turn from the classes and evenly from each."""
    if limit is None or limit >= len(items):
        return list(items)
    by_label: dict[str, list[Item]] = {}
    for item in items:
        by_label.setdefault(item.label, []).append(item)
    shares = {label: (limit + place) // len(by_label) for place, label in enumerate(by_label)}
    return [
        group[place * len(group) // shares[label]]
        for label, group in by_label.items()
        for place in range(shares[label])
    ]


def tally(question: Question, labelled: str, ruled: Sequence[tuple[Item, Ruling]]) -> Result:
    """Count rulings against labels."""
    scored = [(item, ruling) for item, ruling in ruled if ruling.verdict is not None]
    counts = Counter((item.label == question.positive, ruling.verdict == question.positive) for item, ruling in scored)
    right, wrong_alarm, overlooked = counts[True, True], counts[False, True], counts[True, False]
    return Result(
        question=question.name,
        version=question.version,
        labelled=labelled,
        items=len(ruled),
        scored=len(scored),
        unscored=dict(Counter(ruling.problem or FAILED for _, ruling in ruled if ruling.verdict is None)),
        true_positives=right,
        false_positives=wrong_alarm,
        false_negatives=overlooked,
        true_negatives=counts[False, False],
        precision=_share(right, right + wrong_alarm),
        recall=_share(right, right + overlooked),
        kappa=_kappa([[right, overlooked], [wrong_alarm, counts[False, False]]]),
        by_kind=_by_kind(ruled),
        misses=tuple(_misses(ruled)),
    )


def _share(yes: int, of: int) -> Figure:
    from statsmodels.stats.proportion import proportion_confint

    if of == 0:
        return Figure()
    lower, upper = proportion_confint(yes, of, alpha=0.05, method="wilson")
    return Figure(value=yes / of, lower=float(lower), upper=float(upper))


def _kappa(table: list[list[int]]) -> Figure:
    """Return Cohen's kappa with statsmodels' asymptotic interval, and with a wider one where that has no width.

    Where all agree, the asymptotic interval is a point. The agreement's Wilson interval, put through the definition of
    kappa with the margins as they are, says how far from 1 it may yet be.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    count = sum(map(sum, table))
    labels = {sum(row) for row in table}
    if not count or 0 in labels:
        return Figure()  # with one class only, nothing can be told from chance
    agreed = table[0][0] + table[1][1]
    if agreed < count:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # its test divides by zero where one class is never given
            found = cohens_kappa(table)
        return Figure(value=float(found.kappa), lower=float(found.kappa_low), upper=min(1.0, float(found.kappa_upp)))
    by_chance = (sum(table[0]) ** 2 + sum(table[1]) ** 2) / count**2
    lower = _share(agreed, count).lower or 0.0
    return Figure(value=1.0, lower=(lower - by_chance) / (1 - by_chance), upper=1.0)


def _by_kind(ruled: Sequence[tuple[Item, Ruling]]) -> dict[str, Tally]:
    kinds = dict.fromkeys(item.kind for item, _ in ruled)
    return {
        kind: Tally(
            items=sum(item.kind == kind for item, _ in ruled),
            scored=sum(item.kind == kind and ruling.verdict is not None for item, ruling in ruled),
            right=sum(item.kind == kind and ruling.verdict == item.label for item, ruling in ruled),
        )
        for kind in kinds
    }


def _misses(ruled: Sequence[tuple[Item, Ruling]]) -> Iterator[Miss]:
    for item, ruling in ruled:
        if ruling.verdict != item.label:
            first = ruling.votes[0]
            yield Miss(id=item.id, label=item.label, verdict=ruling.verdict, why=first.problem or first.why)


def show(calibration: Calibration, reference: Calibration | None, console: Console) -> None:
    """Print the figures, what they are compared with, and what is missing."""
    title = f"{' and '.join(calibration.graders)}, {_counted(calibration.votes, 'vote')} each, intervals of 95 %"
    table = Table(title=title, box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name in ("question", "scored", "precision", "recall", "kappa"):
        table.add_column(name, no_wrap=True)
    stored = {result.question: result for result in reference.results} if reference else {}
    for result in calibration.results:
        table.add_row(
            result.question,
            f"{result.scored}/{result.items}",
            str(result.precision),
            str(result.recall),
            str(result.kappa),
        )
        if reference and (known := stored.get(result.question)):
            table.add_row(
                f"  reference{_unlike(result, known)}",
                f"{known.scored}/{known.items}",
                str(known.precision),
                str(known.recall),
                str(known.kappa),
                style="dim",
            )
    console.print(table)
    for line in _remarks(calibration, stored):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _unlike(result: Result, known: Result) -> str:
    """Mark a reference that stands for something else than what was measured."""
    same = (result.version, result.labelled, result.items) == (known.version, known.labelled, known.items)
    return "" if same else " *"


def _remarks(calibration: Calibration, stored: dict[str, Result]) -> Iterator[str]:
    for result in calibration.results:
        kinds = ", ".join(f"{kind} {tally.right} of {tally.items}" for kind, tally in result.by_kind.items())
        yield f"{result.question}, right by kind: {kinds}."
        if result.unscored:
            told = ", ".join(f"{reason} {count}" for reason, count in result.unscored.items())
            yield f"{result.question}, without a verdict: {told}."
        if wrong := [miss.id for miss in result.misses if miss.verdict is not None]:
            more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
            yield f"{result.question}, wrong: {', '.join(wrong[:NAMED])}{more}."
    for name in calibration.missing:
        yield f"{name} has no labelled transcripts, and was not measured; put them into {labelled_file(name).name}."
    if stored:
        yield "The reference is the scripted grader that the package ships, which goes by words."
    if any(result.question in stored and _unlike(result, stored[result.question]) for result in calibration.results):
        yield "* The reference was made with another wording of the question, or with other items."
    yield REMARK
