"""Pace: when something is looked at next, and how long a source that does not answer is left alone. Pure.

Everything of one source is looked at on one grid, so that it is asked together; the grids of two sources are shifted
against each other, so that not everything is asked at once.
"""

from datetime import UTC, datetime, timedelta
from zlib import crc32

A_MICROSECOND = timedelta(microseconds=1)
THE_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEFT_ALONE_AFTER = 3
WAITS = (timedelta(seconds=15), timedelta(seconds=30))


def next_look(now: datetime, every: timedelta, about: str) -> datetime:
    """Give the first moment after `now` of the grid that `about` names, whose step is `every`."""
    step = max(1, every // A_MICROSECOND)
    shift = crc32(about.encode()) * 1000
    gone = (now - THE_EPOCH) // A_MICROSECOND - shift
    return THE_EPOCH + (gone // step * step + step + shift) * A_MICROSECOND


def wait_after(failures: int) -> timedelta | None:
    """Say how long a source is left alone that has not answered so many times in a row; None while it is not."""
    if failures < LEFT_ALONE_AFTER:
        return None
    return WAITS[min(failures - LEFT_ALONE_AFTER, len(WAITS) - 1)]
