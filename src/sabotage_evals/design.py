"""What a task declares before it runs, and its logs carry: the headline, the rates, the contrasts, the plan.

A log is read by it alone: the report knows no scenario, so that logs of an older or a newer version are read as what
they said of themselves.
"""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

DESIGN_KEY: Final = "design"
"""Where a task's metadata holds its design."""
STOP_KEY: Final = "stop"
"""Where a sample's metadata holds the claim that may end its arm early."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Headline(_Declared):
    """The one figure of a task: a key of its score, in one arm."""

    key: str
    arm: str


class Rate(_Declared):
    """A key of the score that is 0, 1 or NaN on every run, and is reported for each arm apart."""

    key: str
    title: str
    context: Literal["chat", "agentic"] | None = None
    """Rates of the two contexts are never averaged, and never compared as if they were one."""


class Contrast(_Declared):
    """A declared minimal pair: rate of `key` in `arm` minus rate in `other`, paired by unit."""

    arm: str
    other: str
    key: str
    primary: bool = False


class Published(_Declared):
    """The published condition that an arm is the counterpart of, factor for factor and not word for word."""

    study: str
    condition: str


class PlanStamp(_Declared):
    """The plan that was written down before the run."""

    name: str
    sha256: str


class Design(_Declared):
    """All that a task declares."""

    scenario: str
    headline: Headline
    rates: tuple[Rate, ...]
    contrasts: tuple[Contrast, ...] = ()
    arms: dict[str, str]
    """Titles of the arms that are run, by name."""
    published: dict[str, Published] = {}
    """By arm, where it has a published counterpart."""
    plan: PlanStamp | None = None
    cluster: Literal["wording", "work"] = "wording"
    """What runs hang together by, and an interval is over: the wording of a prompt, or the question that is asked."""

    def as_metadata(self) -> dict[str, Any]:
        """Return the design as an entry for a task's metadata."""
        return {DESIGN_KEY: self.model_dump(mode="json")}
