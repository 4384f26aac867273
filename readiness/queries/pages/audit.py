"""The record: is it whole, what happened, one entry with its proof."""

from dataclasses import dataclass
from datetime import date, datetime

from readiness.queries.pages.parts import Change, Choice, Fact, Line, RolloutHead


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One fact of the proof. The kinds are never merged: content, inclusion, checkpoint, outside world."""

    state: str  # Valid, Failing, Missing, Stale, Waits, Not due
    sentence: str
    digest: str = ""
    note: str = ""
    label: str = ""  # "Content", "Signature", "Outside"


@dataclass(frozen=True, slots=True)
class RecordState:
    """Whether the log is whole and signed. `lines` are three: content, signature, the outside world."""

    state: str
    title: str  # "Verified through entry 4,711 at 10:02:14 UTC", "12 entries not yet signed"
    sentence: str  # "All 1,284 entries recomputed. None altered, none missing, none out of order."
    facts: tuple[Fact, ...]  # head, size, last check
    command: str = ""  # how to check it without us
    lines: tuple[ProofStep, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as a sentence."""

    seq: int
    at: datetime
    title: str  # "Signed GO"
    subject: str  # "Backend lead"
    effect: str = ""  # "NO-GO, 8 to 9 reasons"
    state: str = ""  # "" draws a flag
    name: str = ""  # "" for the machine
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class AuditDay:
    """The entries of one UTC day, newest first."""

    day: date
    count: int
    rows: tuple[AuditRow, ...]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry. Partial: `audit/_entry.html`, as `entry`."""

    seq: int
    state: str  # Valid, Failing, Checking
    title: str
    facts: tuple[Fact, ...]
    proof: tuple[ProofStep, ...]
    statement: str = ""  # the signed sentence
    answer: str = ""  # GO or NO-GO of a sign-off
    name: str = ""
    role: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = ()
    command: str = ""
    raw: str = ""  # the exact canonical bytes, as text
    as_of_url: str = ""  # the board as of this entry; "" where it belongs to no rollout


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """The filters; all live in the address. Fields: `q`, `kind`, `person`, `phase`, `verdict` (1)."""

    action: str
    q: str
    kinds: tuple[Choice, ...]
    people: tuple[Choice, ...]
    phases: tuple[Choice, ...] = ()
    changed_verdict: bool = False
    active: bool = False


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Template `audit/page.html`; `head` is None for the record of everything."""

    record: RecordState
    filters: AuditFilters
    days: tuple[AuditDay, ...]
    shown: int
    total: int
    head: RolloutHead | None = None
    entry: AuditEntry | None = None
    older_url: str = ""
    newest_url: str = ""  # when this is not the first page
    differences: tuple[Line, ...] = ()  # rows that are not what the record says of them
