"""Read the log: pages of entries, one entry, the head, a proof."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, QuerySet, TextField
from django.db.models.sql.compiler import SQLCompiler

from readiness.core.canonical import NotCanonical, PlainDict
from readiness.core.entries import parse_entry
from readiness.core.merkle import (
    HASH_BYTES,
    Lookup,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    root_of,
    row_of,
    split_hashes,
)
from readiness.core.search import mark_of, words_in
from readiness.models import AuditEntry, AuditHead
from readiness.queries.audit_search import load_found_seqs, load_known_words

T = TypeVar("T")
MOST_WORDS = 12
_COLUMNS = ("at", "actor", "action", "object", "rollout", "verdict")


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What to show; an empty field narrows nothing. `action` and `object` are beginnings ("claim.", "phase:").

    `text` finds entries that have each of its words, or, where no entry has a word, one that begins with it. With
    `by_index` the index of words also finds kinds and people, however rare they are; without it nothing but the entries
    themselves is asked.
    """

    rollout: str = ""
    action: str = ""
    actor: str = ""
    object: str = ""
    text: str = ""
    with_verdict: bool = False
    phase: str = ""
    by_index: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `data` is its exact bytes, `leaf` their hash in the tree as hex, `body` what they say.

    The body is empty when the bytes cannot be read, which verification reports as altered.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    rollout: str
    verdict: str
    data: bytes
    body: PlainDict
    leaf: str


@dataclass(frozen=True, slots=True)
class RecordHead:
    """How far the log goes, the root of its tree as hex, and when its last entry was made."""

    size: int
    root: str
    last_at: datetime | None


class BodyText(Func):
    """The bytes of an entry as text, to search ASCII words inside the database, even in bytes that were altered."""

    output_field = TextField()
    template = "CAST(%(expressions)s AS TEXT)"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[object]]:
        """Write bytes beyond ASCII as escapes: a cast would show hex, and decoding stops at what is not UTF-8."""
        return self.as_sql(compiler, connection, template="encode(%(expressions)s, 'escape')")


class HasVerdict(Func):
    """Whether an entry has a verdict, in the letters of the index over those that do: SQLite takes it for no others."""

    output_field = BooleanField()
    template = "verdict > ''"


def load_entries(wanted: EntryFilter = EntryFilter(), before_seq: int | None = None, limit: int = 50) -> list[Entry]:
    """Return at most `limit` entries, newest first, all before `before_seq` (the last number of the page in front)."""
    if wanted.text or wanted.phase or (wanted.by_index and _marks(wanted)):
        return _found(wanted, before_seq, limit)
    rows = _narrowed(wanted)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    return [entry_of(row) for row in rows[:limit]]


def _found(wanted: EntryFilter, before_seq: int | None, limit: int) -> list[Entry]:
    """Find by words: one query for each word, one to the index, one for the entries, unless columns narrow further."""
    words, marks = load_known_words(words_in(wanted.text)[:MOST_WORDS]), _marks(wanted)
    found: list[Entry] = []
    while (not wanted.text or words) and len(found) < limit:
        seqs = load_found_seqs(words, marks, before_seq, limit)
        entries = [entry_of(row) for row in _narrowed(wanted).filter(seq__in=seqs)]
        found += [entry for entry in entries if entry.body]
        if len(seqs) < limit:
            break
        before_seq = seqs[-1]
    return found[:limit]


def _marks(wanted: EntryFilter) -> list[str]:
    exact = {"r": wanted.rollout, "p": wanted.phase, "a": wanted.actor}
    marks = [mark_of(kind, value) for kind, value in exact.items() if value]
    if wanted.action:
        marks.append(
            mark_of("k", wanted.action[:-1]) if wanted.action.endswith(".") else f"{mark_of('k', wanted.action)}*"
        )
    return [*marks, f"{mark_of('o', wanted.object)}*"] if wanted.object else marks


def _narrowed(wanted: EntryFilter) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.order_by("-seq")
    exact = {name: getattr(wanted, name) for name in ("rollout", "actor") if getattr(wanted, name)}
    begins = {f"{name}__startswith": getattr(wanted, name) for name in ("action", "object") if getattr(wanted, name)}
    rows = rows.filter(**exact, **begins)
    return rows.filter(HasVerdict()) if wanted.with_verdict else rows


def entry_of(row: AuditEntry) -> Entry:
    """Read a row of the log."""
    data = bytes(row.body)
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return Entry(seq=row.seq, **columns, data=data, body=_readable(data), leaf=leaf_hash(data).hex())


def _readable(data: bytes) -> PlainDict:
    try:
        return parse_entry(data)
    except NotCanonical:
        return {}


def load_entries_of(rollout_key: str, actions: Sequence[str]) -> list[Entry]:
    """Return every entry of a rollout with one of these actions, oldest first."""
    return [entry_of(row) for row in AuditEntry.objects.filter(rollout=rollout_key, action__in=actions).order_by("seq")]


def load_entry(seq: int) -> Entry | None:
    """Return one entry, or None when the log does not go that far."""
    row = AuditEntry.objects.filter(pk=seq).first()
    return entry_of(row) if row else None


def load_record_head() -> RecordHead:
    """Return the size and root of the log, as its head says."""
    head = AuditHead.objects.get(pk=1)
    return RecordHead(head.size, root_of(split_hashes(bytes(head.frontier))).hex(), head.last_at)


def load_inclusion_proof(seq: int, size: int) -> list[bytes]:
    """Return the proof that entry `seq` is in the tree of the first `size` entries, with one query at any size."""
    return with_nodes(lambda node: inclusion_proof(seq, size, node))


def load_consistency_proof(old: int, new: int) -> list[bytes]:
    """Return the proof that the first `old` entries begin the first `new` entries, with one query at any size."""
    return with_nodes(lambda node: consistency_proof(old, new, node))


def load_frontier(size: int) -> list[bytes]:
    """Return the frontier of the tree as it was at a size that it has reached, with one query."""
    return with_nodes(lambda node: frontier_at(size, node))


def with_nodes(build: Callable[[Lookup], T]) -> T:
    """Run a builder of proofs or roots twice: to learn which nodes it asks for, then with those nodes."""
    wanted: set[int] = set()

    def note(level: int, index: int) -> bytes:
        wanted.add(row_of(level, index))
        return bytes(HASH_BYTES)

    build(note)
    rows = AuditEntry.objects.filter(seq__in=wanted)
    nodes = dict(rows.values_list("seq", "nodes"))
    return build(lambda level, index: split_hashes(bytes(nodes[row_of(level, index)]))[level])
