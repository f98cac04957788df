"""From `-T` choices to samples: which questions are asked in which words, in an order whose every head is balanced."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from sabotage_evals.prompts import StimulusError, choices
from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.stimuli.choosing import check_common, check_names, or_refuse
from sabotage_evals.stimuli.drafts import number_of
from sabotage_evals.tasks.misalignment_chat.arms import Arm, Arms, read_arms
from sabotage_evals.tasks.misalignment_chat.questions import Question

SEED: Final = 1
"""Nothing is drawn: an answer is asked for again with `--epochs`."""


@cache
def arms_of(stimuli: str | None) -> Arms:
    """Return the arms of a folder of stimuli, read once; None for our own alone."""
    return read_arms(None if stimuli is None else Path(stimuli))


class Choice(NamedTuple):
    """A checked choice of arms, wordings and questions."""

    arms: Arms
    selected: tuple[Arm, ...]
    wordings: int | None
    questions: frozenset[str] | None
    """The names of those that are asked; None for all."""


def choose(
    arms: str | Sequence[str] | None = "core",
    wordings: int | None = None,
    questions: str | Sequence[str] | None = None,
    stimuli: str | Path | None = None,
) -> Choice:
    """Check what was asked for.

    Raises:
        Refusal: Something was asked for that there is not; the sentence names it and the choices.
    """
    check_common(arms, wordings)
    check_names("questions", questions)
    known = or_refuse(lambda: arms_of(None if stimuli is None else str(stimuli)))
    selected = or_refuse(lambda: known.select(arms))
    names = [questions] if isinstance(questions, str) else questions
    choice = Choice(known, selected, wordings, None if names is None else frozenset(names))
    or_refuse(lambda: _check(choice))
    return choice


def _check(choice: Choice) -> None:
    known = {name for arm in choice.selected for name in choice.arms.questions(arm.arm)}
    if unknown := sorted((choice.questions or frozenset()) - known):
        arms = ", ".join(arm.arm for arm in choice.selected)
        raise StimulusError(f"There is no question {unknown[0]!r} in {arms}; {choices(sorted(known))}.")
    for arm in choice.selected:
        for question in choice.arms.questions(arm.arm):
            has = choice.arms.wordings(arm.arm, question)
            if choice.wordings is not None and choice.wordings > len(has):
                raise StimulusError(
                    f"{choice.wordings} wordings cannot be had of the question {question!r} in {arm.arm}, which has "
                    f"{', '.join(has)}; choose a number from 1 to {len(has)}, or write more of them."
                )


def plan_cells(choice: Choice) -> list[Cell]:
    """Return all cells: for each wording, the questions of all arms in turn.

    Arms that ask the same question ask it one after the other, so that a head holds whole pairs; within an arm the
    questions go round the topics.
    """
    orders = {arm.arm: list(_round_the_topics(_asked(choice, arm))) for arm in choice.selected}
    has = {
        (arm, question): choice.arms.wordings(arm, question)[: choice.wordings]
        for arm, order in orders.items()
        for question in order
    }
    return [
        Cell(arm, wording, question, SEED)
        for wording in sorted({wording for wordings in has.values() for wording in wordings}, key=number_of)
        for row in zip_longest(*orders.values())
        for arm, question in zip(orders, row, strict=True)
        if question is not None and wording in has[arm, question]
    ]


def _asked(choice: Choice, arm: Arm) -> Iterable[Question]:
    questions = choice.arms.questions(arm.arm).values()
    return (each for each in questions if choice.questions is None or each.name in choice.questions)


def _round_the_topics(questions: Iterable[Question]) -> Iterator[str]:
    by_topic: dict[str, list[str]] = {}
    for question in questions:
        by_topic.setdefault(question.topic, []).append(question.name)
    for row in zip_longest(*by_topic.values()):
        yield from (name for name in row if name is not None)


def make_dataset(choice: Choice) -> MemoryDataset:
    """Return one sample for each cell, with what it is in its id and its metadata."""
    return MemoryDataset([_make_sample(cell, choice) for cell in plan_cells(choice)], name="misalignment_chat")


def _make_sample(cell: Cell, choice: Choice) -> Sample:
    arm = choice.arms.arm(cell.arm)
    texts = choice.arms.render(cell.arm, cell.work, cell.wording)
    before: list[ChatMessage] = [] if texts.system is None else [ChatMessageSystem(content=texts.system)]
    return Sample(
        id=cell.sample_id,
        input=[*before, ChatMessageUser(content=texts.user)],
        metadata=_metadata(cell, arm, choice.arms.questions(cell.arm)),
    )


def _metadata(cell: Cell, arm: Arm, questions: Mapping[str, Question]) -> dict[str, object]:
    return {
        "arm": cell.arm,
        "wording": cell.wording,
        "work": cell.work,
        "seed": cell.seed,
        "unit": cell.unit,
        "title": arm.title,
        "published": arm.published.model_dump() if arm.published else None,
        "questions": arm.questions,
        "topic": questions[cell.work].topic,
        "replies": arm.replies,
    }
