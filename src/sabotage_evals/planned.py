"""The plan that is written down before a run: which claims will be tested, and on how many runs."""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sabotage_evals.design import Design, PlanStamp
from sabotage_evals.prompts import StimulusError, read_bytes
from sabotage_evals.refusal import Refusal

_CANARY_KEY: Final = "canary"
SCENARIOS: Final = ("detector", "misalignment_agentic", "misalignment_chat", "reward_hacking", "shutdown")
"""What a hypothesis may be about, besides the task that is run."""


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

    def is_same_test(self, other: "Hypothesis") -> bool:
        """Whether both are on the same figure: the same two arms, in any order, or the same side of the same number."""
        return (self.scenario, self.key, {self.arm, self.other}, self.threshold) == (
            other.scenario,
            other.key,
            {other.arm, other.other},
            other.threshold,
        )


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


def with_plan(design: Design, path: str | Path | None, arms: Collection[str] | None = None) -> Design:
    """Return the design with the plan's stamp on it, as it goes into the log.

    Args:
        design: Of the task that is to be run.
        path: The plan; None for none.
        arms: All arms that the task has, those that are not run this time too, as one plan may stand over several
            runs. Without them the names of arms are not checked.

    Raises:
        Refusal: The plan cannot be read, or a hypothesis in it could never be tested; the sentence names it.
    """
    if path is None:
        return design.model_copy(update={"plan": None})
    plan, stamp = read_plan(path)
    for number, hypothesis in enumerate(plan.hypotheses):
        why = _why_untestable(hypothesis, design, arms)
        if same := next((each for each in plan.hypotheses[:number] if each.is_same_test(hypothesis)), None):
            why = f"is the same test as {same.name!r}; leave one of them out"
        if why is not None:
            raise Refusal(f"{path}: the hypothesis {hypothesis.name!r} {why}.")
    return design.model_copy(update={"plan": stamp})


def _why_untestable(hypothesis: Hypothesis, design: Design, arms: Collection[str] | None) -> str | None:
    """Say what in a hypothesis is no name that there is; only of this task all names are known."""
    if hypothesis.scenario != design.scenario:
        known = (*SCENARIOS, design.scenario)
        named = f"is about the scenario {hypothesis.scenario!r}; choose from {', '.join(dict.fromkeys(known))}"
        return None if hypothesis.scenario in known else named
    keys = [rate.key for rate in design.rates]
    if hypothesis.key not in keys:
        return f"is on {hypothesis.key!r}, which is no rate of {design.scenario}; choose from {', '.join(keys)}"
    named_arms = {*(arms or ()), *design.arms}
    for arm in (hypothesis.arm, hypothesis.other):
        if arms is not None and arm is not None and arm not in named_arms:
            return f"is on the arm {arm!r}, which {design.scenario} does not have; choose from {', '.join(arms)}"
    return None
