"""Verify the record: what was added since the last look each minute, all of it each day; and say who is alive."""

from datetime import datetime, timedelta

from django.db.models import F

from readiness.models import Heartbeat, RecordCheck, Rollout
from readiness.queries.audit import verify_record, verify_since
from readiness.services.reconciliation import fold_again, reconcile_tables

INCREMENT_EVERY = timedelta(seconds=60)
FULL_EVERY = timedelta(hours=24)


def check_record(now: datetime) -> RecordCheck:
    """Verify what is due and keep what was found. A contradiction stays until a full verification finds none."""
    check, _ = RecordCheck.objects.get_or_create(pk=1)
    full = check.full_at is None or now - check.full_at >= FULL_EVERY or bool(check.problem)
    if not full and check.verified_at is not None and now - check.verified_at < INCREMENT_EVERY:
        return check
    if full:
        fold_again()
    report = verify_record() if full else verify_since(check.size, check.frontier)
    found = report.contradiction
    changed = (found.sentence if found else "") != check.problem
    check.problem = f"{found.word.value}: {found.sentence}" if found else ""
    if found is None:
        check.size, check.frontier, check.verified_at = report.size, report.frontier_hex, now
        check.full_at = now if full else check.full_at
    check.save()
    if changed:
        Rollout.objects.update(dirty_at=now, dirty_changes=F("dirty_changes") + 1)
    return check


def watch_record(now: datetime) -> None:
    """Verify the record and compare the tables with it, each when it is due."""
    check_record(now)
    reconcile_tables(now)


def beat(name: str, now: datetime) -> None:
    """Note that a part of the stack works."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})
