"""What others published for conditions that our arms are counterparts of, as data."""

from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sabotage_evals.claims.power import bound_behind_zero

PUBLISHED: Final = Path(__file__).parents[1] / "published.yaml"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedFigure(NamedTuple):
    """A published rate from 0 to 1, with its interval if one was given."""

    rate: float
    lower: float | None
    upper: float | None


class Condition(_Data):
    """A condition of a study: the key of ours that is nearest to what was counted, and what was said there."""

    key: str
    said: str


class PublishedModel(_Data):
    """What was published for one model."""

    name: str
    also: tuple[str, ...]
    """Under which last names a model of this report is the same."""
    rates: dict[str, tuple[float, ...]]

    def figure(self, condition: str) -> PublishedFigure | None:
        """Return the figure in one condition, if there is one."""
        stated = self.rates.get(condition)
        if not stated:
            return None
        rate, *bounds = (each / 100 for each in stated)
        return PublishedFigure(rate, *bounds) if len(bounds) == 2 else PublishedFigure(rate, None, None)

    def is_model(self, model: str) -> bool:
        """Whether a model of this report is this one, by its last name."""
        return model.rsplit("/", 1)[-1] in self.also


class Study(_Data):
    """A study, and what it found."""

    study: str
    title: str
    date: str
    runs: str
    fewest: int | None = None
    """Runs that every cell has at least, if that was said: what a published zero leaves open hangs on it."""
    interval: str
    remark: str
    conditions: dict[str, Condition] = Field(min_length=1)
    models: tuple[PublishedModel, ...]

    def zero_leaves_open(self, figure: PublishedFigure) -> float | None:
        """Return the bound behind a zero; None where it is none, or has an interval, or no count is known."""
        is_bare_zero = figure.rate == 0 and figure.upper is None
        return bound_behind_zero(self.fewest) if is_bare_zero and self.fewest is not None else None


@cache
def read_published() -> dict[str, Study]:
    """Return the studies by the name that the front matter of our arms uses."""
    document = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
    studies = [Study.model_validate(entry) for entry in document["studies"]]
    return {study.study: study for study in studies}
