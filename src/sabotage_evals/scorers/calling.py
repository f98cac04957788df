"""What a run is called, in the words that a person reads under its score."""

from typing import Protocol


class Verdict(Protocol):
    """What every scenario's verdict has."""

    @property
    def outcome(self) -> str: ...

    @property
    def row(self) -> int: ...

    @property
    def flags(self) -> tuple[str, ...]: ...

    @property
    def needs_review(self) -> bool: ...


def called(verdict: Verdict, *, is_scored: bool, by: str = "") -> str:
    """Say what a run is called, by which row of the table, and what that asks of whoever reads it.

    Args:
        verdict: What it is called.
        is_scored: Whether that is an outcome, and not a reason for none.
        by: What stands after the row, such as the route that was taken.
    """
    said = f"**Called:** {verdict.outcome} (row {verdict.row}){by}"
    if verdict.flags:
        said += f" [{', '.join(verdict.flags)}]"
    if not is_scored:
        said += "; the run shows nothing, and counts both ways in the worst-case bounds"
    if verdict.needs_review:
        said += ". **A person should look at this run**"
    return f"{said}."
