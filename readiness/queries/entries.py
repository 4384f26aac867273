"""The record as pages: whether it is whole, its entries by day as sentences, one entry with its proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from readiness.queries.acceptances import load_difference_lines
from readiness.queries.audit import Entry, EntryFilter, load_entries, load_entry, load_record_head
from readiness.queries.entry_pages import show_entry
from readiness.queries.pages.audit import AuditDay, AuditFilters, AuditPage, AuditRow
from readiness.queries.pages.parts import Choice, Link, RolloutHead
from readiness.queries.record_states import state_of_record
from readiness.queries.trail import Titles, entry_actor, tell_entry

PAGE_SIZE = 50
MACHINE = "readiness"
KINDS = {
    "": "Every kind",
    "sign_off.": "Sign-offs",
    "claim.": "Claims",
    "evidence.": "Evidence",
    "verdict.": "Verdicts",
    "outcome.": "Outcomes",
    "phase.": "Phases",
    "override.": "Overrides",
    "rollback.": "Rollbacks",
    "trigger.": "Abort triggers",
    "dwell.": "Clocks of phases",
    "gap.": "Gaps",
    "baseline.": "Baselines",
    "drill.": "Drills",
    "review.": "Reviews",
    "waiver.": "Waivers",
    "flag.": "Flags",
    "hold.": "Holds",
    "plan.": "Plans",
    "role.": "Roles",
    "person.": "Accounts",
    "token.": "Tokens",
    "difference.": "Differences",
    "privacy.": "Erasures",
    "key.": "Keys of the record",
    "epoch.": "Epochs of the record",
    "log.": "Daily signs of life",
}


QUICK = {"plan.imported": "Import", "phase.": "Phase change", "verdict.changed": "Verdict change"}


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
        entry=show_entry(opened, head, trail.titles_of(opened)) if opened else None,
        older_url=older,
        newest_url="" if is_first else _page_url(trail, query, None),
        quick=_quick(trail),
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
        by_index=bool(query.kind or query.person),
    )
    return load_entries(wanted, before_seq=before if before is not None else query.before, limit=PAGE_SIZE + 1)


def _quick(trail: Trail) -> tuple[Link, ...]:
    """Give the boards as of what people look back to: the newest plan, phase, and verdict."""
    if trail.head is None:
        return ()
    found = ((label, _newest(trail, action)) for action, label in QUICK.items())
    return tuple(
        Link(f"{label}, {entry.at.day} {entry.at:%b}", f"{trail.head.url}?as_of={entry.seq}")
        for label, entries in found
        for entry in entries
    )


def _newest(trail: Trail, action: str) -> list[Entry]:
    return load_entries(EntryFilter(trail.rollout, action, by_index=True), limit=1)


def _page_url(trail: Trail, query: Query, before: int | None) -> str:
    parts = query.narrowing() | ({"before": str(before)} if before is not None else {})
    return f"{trail.url}?{urlencode(parts)}" if parts else trail.url


def _filters(trail: Trail, query: Query) -> AuditFilters:
    people = {"": "Everyone", **trail.people, MACHINE: "Readiness"}
    phases = {"": "Every phase", **trail.phases} if trail.phases else {}
    return AuditFilters(
        action=trail.url,
        q=query.q,
        kinds=_choices(KINDS, query.kind),
        people=_choices(people, query.person),
        phases=_choices(phases, query.phase),
        changed_verdict=query.changed_verdict,
        active=bool(query.narrowing()),
    )


def _choices(named: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    """Give the options; what an address narrows by stays visible, even where nobody would offer it."""
    known = named if chosen in named or not chosen else {**named, chosen: chosen}
    return tuple(Choice(value, label, value == chosen) for value, label in known.items())


def _days(trail: Trail, query: Query, entries: Sequence[Entry]) -> list[AuditDay]:
    days = []
    for day, group in groupby(entries, key=lambda entry: entry.at.date()):
        rows = tuple(_entry_row(trail, query, entry) for entry in group)
        days.append(AuditDay(day, len(rows), rows))
    return days


def _entry_row(trail: Trail, query: Query, entry: Entry) -> AuditRow:
    told = tell_entry(entry, trail.titles_of(entry))
    place = {"before": str(query.before)} if query.before is not None else {}
    narrowing = urlencode(query.narrowing() | place)
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
