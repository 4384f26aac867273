"""The record as the files of a bundle, one after another, in constant memory whatever its size.

The entries are read several times, once for each kind of file. What is appended meanwhile lies beyond the size that was
read first, and nothing before it changes, so no lock is needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db.models import QuerySet

from readiness.core.bundle import (
    CHECKPOINT,
    CHECKPOINTS,
    ENTRIES,
    EVIDENCE,
    KEYS,
    STATEMENTS,
    digest_name,
    proof_name,
)
from readiness.core.bundle_kept import ALTERED, NOT_KEPT, named_digests
from readiness.core.entries import parse_entry
from readiness.core.epochs import split_origin
from readiness.core.merkle import HASH_BYTES, root_of, row_of
from readiness.core.proofs import LogProof, write_log_proof
from readiness.core.receipts import SIGNED
from readiness.core.strict import NotCanonical
from readiness.core.tiles import LEVEL_BITS, WIDTH, Tile, entry_tiles, hash_tiles, pack_entries
from readiness.models import AuditEntry, Blob, Checkpoint, SignerKey
from readiness.queries.audit import load_frontier, load_inclusion_proof, load_record_head
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.queries.checkpoints import load_newest_checkpoint

AT_ONCE = 256
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BundleHead:
    """How far a bundle goes: through the newest checkpoint, or without a key through the last entry.

    `newer` entries came after the checkpoint; nothing vouches for them, so they are not exported.
    """

    log: str
    size: int
    root: str
    note: bytes = b""
    newer: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle, piece by piece."""

    name: str
    pieces: Iterable[bytes]


def load_bundle_head() -> BundleHead:
    """Give how far a bundle would go now."""
    signed, head = load_newest_checkpoint(), load_record_head()
    if signed is None:
        return BundleHead(settings.LOG_ORIGIN, head.size, head.root)
    root = signed.root or root_of(load_frontier(signed.size)).hex()
    return BundleHead(settings.LOG_ORIGIN, signed.size, root, signed.note, max(head.size - signed.size, 0))


def bundle_members(head: BundleHead, rows: QuerySet[AuditEntry], whole: bool) -> Iterator[Member]:
    """Give every file that is read from the database: the chosen entries, the tree over all, and what they rest on."""
    yield from _heads(head)
    yield Member(ENTRIES, (body + b"\n" for body in _bodies(rows)))
    yield from _hash_tiles(head.size)
    if whole:
        yield from _entry_tiles(head.size)
    proven = rows.filter(action__startswith="sign_off.") if whole else rows
    yield from _proofs(proven, head)
    yield from _kept(rows, whole)


def _heads(head: BundleHead) -> Iterator[Member]:
    stem = split_origin(head.log)[0]
    yield Member(KEYS, (_key_line(key) for key in SignerKey.objects.filter(origin__startswith=stem).order_by("pk")))
    if head.note:
        yield Member(CHECKPOINT, [head.note])
    for row in Checkpoint.objects.filter(origin__startswith=stem).order_by("origin", "size").iterator(AT_ONCE):
        past = "" if row.origin == head.log else f"epoch-{split_origin(row.origin)[1]}/"
        if row.origin != head.log or row.size <= head.size:
            yield Member(f"{CHECKPOINTS}{past}{row.size}", [bytes(row.note)])


def _key_line(key: SignerKey) -> bytes:
    until = f" until {key.retired_at:%Y-%m-%d %H:%M} UTC" if key.retired_at is not None else ""
    return f"# signs from {key.added_at:%Y-%m-%d %H:%M} UTC{until}; SHA-256 {key.fingerprint}\n{key.text}\n".encode()


def _bodies(rows: QuerySet[AuditEntry]) -> Iterator[bytes]:
    return map(bytes, rows.values_list("body", flat=True).iterator(chunk_size=AT_ONCE))


def _hash_tiles(size: int) -> Iterator[Member]:
    for tile in hash_tiles(size):
        yield Member(tile.path, [b"".join(_tile_hashes(tile))])


def _tile_hashes(tile: Tile) -> Iterator[bytes]:
    """Read the nodes of a tile, each from the row that completed it."""
    level = LEVEL_BITS * (tile.level or 0)
    start = tile.index * WIDTH
    rows = AuditEntry.objects.order_by("seq")
    if level:
        rows = rows.filter(seq__in=[row_of(level, start + place) for place in range(tile.width)])
    else:
        rows = rows.filter(seq__gte=start, seq__lt=start + tile.width)
    for nodes in rows.values_list("nodes", flat=True):
        yield bytes(nodes)[level * HASH_BYTES : (level + 1) * HASH_BYTES]


def _entry_tiles(size: int) -> Iterator[Member]:
    for tile in entry_tiles(size):
        start = tile.index * WIDTH
        rows = AuditEntry.objects.filter(seq__gte=start, seq__lt=start + tile.width).order_by("seq")
        yield Member(tile.path, [pack_entries(bytes(body) for body in rows.values_list("body", flat=True))])


def _proofs(rows: QuerySet[AuditEntry], head: BundleHead) -> Iterator[Member]:
    """Prove each entry; one whose rows are damaged has no proof, and whoever checks the bundle will say so."""
    for seq in rows.values_list("seq", flat=True).iterator(chunk_size=AT_ONCE):
        try:
            hashes = tuple(load_inclusion_proof(seq, head.size))
        except (KeyError, IndexError):
            continue
        yield Member(proof_name(seq), [write_log_proof(LogProof(seq, hashes, head.note.decode())).encode()])


def _kept(rows: QuerySet[AuditEntry], whole: bool) -> Iterator[Member]:
    """Give what entries refer to by digest: the statements that were signed, then everything else."""
    statements: set[bytes] = set()
    named: set[bytes] = set()
    for body in _bodies(rows.filter(action=SIGNED)):
        statements.add(_statement_of(body))
    for digest in sorted(statements):
        for member in _blobs(STATEMENTS, [digest]):
            named |= set() if whole else set(_DIGEST.findall(b"".join(member.pieces)))
            yield member
    if whole:
        kept: Iterable[str] = Blob.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)
        others: Iterable[bytes] = (digest.encode() for digest in kept)
    else:
        for body in _bodies(rows):
            named |= set(_DIGEST.findall(body))
        others = sorted(named)
    yield from _blobs(EVIDENCE, (digest for digest in others if digest not in statements))


def load_absent(rows: QuerySet[AuditEntry]) -> dict[str, str]:
    """Say why bytes that these entries name are not in a bundle: never kept, or altered where they were kept."""
    found: dict[str, str] = {}
    bodies = _bodies(rows)
    while batch := list(islice(bodies, AT_ONCE)):
        named = set().union(*map(named_digests, batch)) - found.keys()
        known = set(Blob.objects.filter(pk__in=named).values_list("pk", flat=True))
        found |= dict.fromkeys(named - known, NOT_KEPT)
        found |= {digest: ALTERED for digest in known if _is_altered(digest)}
    return dict(sorted(found.items()))


def _is_altered(digest: str) -> bool:
    try:
        load_blob(digest)
    except BlobAltered:
        return True
    return False


def _statement_of(body: bytes) -> bytes:
    try:
        signature = parse_entry(body).get("signature")
    except NotCanonical:
        return b""
    return str(signature.get("statement")).encode() if isinstance(signature, Mapping) else b""


def _blobs(folder: str, digests: Iterable[bytes]) -> Iterator[Member]:
    """Give kept bytes; what was altered is left out, and whoever checks the bundle will say so."""
    for digest in digests:
        try:
            data = load_blob(digest.decode())
        except BlobAltered:
            continue
        if data is not None:
            yield Member(digest_name(folder, digest.decode()), [data])
