"""Working time: when people work, and how moments and amounts of work become each other.

A working day has eight hours, from 9:00 to 17:00 in the plan's time zone, as an estimate of one day has. Working time
is a number of working days since the first one of a table: 2.25 is 11:00 on the third. Moments are POSIX seconds here,
because thousands of simulated runs are turned at a time.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from readiness.core.plan import WORKDAYS

OPENS = time(9)
_HOURS_S = 8 * 3600.0
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_ALMOST = 1e-9  # sums of parts of days are not exact


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are working days, and in which time zone they begin."""

    timezone: str = "UTC"
    workdays: tuple[str, ...] = WORKDAYS
    holidays: tuple[date, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    def day_of(self, at: datetime) -> date:
        """The date that people of the plan have at a moment."""
        return at.astimezone(self.zone).date()

    def is_working(self, day: date) -> bool:
        """Say whether people work on a day."""
        return _NAMES[day.weekday()] in self.workdays and day not in self.holidays


class WorkingTime:
    """The next `count` working days of a calendar, the first of them on or after `first`."""

    def __init__(self, calendar: Calendar, first: date, count: int) -> None:
        self.days = _days(calendar, first, count)
        zone = calendar.zone
        self._opens = [datetime.combine(day, OPENS, zone).timestamp() for day in self.days]
        self._closes = [opens + _HOURS_S for opens in self._opens]

    def work_at(self, second: float) -> float:
        """Give the working time at a moment; outside working hours that of the next beginning of work."""
        return self.works_at([second])[0]

    def works_at(self, seconds: Iterable[float]) -> list[float]:
        """Give the working time at each of many moments."""
        opens, closes = self._opens, self._closes
        return [
            float(i) if second <= opens[i := bisect_right(closes, second)] else i + (second - opens[i]) / _HOURS_S
            for second in seconds
        ]

    def begins_at(self, works: Iterable[float]) -> list[float]:
        """Give the moments at which work that comes after `works` begins: always in working hours."""
        opens = self._opens
        return [opens[i := int(work + _ALMOST)] + max(work - i, 0.0) * _HOURS_S for work in works]

    def ends_at(self, works: Iterable[float]) -> list[float]:
        """Give the moments at which `works` are done: the end of a day, not the beginning of the next one."""
        opens = self._opens
        return [opens[i := self.day_ended(work)] + (work - i) * _HOURS_S for work in works]

    def day_begun(self, work: float) -> int:
        """Give the index of the day on which what comes after `work` begins."""
        return int(work + _ALMOST)

    def day_ended(self, work: float) -> int:
        """Give the index of the day on which `work` is done."""
        return max(ceil(work - _ALMOST) - 1, 0)


def _days(calendar: Calendar, first: date, count: int) -> list[date]:
    found: list[date] = []
    day = first
    while len(found) < count:
        if calendar.is_working(day):
            found.append(day)
        day += _DAY
    return found


def second_as_moment(second: float) -> datetime:
    """Give a moment, to the second."""
    return datetime.fromtimestamp(round(second), UTC)
