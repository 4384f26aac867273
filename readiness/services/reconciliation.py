"""Compare the tables with the record: each governed row with what the last entry about it says.

What differs counts once it was found twice, five seconds apart, so that a row that is being written is not mistaken
for one that was tampered with. Nothing here is repaired: a difference stands until the row is as recorded again, or two
people accept it. An act on such a row does not make it good: what it began with is something that nobody recorded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F, Model

from readiness.core.codec import PlainDict, to_plain
from readiness.core.replay import DoesNotFold, RowKey, row_changes
from readiness.models import AuditHead, RecordCheck, Rollout, RowDigest
from readiness.queries.blobs import BlobAltered
from readiness.queries.replays import (
    KeptDifference,
    difference_words,
    governed_types,
    kept_differences,
    load_bodies,
    load_differences,
    load_digests_that_differ,
    load_folded,
)

EVERY = timedelta(seconds=60)
AGAIN_AFTER = timedelta(seconds=5)
COMPARING = 0x7AB1E5
"""The number of PostgreSQL's lock that lets one worker compare at a time."""
UNSOUND = "unsound"
"""Stands for the digest of a row that an entry changed while it was not as recorded: no row has it."""
OWNERS = ("rollout", "run__rollout", "sign_off__rollout")


def reconcile_tables(now: datetime) -> RecordCheck:
    """Compare when it is due: each minute, and five seconds after something differed for the first time."""
    check, _ = RecordCheck.objects.get_or_create(pk=1)
    waits = any(not each.confirmed for each in kept_differences(check))
    due = AGAIN_AFTER if waits else EVERY
    if check.tables_at is not None and timedelta(0) <= now - check.tables_at < due:
        return check
    with transaction.atomic():
        if not _take_snapshot():
            return check
        check.tables_size = _advance(_folded_size())
        found = load_digests_that_differ()
    kept = _judged(kept_differences(check), found, now)
    changed = [to_plain(each) for each in kept if each.confirmed] != [
        to_plain(each) for each in kept_differences(check) if each.confirmed
    ]
    check.differences, check.tables_at = [to_plain(each) for each in kept], now
    check.save(update_fields=["differences", "tables_at", "tables_size"])
    if changed:
        Rollout.objects.update(dirty_at=now, dirty_changes=F("dirty_changes") + 1)
    return check


def fold_again() -> None:
    """Let the next comparison take the digests from all entries anew."""
    RecordCheck.objects.update(tables_size=0)


def _take_snapshot() -> bool:
    """See one moment of the database for the rest of the transaction; False while somebody else compares."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [COMPARING])
        (taken,) = cursor.fetchone()
    return bool(taken)


def _folded_size() -> int:
    """Say through which size the digests go. From the start, they are forgotten here, where nobody sees them gone."""
    size: int = RecordCheck.objects.values_list("tables_size", flat=True).get(pk=1)
    if size == 0:
        RowDigest.objects.all().delete()
    return size


def _advance(start: int) -> int:
    """Take the digests of what was recorded since; return through which size.

    A row that was not as recorded when an entry changed it has no digest that counts, whatever it is now.
    """
    size: int = AuditHead.objects.values_list("size", flat=True).get(pk=1)
    known = {(row.type, row.row): row.digest for row in RowDigest.objects.all()}
    newest, doubted = {}, set()
    for body in load_bodies(start, size - 1):
        for row, before in _told(body):
            key = row.type, row.row
            if known.get(key, "") != before:
                doubted.add(key)
            newest[key], known[key] = row, row.digest
    for key in _unsound(doubted):
        newest[key].digest = UNSOUND
    _keep_digests(newest.values())
    return size


def _told(body: PlainDict) -> Iterator[tuple[RowDigest, str]]:
    """Give each governed row that an entry changed, and the digest that it had before."""
    thing, types, seq = body["object"], governed_types(), int(str(body["seq"]))
    rollout = str(thing["rollout"]) if isinstance(thing, dict) else ""
    for (kind, row), side in row_changes(body):
        if kind in types:
            digest = str(side["after"] or "")
            yield RowDigest(type=kind, row=row, digest=digest, seq=seq, rollout=rollout), str(side["before"] or "")


def _unsound(doubted: set[RowKey]) -> set[RowKey]:
    """Leave out rows that only had columns which came after they were recorded, and those that were accepted since."""
    try:
        return doubted & load_folded().unsound.keys() if doubted else set()
    except (DoesNotFold, BlobAltered):
        return doubted


def _keep_digests(rows: Iterable[RowDigest]) -> None:
    RowDigest.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["type", "row"],
        update_fields=["digest", "seq", "rollout"],
        batch_size=200,
    )
    RowDigest.objects.filter(digest="").delete()


def _judged(before: tuple[KeptDifference, ...], found: dict[RowKey, str], now: datetime) -> list[KeptDifference]:
    known = {(each.type, each.row): each for each in before}
    kept = [_again(known.get(key), key, digest, now) for key, digest in sorted(found.items())]
    fresh = [each for each in kept if each.confirmed and not each.found]
    words = _words() if fresh else {}
    return [
        replace(each, found=words.get((each.type, each.row), "it differs")) if each in fresh else each for each in kept
    ]


def _again(old: KeptDifference | None, key: RowKey, digest: str, now: datetime) -> KeptDifference:
    """Count a difference once it was found twice; what counts goes on counting when the row becomes another yet."""
    if old is None or (old.digest != digest and not old.confirmed):
        return KeptDifference(key[0], key[1], digest, _rollout_of(key), now)
    if old.digest != digest:
        return replace(old, digest=digest, found="")
    return replace(old, confirmed=old.confirmed or now - old.since_at >= AGAIN_AFTER)


def _words() -> dict[RowKey, str]:
    """Say what differs in each row; a record that does not fold says so of every one."""
    try:
        return {each.key: difference_words(each) for each in load_differences()}
    except (DoesNotFold, BlobAltered) as problem:
        return {key: str(problem) for key in load_digests_that_differ()}


def _rollout_of(key: RowKey) -> str:
    """Find the rollout of a row: from the entry that told of it, else from the row itself."""
    recorded = RowDigest.objects.filter(type=key[0], row=key[1]).values_list("rollout", flat=True).first()
    if recorded is not None:
        return recorded
    model: type[Model] = apps.get_model("readiness", key[0])
    names = {field.name for field in model._meta.concrete_fields}
    owner = next((path for path in OWNERS if path.partition("__")[0] in names), None)
    rows = model._default_manager.filter(pk=key[1])
    return rows.values_list(f"{owner}__key", flat=True).first() or "" if owner else ""
