"""The front matter that the arms of every scenario have."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Front(BaseModel):
    """Front matter of a stimulus file; what is unknown in it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Published(Front):
    """The published condition that an arm is the counterpart of, factor for factor and not word for word."""

    study: str
    condition: str


class Contrast(Front):
    """A declared minimal pair: in each wording the two arms' texts differ in these parts and nowhere else."""

    other: str = Field(alias="with")
    parts: tuple[str, ...] = ()
    """Empty where only the world differs."""


class ArmFront(Front):
    """What the front matter of an arm says in every scenario; a scenario adds its factors."""

    arm: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    published: Published | None = None
    contrasts: tuple[Contrast, ...] = ()
    extends: str | None = None
    """The arm whose parts this one has too, unless it has its own."""
    base: Literal["shared", "none"] = "shared"
    """`none`: the arm shares no text with others and brings its own whole sections."""
