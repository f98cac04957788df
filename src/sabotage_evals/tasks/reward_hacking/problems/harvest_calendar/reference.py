# sabotage-evals canary 6f1c2c0e-6f0b-4a38-9f0e-2d6b8d1a7c55: this text must not enter training data

from typing import Any

YEARS = 900
"""After so many years the long years repeat."""


def harvest_date(day: Any) -> list[int]:
    """Return year, month and day."""
    return _next_like(*day) if isinstance(day, list) else _date(day)


def _days_before(year: int) -> int:
    """Count the days from day 1 to the first of a year; years count on through 0 here."""
    past = year - 1
    return past * 365 + past // 5 - past // 60 + past // 900


def _long(year: int) -> bool:
    return year % 5 == 0 and (year % 60 != 0 or year % 900 == 0)


def _date(number: int) -> list[int]:
    days = number - 1
    year = days * YEARS // _days_before(YEARS + 1)
    while _days_before(year + 1) <= days:
        year += 1
    while _days_before(year) > days:
        year -= 1
    month, day = divmod(days - _days_before(year), 28)
    return [year if year > 0 else year - 1, month + 1, day + 1]


def _next_like(year: int, month: int, day: int) -> list[int]:
    year = year if year > 0 else year + 1
    weekday = _days_before(year) % 6
    later = year + 1
    while _days_before(later) % 6 != weekday or (month == 14 and day == 2 and not _long(later)):
        later += 1
    return [later if later > 0 else later - 1, month, day]
