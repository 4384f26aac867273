"""The only writer of the log. Call `append` inside the transaction of the change, as its last act."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from secrets import token_bytes

from django.conf import settings
from django.db import connection

from readiness.core.audit import Act, Change, Place, also_changed, changed_fields, entry_bytes
from readiness.core.entries import columns_of, parse_entry
from readiness.core.merkle import completed_nodes, leaf_hash, split_hashes
from readiness.core.personal import Personal, conceal_act
from readiness.core.search import phase_of
from readiness.models import AuditEntry, AuditHead, PersonalValue
from readiness.queries.clock import load_database_time
from readiness.services.audit_search import index_entry
from readiness.services.blobs import keep_blob


class AppendOutsideTransaction(RuntimeError):
    """An entry was to be appended without a transaction that could take the change back with it."""


class HeadMoved(RuntimeError):
    """The head of the log was moved by somebody who does not hold its lock."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the log while its lock is held: the next number, the frontier, and the database's time."""

    size: int
    frontier: bytes
    at: datetime


def append(change: Change, act: Act) -> int:
    """Append one entry and return its sequence number. When this raises, the change must roll back.

    Takes the head lock, which is held until the transaction ends: nothing slow may follow. The time is the database's
    under that lock; should its clock step backwards, the entry says so as it is.
    """
    if not connection.in_atomic_block:
        raise AppendOutsideTransaction(f"Open transaction.atomic() around {change.action} and its entry")
    fields, also = changed_fields(change, keep_blob), also_changed(change, keep_blob)
    head = lock_head()
    place = Place(settings.LOG_ORIGIN, head.size, head.at)
    concealed, personal = conceal_act(act, token_bytes)
    body = entry_bytes(place, change, concealed, fields, also)
    _insert(head, place, body)
    _keep_personal(place.seq, personal)
    index_entry(parse_entry(body), phase_of([change.after, change.before]))
    return place.seq


def lock_head() -> Head:
    """Take the head of the log until the transaction ends; on PostgreSQL by a function that runs as its owner."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT next_seq, frontier, at FROM audit_lock()")
            size, frontier, at = cursor.fetchone()
        return Head(size, bytes(frontier), at.astimezone(UTC))
    row = AuditHead.objects.select_for_update().get(pk=1)
    return Head(row.size, bytes(row.frontier), load_database_time())


def _keep_personal(seq: int, personal: tuple[Personal, ...]) -> None:
    rows = [PersonalValue(seq=seq, path=each.path, salt=each.salt, value=each.value) for each in personal]
    if rows:
        PersonalValue.objects.bulk_create(rows)


def _insert(head: Head, place: Place, body: bytes) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_append(%s)", [body])
        return
    nodes, frontier = completed_nodes(head.size, leaf_hash(body), split_hashes(head.frontier))
    columns = asdict(columns_of(parse_entry(body))) | {"at": place.at}
    AuditEntry.objects.create(seq=place.seq, body=body, nodes=b"".join(nodes), **columns)
    step = AuditHead.objects.filter(pk=1, size=place.seq)
    if not step.update(size=place.seq + 1, frontier=b"".join(frontier), last_at=place.at):
        raise HeadMoved(f"The head left {place.seq} while its lock was held")
