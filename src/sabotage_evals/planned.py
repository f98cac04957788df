"""The plan that is written down before a run: which claims will be tested, and on how many runs."""

import hashlib
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sabotage_evals.design import Design, PlanStamp
from sabotage_evals.prompts import StimulusError, read_bytes
from sabotage_evals.refusal import Refusal

_CANARY_KEY: Final = "canary"


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Threshold(_Written):
    """A claim on a rate: that it lies on one side of a number."""

    side: Literal["below", "above"]
    rate: float = Field(gt=0, lt=1)


class Hypothesis(_Written):
    """One claim: on the difference between two arms, or on one arm's rate and a threshold."""

    name: str = Field(min_length=1)
    claim: str = Field(min_length=1)
    """What is expected, in one sentence."""
    scenario: str
    key: str
    arm: str
    other: str | None = None
    """The arm that is subtracted; without one the claim is on the rate of `arm`, and has a threshold."""
    threshold: Threshold | None = None
    primary: bool = False
    family: str = ""
    """Hypotheses that are corrected together; those of a scenario, if nothing is said."""
    runs: int | None = Field(default=None, ge=1)
    """Scored runs that each arm is to have."""
    wordings: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.other is None) == (self.threshold is None):
            raise ValueError(f"the hypothesis {self.name!r} needs either `other` (an arm) or `threshold`, and not both")
        return self

    @property
    def corrected_with(self) -> str:
        """The family that it belongs to."""
        return self.family or self.scenario


class Plan(_Written):
    """All that was written down."""

    name: str = Field(min_length=1)
    about: str = ""
    hypotheses: tuple[Hypothesis, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [hypothesis.name for hypothesis in self.hypotheses]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"the hypothesis {twice[0]!r} is there twice")
        return self


class PlanFile(NamedTuple):
    """A plan and the hash of the very bytes that it was read from."""

    plan: Plan
    stamp: PlanStamp


def read_plan(path: str | Path) -> PlanFile:
    """Read a plan.

    Raises:
        Refusal: There is no such file, or something in it is not as a plan has it; the sentence names it.
    """
    name = str(path)
    try:
        data = read_bytes(Path(path), name)
        written: Any = yaml.safe_load(data.decode("utf-8"))
    except StimulusError as error:
        raise Refusal(str(error)) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise Refusal(f"{name}: the plan is not YAML in UTF-8 ({why}); mend it, or give another file.") from None
    if not isinstance(written, dict):
        raise Refusal(f"{name}: a plan has `name` and `hypotheses`; see docs/statistics.md for an example.")
    written.pop(_CANARY_KEY, None)
    try:
        plan = Plan.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the plan"
        message = first["msg"].removeprefix("Value error, ")
        raise Refusal(f"{name}: {where}: {message}; see docs/statistics.md for an example.") from None
    return PlanFile(plan, PlanStamp(name=plan.name, sha256=hashlib.sha256(data).hexdigest()))


def stamp_plan(path: str | Path | None) -> PlanStamp | None:
    """Return what a log is to bear of a plan; None where there is none."""
    return None if path is None else read_plan(path).stamp


def with_plan(design: Design, path: str | Path | None) -> Design:
    """Return the design with the plan's stamp on it, as it goes into the log."""
    return design.model_copy(update={"plan": stamp_plan(path)})
