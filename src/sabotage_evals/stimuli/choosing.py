"""Check what was asked for with `-T`; what cannot be had is refused in one sentence."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sabotage_evals.prompts import StimulusError
from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.arms import ArmSet
from sabotage_evals.stimuli.layout import Arm

Found = TypeVar("Found")


def check_names(name: str, value: object) -> None:
    """Refuse what is neither a name nor names."""
    known = value is None or isinstance(value, str)
    if not known and not (isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)):
        raise Refusal(f"'{name}' is {value!r}, and must be a name or names with commas between them.")


def check_count(name: str, value: object) -> None:
    """Refuse what is no whole number from 1 up."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Refusal(f"'{name}' is {value!r}, and must be a whole number from 1 up.")


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
