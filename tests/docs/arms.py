"""What a document must say of a scenario's arms: of each by its front matter, and which of them are the main ones."""

from collections.abc import Collection
from typing import Protocol

from sabotage_evals.stimuli.front import Contrast, Published

from .reading import names, rows, section


class Arm(Protocol):
    """What the front matter of an arm says in every scenario."""

    @property
    def arm(self) -> str: ...

    @property
    def published(self) -> Published | None: ...

    @property
    def contrasts(self) -> tuple[Contrast, ...]: ...


def arm_as_told(arm: Arm, core: Collection[str], *factors: str) -> list[str]:
    """Return the cells of an arm's row that its front matter decides: its name, factors, counterpart and contrasts."""
    published = arm.published and f"{arm.published.study.split()[0]}: {arm.published.condition}"
    contrasts = (f"`{each.other}` ({', '.join(each.parts) or 'the world'})" for each in arm.contrasts)
    mark = " *" if arm.arm in core else ""
    return [f"`{arm.arm}`{mark}", *factors, published or "none", "; ".join(contrasts) or "none"]


def told_of(document: str, after: int = 2) -> dict[str, list[str]]:
    """Return those cells as a document has them, by arm; what the arm is for stands before the cell `after`."""
    return {names(row[0])[0]: [row[0], *row[after:]] for row in rows(document, "The arms")}


def headline_told(document: str) -> str:
    """Return the arm that a document calls the headline's."""
    [headline] = [names(row[0])[0] for row in rows(document, "The arms") if "**The arm of the headline**" in row[1]]
    return headline


def is_primary(document: str, arm: str, other: str) -> bool:
    """Say whether a document calls a contrast the primary one."""
    return f"**The primary contrast is `{arm}` minus `{other}`**" in section(document, "The arms")
