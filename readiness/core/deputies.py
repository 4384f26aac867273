"""Deputies: who stands in for a role, and when.

A plan names deputies as people call them. What counts is the name under which somebody was added to the rollout, which
is in the record, and not what their account is called now: renaming an account, or making one of the same name, makes
nobody a deputy.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

Bound: TypeAlias = "date | datetime | None"
Deputy: TypeAlias = tuple[str, Bound, Bound]
"""Who, from when and until when; a bound that is None is open."""


def stands_in(deputy: Deputy, names: Collection[str], now: datetime, timezone: str) -> bool:
    """Say whether somebody known by `names` stands in at `now`.

    A date is the whole day in the time zone of the plan, the last one included. A time counts to the moment: from then
    on, and until just before; without a zone it is in that of the plan.
    """
    name, first, last = deputy
    local = now.astimezone(ZoneInfo(timezone))
    return name in names and _has_begun(first, local) and not _is_over(last, local)


def _has_begun(first: Bound, local: datetime) -> bool:
    if isinstance(first, datetime):
        return _zoned(first, local) <= local
    return first is None or first <= local.date()


def _is_over(last: Bound, local: datetime) -> bool:
    if isinstance(last, datetime):
        return _zoned(last, local) <= local
    return last is not None and last < local.date()


def _zoned(bound: datetime, local: datetime) -> datetime:
    return bound if bound.tzinfo is not None else bound.replace(tzinfo=local.tzinfo)
