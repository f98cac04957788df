"""Check what was asked for with `-T`; what cannot be had is refused in one sentence."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sabotage_evals.prompts import StimulusError
from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.arms import ArmSet
from sabotage_evals.stimuli.layout import Arm

Found = TypeVar("Found")


def refuse_unknown(unknown: Mapping[str, object], task: Callable[..., object]) -> None:
    """Refuse a parameter that a task does not have, and list those that it has."""
    if unknown:
        parameters = inspect.signature(task).parameters.values()
        known = ", ".join(each.name for each in parameters if each.kind is not each.VAR_KEYWORD)
        raise Refusal(f"The task has no parameter '{next(iter(unknown))}'; choose from {known}.")


def check_common(arms: object, wordings: object, seeds: object = 1) -> None:
    """Check the form of what every task lets choose: arms by name, so many wordings of each, so many seeds."""
    check_count("seeds", seeds)
    if wordings is not None:
        check_count("wordings", wordings)
    check_names("arms", arms)


def check_names(name: str, value: object) -> None:
    """Refuse what is neither a name nor names."""
    known = value is None or isinstance(value, str)
    if not known and not (isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)):
        raise Refusal(f"'{name}' is {value!r}, and must be a name or names with commas between them.")


def check_count(name: str, value: object) -> None:
    """Refuse what is no whole number from 1 up."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Refusal(f"'{name}' is {value!r}, and must be a whole number from 1 up.")


def choose_among(what: str, names: str | Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    """Return those of the known names that were asked for: all of them where nothing, or `all`, was.

    Raises:
        Refusal: There is no such name; the sentence calls it `what`.
    """
    wanted = [names] if isinstance(names, str) else list(names or ["all"])
    for name in wanted:
        if name not in (*known, "all"):
            raise Refusal(f"There is no {what} {name!r}; choose from {', '.join(known)}, all.")
    return tuple(known) if "all" in wanted else tuple(dict.fromkeys(wanted))


def select_arms(known: ArmSet[Arm], names: str | Sequence[str] | None, wordings: int | None) -> tuple[Arm, ...]:
    """Select arms by name, and see that each has so many wordings.

    Raises:
        StimulusError: There is no such arm, or it has fewer wordings.
    """
    selected = known.select(names)
    for arm in selected:
        known.wordings(arm.arm, wordings)
    return selected


def or_refuse(read: Callable[[], Found]) -> Found:
    """Do something with stimuli, and refuse where they cannot be used."""
    try:
        return read()
    except StimulusError as error:
        raise Refusal(str(error)) from error
