"""Checkpoints read back: the newest, the one that covers an entry, the keys, and what they say of the record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from readiness.core.anchors import Anchor
from readiness.core.checkpoint import (
    BadNote,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify_note,
)
from readiness.core.checkpoint import Checkpoint as SignedText
from readiness.core.signatures import is_signed
from readiness.models import AuditEntry, AuditHead, Checkpoint, SignerKey, SignerState

AT_ONCE = "sign_off."
GROWTH_WAITS = timedelta(seconds=30)
LOOK_AGAIN_AFTER = timedelta(minutes=5)
ANCHOR_DIGITS = 16


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A kept checkpoint: what it says, who signed it, and why it does not hold (empty: its signature holds)."""

    size: int
    root: str
    note: bytes
    signed_at: datetime
    keys: tuple[VerifierKey, ...] = ()
    problem: str = ""


def load_newest_checkpoint() -> SignedHead | None:
    """Give the newest checkpoint of this epoch, verified; None while nothing is signed."""
    row = Checkpoint.objects.filter(origin=settings.LOG_ORIGIN).order_by("-size").first()
    return _signed_head(row) if row else None


def load_checkpoint_covering(seq: int) -> SignedHead | None:
    """Give the first checkpoint of this epoch that covers an entry, verified; None while none does."""
    row = Checkpoint.objects.filter(origin=settings.LOG_ORIGIN, size__gt=seq).order_by("size").first()
    return _signed_head(row) if row else None


def load_checkpoint_at(size: int) -> SignedHead | None:
    """Give the checkpoint of this epoch over so many entries, verified; None when there is none."""
    row = Checkpoint.objects.filter(origin=settings.LOG_ORIGIN, size=size).first()
    return _signed_head(row) if row else None


def _signed_head(row: Checkpoint) -> SignedHead:
    data = bytes(row.note)
    try:
        found = read_checkpoint(row)
        keys = verify_note(parse_note(data), load_verifier_keys(row.origin), is_signed)
    except BadNote as problem:
        return SignedHead(row.size, "", data, row.signed_at, problem=str(problem))
    return SignedHead(row.size, found.root.hex(), data, row.signed_at, keys)


def read_checkpoint(row: Checkpoint) -> SignedText:
    """Read the note of a row without verifying it. Raises BadNote, also when the row is about another one."""
    found = parse_checkpoint(parse_note(bytes(row.note)).text)
    if (found.origin, found.size) != (row.origin, row.size):
        raise BadNote(f"The row of checkpoint {row.size:,} holds that of {found.size:,} entries of {found.origin}.")
    return found


def load_verifier_keys(origin: str) -> tuple[VerifierKey, ...]:
    """Give every key that ever signed under this name, also retired ones. One that cannot be read is none."""
    found = []
    for text in SignerKey.objects.filter(origin=origin).order_by("pk").values_list("text", flat=True):
        try:
            found.append(parse_verifier_key(text))
        except BadNote:
            continue
    return tuple(found)


def load_anchors(beyond: int, upto: int) -> Iterator[Anchor]:
    """Yield what the checkpoints of this epoch say of sizes beyond one and up to another, in their order."""
    if upto <= beyond:
        return
    rows = Checkpoint.objects.filter(origin=settings.LOG_ORIGIN, size__gt=beyond, size__lte=upto).order_by("size")
    keys = load_verifier_keys(settings.LOG_ORIGIN)
    for row in rows.iterator(chunk_size=500):
        yield _signed_anchor(row, keys)


def _signed_anchor(row: Checkpoint, keys: tuple[VerifierKey, ...]) -> Anchor:
    """Read a checkpoint and verify its signatures, also when a later one covers the same entries."""
    try:
        found = read_checkpoint(row)
        verify_note(parse_note(bytes(row.note)), keys, is_signed)
    except BadNote as problem:
        return Anchor(row.size, b"", str(problem))
    return Anchor(row.size, found.root)


def _anchor(row: Checkpoint) -> Anchor:
    try:
        return Anchor(row.size, read_checkpoint(row).root)
    except BadNote:
        return Anchor(row.size, b"")


def newest_size() -> int:
    """Say how many entries the newest checkpoint of this epoch covers."""
    rows = Checkpoint.objects.filter(origin=settings.LOG_ORIGIN).order_by("-size")
    return rows.values_list("size", flat=True).first() or 0


def unsigned_entries() -> int:
    """Count the entries that no checkpoint covers."""
    signed = newest_size()
    return max(AuditHead.objects.values_list("size", flat=True).get(pk=1) - signed, 0)


def load_hourly_anchor(now: datetime) -> tuple[int, str] | None:
    """Give size and first hex digits of the root of one checkpoint an hour, for who scrapes us to remember.

    It is the newest of the hours before this one, else the first of all.
    """
    rows = Checkpoint.objects.filter(origin=settings.LOG_ORIGIN)
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = rows.filter(signed_at__lt=hour).order_by("-size").first() or rows.order_by("size").first()
    return (row.size, _anchor(row).root.hex()[:ANCHOR_DIGITS]) if row else None


def is_signing_due(state: SignerState, now: datetime) -> bool:
    """Say whether the signer has something to do: at once after a sign-off, else soon after growth, else a look."""
    if state.answered_at is None or now - state.answered_at >= LOOK_AGAIN_AFTER:
        return True
    fresh = AuditEntry.objects.filter(seq__gte=newest_size()).order_by("seq")
    oldest = fresh.values_list("at", flat=True).first()
    if oldest is None:
        return False
    return now - oldest >= GROWTH_WAITS or fresh.filter(action__startswith=AT_ONCE).exists()
