"""Times, durations and quantities as people read them. Everything is UTC; nothing here reads a clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from readiness.core.quantities import (
    UnreadableQuantity,
    convert,
    format_apart,
    format_duration,
    format_number,
    readable_unit,
)

NO_BREAK = "\N{NO-BREAK SPACE}"
_STEPS = ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h"))


def iso(at: datetime) -> str:
    """The moment for machines, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def full_time(at: datetime) -> str:
    """2 Dec 2025, 14:32:06 UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def short_day(at: datetime) -> str:
    """Tue 2 Dec."""
    at = at.astimezone(UTC)
    return f"{at:%a} {at.day} {at:%b}"


def near_time(at: datetime, now: datetime) -> str:
    """The clock for today, the day otherwise, with its year when that differs."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b %Y}"


def format_age(age: timedelta) -> str:
    """Whole units, rounded down, as static/js/live.js does: 9 s, 11 min, 5 h, 3 days."""
    seconds = max(0, int(age.total_seconds()))
    for below, size, unit in _STEPS:
        if seconds < below:
            return f"{seconds // size}{NO_BREAK}{unit}"
    return f"{seconds // 86_400}{NO_BREAK}days"


def format_span(span: timedelta) -> str:
    """A measured duration, to the second, as the core says it: 1 min 48 s, 41 min, 3 days."""
    return format_duration(timedelta(seconds=round(span.total_seconds()))).replace(" ", NO_BREAK)


def split_quantity(value: float, unit: str, marks: Iterable[float] = ()) -> tuple[str, str]:
    """A number in the unit its first mark (else itself) reads best, with digits enough to stay on its side of each."""
    marks = tuple(marks)
    try:
        shown = readable_unit(marks[0] if marks else value, unit) if unit else ""
        number = format_apart(convert(value, unit, shown), [convert(mark, unit, shown) for mark in marks])
    except (UnreadableQuantity, OverflowError, ValueError):
        return format_number(value) if value - value == 0 else str(value), unit
    return number, shown


def format_quantity(value: float | None, unit: str, marks: Iterable[float] = ()) -> str:
    """18.2 ms, 99.6 %, 0.04 GB/h; a dash for nothing."""
    if value is None:
        return "–"
    number, shown = split_quantity(value, unit, marks)
    return f"{number}{NO_BREAK}{shown}" if shown else number


def initials(name: str) -> str:
    """Of the first and the last word, as an avatar shows them."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()
