"""The record as pages: whether it is whole, its entries by day as sentences, one entry with its proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import cast
from urllib.parse import urlencode

from django.urls import reverse

from readiness.core.personal import ADDRESS, AGENT
from readiness.core.quantities import format_duration
from readiness.queries.acceptances import load_difference_lines
from readiness.queries.audit import Entry, EntryFilter, RecordHead, load_entries, load_entry, load_record_head
from readiness.queries.differences import entry_changes
from readiness.queries.pages.audit import AuditDay, AuditEntry, AuditFilters, AuditPage, AuditRow
from readiness.queries.pages.parts import Choice, Fact, RolloutHead
from readiness.queries.personal import Opened, load_personal
from readiness.queries.proofs import prove_entry
from readiness.queries.record_states import state_of_record
from readiness.queries.trail import Titles, entry_actor, entry_label, entry_reason, tell_entry

PAGE_SIZE = 50
MACHINE = "readiness"
KINDS = {
    "": "Every kind",
    "sign_off.": "Sign-offs",
    "claim.": "Claims",
    "verdict.": "Verdicts",
    "outcome.": "Outcomes",
    "phase.": "Phases",
    "override.": "Overrides",
    "trigger.": "Abort triggers",
    "gap.": "Gaps",
    "drill.": "Drills",
    "review.": "Reviews",
    "waiver.": "Waivers",
    "hold.": "Holds",
    "plan.": "Plans",
    "role.": "Roles",
    "difference.": "Differences",
}


@dataclass(frozen=True, slots=True)
class Trail:
    """Which record is read: of one rollout or of everything, who is in it, and where its pages are.

    `titles` name roles by key and conditions by path, for each rollout; `entry_url` has `{seq}` for the number.
    """

    rollout: str
    url: str
    entry_url: str
    titles: Mapping[str, Titles]
    people: Mapping[str, str]
    phases: Mapping[str, str] = field(default_factory=dict)
    head: RolloutHead | None = None

    def titles_of(self, entry: Entry) -> Titles:
        """Give the names that an entry may use."""
        return self.titles.get(entry.rollout, {})


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for: the filters, before which entry, and which entry is open."""

    q: str = ""
    kind: str = ""
    person: str = ""
    phase: str = ""
    changed_verdict: bool = False
    before: int | None = None
    entry: int | None = None

    def narrowing(self) -> dict[str, str]:
        """Give the filters as they stand in an address."""
        given = {"q": self.q, "kind": self.kind, "person": self.person, "phase": self.phase}
        given["verdict"] = "1" if self.changed_verdict else ""
        return {name: value for name, value in given.items() if value}


def make_audit(trail: Trail, query: Query, now: datetime) -> AuditPage:
    """Read one page of the record: newest first, before the number in the address."""
    head, opened = load_record_head(), _opened(trail, query)
    entries = _entries(trail, query)
    if opened is not None and query.before is None and all(entry.seq != opened.seq for entry in entries):
        entries = _entries(trail, query, opened.seq + 1)
    shown = entries[:PAGE_SIZE]
    older = _page_url(trail, query, shown[-1].seq) if len(entries) > PAGE_SIZE else ""
    is_first = query.before is None and (not shown or shown[0].seq != query.entry)
    return AuditPage(
        record=state_of_record(head, now),
        filters=_filters(trail, query),
        days=tuple(_days(trail, query, shown)),
        shown=len(shown),
        total=head.size,
        head=trail.head,
        entry=_shown_entry(trail, opened, head) if opened else None,
        older_url=older,
        newest_url="" if is_first else _page_url(trail, query, None),
        differences=load_difference_lines(trail.rollout),
    )


class NoSuchEntry(LookupError):
    """The record (of this rollout) has no such entry."""


def _opened(trail: Trail, query: Query) -> Entry | None:
    if query.entry is None:
        return None
    entry = load_entry(query.entry)
    if entry is None or (trail.rollout and entry.rollout != trail.rollout):
        raise NoSuchEntry(f"There is no entry {query.entry} here.")
    return entry


def _entries(trail: Trail, query: Query, before: int | None = None) -> list[Entry]:
    wanted = EntryFilter(
        rollout=trail.rollout,
        action=query.kind,
        actor=query.person,
        text=query.q,
        phase=query.phase,
        with_verdict=query.changed_verdict,
    )
    return load_entries(wanted, before_seq=before if before is not None else query.before, limit=PAGE_SIZE + 1)


def _page_url(trail: Trail, query: Query, before: int | None) -> str:
    parts = query.narrowing() | ({"before": str(before)} if before is not None else {})
    return f"{trail.url}?{urlencode(parts)}" if parts else trail.url


def _filters(trail: Trail, query: Query) -> AuditFilters:
    people = {"": "Everyone", **trail.people, MACHINE: "Readiness"}
    return AuditFilters(
        action=trail.url,
        q=query.q,
        kinds=tuple(Choice(value, label, value == query.kind) for value, label in KINDS.items()),
        people=tuple(Choice(value, label, value == query.person) for value, label in people.items()),
        phases=_phases(trail, query),
        changed_verdict=query.changed_verdict,
        active=bool(query.narrowing()),
    )


def _phases(trail: Trail, query: Query) -> tuple[Choice, ...]:
    """The phases of the rollout that is read; the record of everything has none in common."""
    named = {"": "Every phase", **trail.phases} if trail.phases else {}
    return tuple(Choice(value, label, value == query.phase) for value, label in named.items())


def _days(trail: Trail, query: Query, entries: Sequence[Entry]) -> list[AuditDay]:
    days = []
    for day, group in groupby(entries, key=lambda entry: entry.at.date()):
        rows = tuple(_entry_row(trail, query, entry) for entry in group)
        days.append(AuditDay(day, len(rows), rows))
    return days


def _entry_row(trail: Trail, query: Query, entry: Entry) -> AuditRow:
    told = tell_entry(entry, trail.titles_of(entry))
    narrowing = urlencode(query.narrowing())
    url = trail.entry_url.format(seq=entry.seq)
    return AuditRow(
        seq=entry.seq,
        at=entry.at,
        title=told.title,
        subject=told.subject,
        effect=told.effect or (f"“{told.reason}”" if told.reason else ""),
        state=told.state,
        name=entry_actor(entry),
        url=url + (f"{'&' if '?' in url else '?'}{narrowing}" if narrowing else ""),
        current=entry.seq == query.entry,
    )


def _shown_entry(trail: Trail, entry: Entry, head: RecordHead) -> AuditEntry:
    told, proof = tell_entry(entry, trail.titles_of(entry)), prove_entry(entry, head)
    is_broken = any(step.state == "Failing" for step in proof)
    roles = cast("Mapping[str, Sequence[str]]", entry.body.get("actor") or {}).get("roles", ())
    return AuditEntry(
        seq=entry.seq,
        state="Failing" if is_broken else "Valid",
        title=f"{told.title}: {told.subject}" if told.subject else told.title,
        facts=tuple(_facts(entry)),
        proof=proof,
        answer=told.state if entry.action == "sign_off.given" else "",
        name=entry_actor(entry),
        role=", ".join(trail.titles_of(entry).get(role, role) for role in roles if role != "member"),
        reason=entry_reason(entry),
        changes=entry_changes(entry),
        command=f"python manage.py audit_verify --entry {entry.seq}",
        raw=entry.data.decode("utf-8", "replace"),
        as_of_url=f"{reverse('board', args=[entry.rollout])}?as_of={entry.seq}" if entry.rollout else "",
    )


def _facts(entry: Entry) -> list[Fact]:
    personal = load_personal(entry)
    body = cast("Mapping[str, Mapping[str, str]]", entry.body)
    channel, auth, signature = (body.get(name) or {} for name in ("channel", "auth", "signature"))
    facts = [Fact("At", "", at=entry.at), Fact("Action", entry.action, mono=True)]
    facts.append(Fact("About", entry_label(entry), entry.object))
    ip = _said(personal.get(ADDRESS), "address", channel.get("ip", ""))
    facts.append(Fact("Way in", channel.get("kind", "unknown"), ip))
    if agent := _said(personal.get(AGENT), "user agent", channel.get("ua", "")):
        facts.append(Fact("With", agent))
    if auth.get("methods"):
        age = auth.get("age_s")
        before = f"{format_duration(timedelta(seconds=float(age)))} before" if age is not None else ""
        facts.append(Fact("Confirmed with", ", ".join(auth["methods"]), before))
    for name in ("statement", "evidence"):
        if signature.get(name):
            facts.append(Fact(name.capitalize(), "", digest=signature[name]))
    return facts


def _said(opened: Opened | None, name: str, plain: str) -> str:
    """Give a personal value, or what became of it; older entries hold it themselves."""
    if opened is None:
        return plain
    return f"{name} {opened.trouble}" if opened.trouble else opened.value
