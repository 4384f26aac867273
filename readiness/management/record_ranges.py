"""The whole record verified by several processes, a range each, every one in constant memory.

A range begins with the frontier that the rows before it are said to have. Whoever verifies those rows must end with
just that. When anything does not fit, one process goes through all of it, to say what and where.
"""

import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise

from django.db import connection, connections

from readiness.core.audit_report import RecordReport, Start
from readiness.queries.audit import load_record_head
from readiness.queries.verification import load_start, verify_from, verify_range, verify_record

SMALLEST = 50_000
"""Fewer entries are verified before another process has begun."""


def verify_at_once(smallest: int = SMALLEST) -> RecordReport:
    """Verify every entry on all cores; on one where it cannot be parted, as within a transaction."""
    size = load_record_head().size
    parts = min(os.cpu_count() or 1, size // smallest)
    if parts < 2 or connection.in_atomic_block or threading.active_count() > 1:
        return verify_record()
    starts = [load_start(size * part // parts) for part in range(parts)]
    if None in starts:
        return verify_record()
    return _verify_ranges([each for each in starts if each is not None]) or verify_record()


def _verify_ranges(starts: list[Start]) -> RecordReport | None:
    """Let another process take each range but the last; give no report unless everything fits."""
    connections.close_all()  # each process has connections of its own
    with ProcessPoolExecutor(len(starts) - 1, multiprocessing.get_context("fork")) as pool:
        given = [pool.submit(verify_range, start, end.size) for start, end in pairwise(starts)]
        last = verify_from(starts[-1])
        return _joined([*map(_result, given)], starts, last)


def _result(given: "Future[RecordReport]") -> RecordReport | None:
    return None if given.exception() is not None else given.result()


def _joined(before: list[RecordReport | None], starts: list[Start], last: RecordReport) -> RecordReport | None:
    """Give the report of the last range for all, if each range ends where the next begins."""
    backward: list[int] = []
    for report, following in zip(before, starts[1:], strict=True):
        if report is None or not report.verified or report.end != following:
            return None
        backward += report.backward
    if not last.verified:
        return None
    return replace(last, backward=(*backward, *last.backward))
