"""The record: is it whole, what happened, one entry with its proof."""

from dataclasses import dataclass
from datetime import date, datetime

from readiness.queries.pages.parts import Change, Choice, Fact, Line, Link, RolloutHead


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
class ChangedRow:
    """A row that an entry changed, field by field. Partial: `audit/_changed.html`, as `row`."""

    title: str  # "Phase run 3"; "" for what the entry is about
    changes: tuple[Change, ...]
    is_new: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """What somebody needs to check one entry without us. Without a checkpoint over it there is no proof to take."""

    bytes_url: str
    proof_url: str = ""
    receipt_url: str = ""  # of a sign-off: statement, entry and proof in one file
    command: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry. Partial: `audit/_entry.html`, as `entry`."""

    seq: int
    state: str  # Valid, Failing, Checking
    title: str
    facts: tuple[Fact, ...]
    proof: tuple[ProofStep, ...]
    statement: str = ""  # what a signature means, in the signer's words
    answer: str = ""  # GO or NO-GO of a sign-off
    name: str = ""
    role: str = ""
    reason: str = ""
    changes: tuple[ChangedRow, ...] = ()
    command: str = ""
    own: OwnCheck | None = None
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
    quick: tuple[Link, ...] = ()  # moments that people look back to
    differences: tuple[Line, ...] = ()  # rows that are not what the record says of them
