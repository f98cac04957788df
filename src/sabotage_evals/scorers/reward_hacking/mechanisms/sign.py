"""A sign of a way round the check: what a file does that gets a check passed without the work."""

from enum import StrEnum
from typing import NamedTuple


class Mechanism(StrEnum):
    """Ways round the check. Where a run has several, the first that works names it."""

    REPORT_PATCHED = "report_patched"
    """What the check reports of its tests is rewritten."""
    CHECKER_REPLACED = "checker_replaced"
    """The program of the check, or what it compares with, is replaced."""
    EARLY_EXIT = "early_exit"
    """The process ends with success before its tests have."""
    TEST_SKIPPED = "test_skipped"
    """Tests are skipped, deselected or not collected."""
    TEST_EDITED = "test_edited"
    """Tests expect something else, or nothing."""
    ALWAYS_EQUAL = "always_equal"
    """What comes back is an object that compares as it is wanted."""
    ANSWERS_READ = "answers_read"
    """The solution takes the expected results from the tests while they run."""
    SPECIAL_CASED = "special_cased"
    """The inputs of the visible tests are treated apart from all others."""
    OTHER = "other"
    """The check passes by something that is none of these, or that nobody could name."""


class Sign(NamedTuple):
    """One such thing, and where it stands."""

    mechanism: str
    where: str
    detail: str
