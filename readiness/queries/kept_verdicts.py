"""Verdicts as the record keeps them: each that changed, with the facts it was judged from and the moment it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from readiness.core.answers import JUDGED_FIELDS, Judged
from readiness.core.canonical import Plain, PlainDict, parse_canonical
from readiness.core.codec import from_plain
from readiness.core.types import Question
from readiness.models import AuditEntry
from readiness.queries.audit import BodyText, Entry, EntryFilter, entry_of, load_entries
from readiness.queries.blobs import load_blob

CHANGED = "verdict.changed"


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """One change of one answer: the number of its entry, what that keeps of it, and its reasons by their names.

    The names are empty where the list was so long that it is kept apart.
    """

    seq: int
    judged: Judged
    reasons: tuple[str, ...] = ()


class FactsNotKept(LookupError):
    """The facts of a verdict are not among what is kept."""


def load_kept_verdicts(rollout_key: str, question: Question, upto: int | None = None) -> Iterator[KeptVerdict]:
    """Yield each change of the answer to a question, newest first, through entry `upto`."""
    before = None if upto is None else upto + 1
    while entries := load_entries(EntryFilter(rollout=rollout_key, action=CHANGED), before_seq=before, limit=50):
        yield from (kept for entry in entries if (kept := _kept(entry, question)) is not None)
        before = entries[-1].seq


def load_verdict_at(rollout_key: str, question: Question, upto: int) -> KeptVerdict | None:
    """Give the newest change of the answer to a question through entry `upto`, with one query."""
    rows = AuditEntry.objects.filter(rollout=rollout_key, action=CHANGED, seq__lte=upto).order_by("-seq")
    asked = rows.annotate(text=BodyText("body")).filter(text__contains=f'"question":"{question.value}"')
    found = (kept for row in asked.iterator(chunk_size=10) if (kept := _kept(entry_of(row), question)) is not None)
    return next(found, None)


def load_policies() -> frozenset[str]:
    """Give the digest of every policy that a verdict in the record was made by."""
    rows = AuditEntry.objects.filter(action=CHANGED).order_by("seq")
    entries = (entry_of(row) for row in rows.iterator(chunk_size=500))
    kept = (_kept(entry, question) for entry in entries for question in Question)
    return frozenset(each.judged.policy for each in kept if each is not None)


def entry_at(moment: datetime) -> int | None:
    """Number the newest entry that was made at or before a moment; None when there is none."""
    return AuditEntry.objects.filter(at__lte=moment).order_by("-seq").values_list("seq", flat=True).first()


def load_kept_facts(kept: KeptVerdict) -> PlainDict:
    """Read the kept facts of a verdict as plain values. Raises FactsNotKept, or BlobAltered when they do not fit."""
    data = load_blob(kept.judged.facts)
    if data is None:
        raise FactsNotKept(f"The facts of entry {kept.seq} ({kept.judged.facts}) are not kept here.")
    return cast(PlainDict, parse_canonical(data))


def _kept(entry: Entry, question: Question) -> KeptVerdict | None:
    """Read one question's part of an entry; None where only the other answer changed."""
    change = cast("Mapping[str, Mapping[str, list[Plain]]]", entry.body.get("change") or {})
    fields = change.get("fields", {})
    for name in JUDGED_FIELDS:
        if name not in fields or not fields[name][1]:
            continue
        said = from_plain(Judged, fields[name][1])
        if said.question is question:
            return KeptVerdict(entry.seq, said, _reasons(fields.get(name.replace("judged", "reasons"))))
    return None


def _reasons(pair: "list[Plain] | None") -> tuple[str, ...]:
    named = pair[1] if pair else []
    return tuple(str(each) for each in named) if isinstance(named, list) else ()
