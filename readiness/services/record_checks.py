"""Verify the record: what was added since the last look each minute, all of it each day; and say who is alive."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from readiness.core.audit import Act, Change, ObjectRef
from readiness.models import AuditEntry, AuditHead, Heartbeat, RecordCheck, Rollout
from readiness.queries.verification import verify_record, verify_since
from readiness.services.audit import append, lock_head
from readiness.services.reconciliation import fold_again, reconcile_tables

INCREMENT_EVERY = timedelta(seconds=60)
FULL_EVERY = timedelta(hours=24)
AT_ONCE = 20_000
"""So many entries are recomputed in about half a second; a record up to that size is verified whole at each look."""
HEARTBEAT = "log.heartbeat"
HEARTBEAT_EVERY = timedelta(hours=24)
TICK, TICK_AFTER, TICK_AHEAD = "tick", timedelta(milliseconds=800), timedelta(seconds=2)


def check_record(now: datetime) -> RecordCheck:
    """Verify what is due and keep what was found. A contradiction stays until a full verification finds none."""
    check, _ = RecordCheck.objects.get_or_create(pk=1)
    waits = check.verified_at is not None and timedelta(0) <= now - check.verified_at < INCREMENT_EVERY
    if waits and not check.problem:
        return check
    full = check.full_at is None or now - check.full_at >= FULL_EVERY or bool(check.problem) or _is_small()
    if full:
        fold_again()
    report = verify_record() if full else verify_since(check.size, check.frontier)
    found = report.contradiction
    changed = (found.sentence if found else "") != check.problem
    check.problem = f"{found.word.value}: {found.sentence}" if found else ""
    if found is None:
        check.size, check.frontier, check.verified_at = report.size, report.frontier_hex, now
        check.full_at = now if full else check.full_at
    check.save(update_fields=["problem", "size", "frontier", "verified_at", "full_at"])
    if changed:
        Rollout.objects.update(dirty_at=now, dirty_changes=F("dirty_changes") + 1)
    return check


def _is_small() -> bool:
    return (AuditHead.objects.values_list("size", flat=True).first() or 0) <= AT_ONCE


def tell_board(now: datetime) -> None:
    """Verify all of the record now, whenever it is due, so that the board knows what a person has just found."""
    RecordCheck.objects.update(verified_at=None, full_at=None)
    check_record(now)


def watch_record(now: datetime, act: Act) -> None:
    """Verify the record, compare the tables with it, and let it go on, each when it is due."""
    check_record(now)
    reconcile_tables(now)
    note_day(now, act)


def note_day(now: datetime, act: Act) -> None:
    """Append one entry a day, so that silence is no sign of a record that was cut off."""
    if not _is_day_over(now):
        return
    with transaction.atomic():
        lock_head()
        if _is_day_over(now):
            append(Change(HEARTBEAT, ObjectRef("log", settings.LOG_ORIGIN, settings.LOG_ORIGIN)), act)


def _is_day_over(now: datetime) -> bool:
    beats = AuditEntry.objects.filter(action=HEARTBEAT).order_by("-seq")
    last_at = beats.values_list("at", flat=True).first()
    return last_at is None or now - last_at >= HEARTBEAT_EVERY


def take_tick(now: datetime) -> bool:
    """Take the tick of this second; say whether nobody else had. However many beats send ticks, one a second counts.

    A tick that lies ahead was taken by a clock that has been set back since.
    """
    due = Q(beat_at__lte=now - TICK_AFTER) | Q(beat_at__gt=now + TICK_AHEAD)
    if Heartbeat.objects.filter(due, name=TICK).update(beat_at=now):
        return True
    return Heartbeat.objects.get_or_create(name=TICK, defaults={"beat_at": now})[1]


def beat(name: str, now: datetime) -> None:
    """Note that a part of the stack works."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})
