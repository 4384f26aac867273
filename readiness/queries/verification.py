"""The rows of the log read to be verified: all of them, those since an earlier report, or a range."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Subquery, TextField
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler

from readiness.core.audit_check import check_entries, check_range
from readiness.core.audit_report import BEGINNING, HeadRow, RecordReport, Row, Start
from readiness.core.canonical import NotCanonical
from readiness.core.entries import parse_entry
from readiness.core.merkle import split_hashes
from readiness.models import AuditEntry, AuditHead
from readiness.queries.audit import load_frontier
from readiness.queries.checkpoints import load_anchors, newest_size

BATCH = 500


class MomentText(Func):
    """A moment as entries write it, in UTC with microseconds, without the cost of a datetime for each row."""

    output_field = TextField(null=True)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Put together what is stored: date and time, with six digits after a point or none."""
        text, given = compiler.compile(self.source_expressions[0])
        whole = f"substr({text}, 1, 10) || 'T' || substr({text}, 12) || CASE length({text}) WHEN 19 THEN '.000000Z'"
        return f"{whole} ELSE 'Z' END", (*given, *given, *given)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[object]]:
        """Let the server write it."""
        form = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        return self.as_sql(compiler, connection, template=form)


def verify_record() -> RecordReport:
    """Verify every entry, in constant memory."""
    return verify_from(BEGINNING)


def verify_since(size: int, frontier_hex: str) -> RecordReport:
    """Verify what came after an earlier report: pass its `size` and `frontier_hex`.

    Entries before are not read again; a rewritten past shows when the log no longer continues the remembered frontier.
    """
    return verify_from(_start(size, split_hashes(bytes.fromhex(frontier_hex))))


def verify_from(start: Start) -> RecordReport:
    """Verify from a start to the end.

    The head is read first: entries appended meanwhile lie beyond it, so no lock and no long transaction is needed. The
    newest checkpoint is read before it, because whatever was signed by then must be there.
    """
    signed = newest_size()
    head = _head_row()
    rows, anchors = _load_rows(start.size, head.size if head else 0), load_anchors(start.size, signed)
    return check_entries(rows, head, settings.LOG_ORIGIN, start, anchors)


def verify_range(start: Start, end: int) -> RecordReport:
    """Verify from a start to an entry after which others follow."""
    return check_range(_load_rows(start.size, end), settings.LOG_ORIGIN, start, load_anchors(start.size, end))


def load_start(size: int) -> Start | None:
    """Give where verification could begin at a size, as the rows before it say; None when some are not there."""
    try:
        return _start(size, load_frontier(size)) if size else BEGINNING
    except (KeyError, IndexError):
        return None


def _start(size: int, frontier: Sequence[bytes]) -> Start:
    rows = AuditEntry.objects.filter(pk=size - 1).annotate(time=MomentText("at")).values_list("time", "body")
    time, body = rows.first() or ("", b"")
    try:
        log = str(parse_entry(bytes(body)).get("log"))
    except NotCanonical:
        log = ""
    return Start(size, tuple(frontier), time, log)


def _head_row() -> HeadRow | None:
    last = AuditEntry.objects.order_by("-seq").values("seq")[:1]
    head = AuditHead.objects.annotate(end=Coalesce(Subquery(last), -1) + 1, time=MomentText("last_at")).first()
    return HeadRow(head.size, bytes(head.frontier), head.time or "", head.end) if head else None


def _load_rows(start: int, end: int) -> Iterator[list[Row]]:
    """Give the rows from one number up to another, in batches."""
    rows = AuditEntry.objects.filter(seq__lt=end).order_by("seq")
    rows = rows.filter(seq__gte=start) if start else rows
    columns = ("time", "actor", "action", "object", "rollout", "verdict")
    found = rows.annotate(time=MomentText("at")).values_list("seq", "body", "nodes", *columns)
    source = found.iterator(chunk_size=BATCH)
    while batch := list(islice(source, BATCH)):
        yield batch
