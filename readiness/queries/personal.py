"""Personal values of entries: what one entry says, and whether everything that is committed to opens or was erased."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.core.canonical import PlainDict
from readiness.core.entries import parse_entry
from readiness.core.personal import ERASED, Erasure, commit_to, commitments_in, erasure_in
from readiness.models import AuditEntry, PersonalValue
from readiness.queries.audit import Entry

AT_ONCE = 500
GONE, ALTERED = "erased", "altered"


@dataclass(frozen=True, slots=True)
class Opened:
    """A personal value; or why there is none: `erased` where it is gone, `altered` where another one is kept."""

    value: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class PersonalReport:
    """What looking at every commitment gave: how many open, how many were erased, and the first that does neither."""

    opened: int
    erased: int
    erasures: int
    problem: str = ""


def load_personal(entry: Entry) -> dict[str, Opened]:
    """Open the commitments of an entry, by their path."""
    known = {row.path: row for row in PersonalValue.objects.filter(seq=entry.seq)}
    return {path: _open(known.get(path), said) for path, said in commitments_in(entry.body).items()}


def _open(row: PersonalValue | None, said: str) -> Opened:
    if row is None:
        return Opened("", GONE)
    fits = commit_to(row.value, bytes(row.salt)) == said
    return Opened(row.value) if fits else Opened("", ALTERED)


def verify_personal() -> PersonalReport:
    """Open every commitment of the record. One that does not open must be covered by an entry that tells of it."""
    erasures = [found for body in _bodies(action=ERASED) if (found := erasure_in(body)) is not None]
    opened = erased = 0
    batch: list[PlainDict] = []
    for body in _bodies():
        batch.append(body)
        if len(batch) == AT_ONCE:
            opened, erased, problem = _count(batch, erasures, opened, erased)
            if problem:
                return PersonalReport(opened, erased, len(erasures), problem)
            batch = []
    opened, erased, problem = _count(batch, erasures, opened, erased)
    return PersonalReport(opened, erased, len(erasures), problem)


def _bodies(**wanted: str) -> Iterator[PlainDict]:
    rows = AuditEntry.objects.filter(**wanted).order_by("seq").values_list("body", flat=True)
    return (parse_entry(bytes(body)) for body in rows.iterator(chunk_size=AT_ONCE))


def _count(batch: list[PlainDict], erasures: list[Erasure], opened: int, erased: int) -> tuple[int, int, str]:
    seqs = [int(str(body["seq"])) for body in batch]
    known = {(row.seq, row.path): row for row in PersonalValue.objects.filter(seq__in=seqs)}
    for seq, body in zip(seqs, batch, strict=True):
        actor = body["actor"]
        who = str(actor["id"]) if isinstance(actor, dict) else ""
        for path, said in commitments_in(body).items():
            found = _open(known.get((seq, path)), said)
            if found.trouble == ALTERED:
                return opened, erased, f"The {path} that is kept for entry {seq:,} is not the one it commits to."
            if not found.trouble:
                opened += 1
            elif any(each.covers(seq, who) for each in erasures):
                erased += 1
            else:
                return opened, erased, f"The {path} of entry {seq:,} is missing, and no entry tells of its erasure."
    return opened, erased, ""
