"""Keep bytes under their digest, and look whether they are still what that digest names."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from readiness.core.canonical import digest_bytes
from readiness.models import Blob, Evidence, Rollout
from readiness.services.recording import mark_dirty

CHECK_EVERY = timedelta(hours=1)
BYTES_AT_ONCE = 20_000_000


def keep_blob(data: bytes, media_type: str = "application/json") -> str:
    """Keep the bytes and return `sha256:<hex>`; keeping the same bytes again changes nothing."""
    digest = digest_bytes(data)
    blob = Blob(digest=digest, data=data, size_bytes=len(data), media_type=media_type)
    Blob.objects.bulk_create([blob], ignore_conflicts=True)
    return digest


def restore_blob(data: bytes) -> None:
    """Put back the bytes that somebody brings again, where those that were kept have been altered."""
    altered = Blob.objects.filter(pk=digest_bytes(data)).exclude(altered_at=None)
    altered.update(data=data, size_bytes=len(data), altered_at=None)


def check_evidence(now: datetime, budget_bytes: int = BYTES_AT_ONCE) -> int:
    """Look at evidence that nobody looked at for an hour, longest ago first, within a budget; return how many pieces.

    A piece that is no longer what its digest names proves nothing from then on; one that was restored counts again.
    """
    looked = 0
    for digest in _due(now):
        if budget_bytes <= 0:
            break
        budget_bytes -= check_blob(digest, now)
        looked += 1
    return looked


def check_blob(digest: str, now: datetime) -> int:
    """Look at one kept blob, note what was found, and return its size; a change marks the rollouts it concerns."""
    blob = Blob.objects.filter(pk=digest).first()
    if blob is None:
        return 0
    data = bytes(blob.data)
    altered = digest_bytes(data) != digest
    Blob.objects.filter(pk=digest).update(checked_at=now, altered_at=(blob.altered_at or now) if altered else None)
    if altered != (blob.altered_at is not None):
        for rollout in Rollout.objects.filter(claims__evidence__digest=digest).distinct():
            mark_dirty(rollout, now)
    return len(data)


def _due(now: datetime) -> QuerySet[Blob, str]:
    standing = Evidence.objects.filter(claim__withdrawn_at=None).values("digest")
    due = Q(checked_at=None) | Q(checked_at__lte=now - CHECK_EVERY)
    found = Blob.objects.filter(due, pk__in=standing).order_by(F("checked_at").asc(nulls_first=True), "pk")
    return found.values_list("digest", flat=True)
