"""The decision record of a phase and the final report of a rollout: what stood when each run was entered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.audit import RecordState
from readiness.queries.pages.parts import Fact, Line, RolloutHead


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that a condition rested on. `digest` is in full; "" where only what was seen is kept."""

    title: str
    finding: str
    note: str = ""
    digest: str = ""
    at: datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """One condition as it was judged. `state` is the word that the board showed."""

    title: str
    state: str
    found: str
    required: str
    owner: str
    path: str
    proofs: tuple[Proof, ...] = ()
    waiver: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """The conditions of one place: the phase before, this one, a gap."""

    title: str
    note: str  # "6 of 7 met, 2 of them attested"
    rows: tuple[ConditionRecord, ...]


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """One signature as it was given, names and roles as they were then."""

    role: str
    name: str
    state: str  # GO, NO-GO, Void, Expired
    meaning: str
    reason: str
    at: datetime
    until_at: datetime
    statement: str
    note: str = ""  # why it did not count
    held: str = ""  # the roles they held then, and how they confirmed
    entry: str = ""  # "Entry 1,204"
    entry_url: str = ""


@dataclass(frozen=True, slots=True)
class RollbackRecord:
    """A way back that was taken: the promise and what it took. `took` is None while nothing has verified it."""

    title: str
    state: str  # Met, Too slow, Unproven
    by: str
    at: datetime
    promised: timedelta
    took: timedelta | None
    reason: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a record: facts, then rows; what is empty says so."""

    title: str
    facts: tuple[Fact, ...] = ()
    lines: tuple[Line, ...] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a phase: the decision to enter it and everything it rested on. Partial: `reports/_run.html`, as `run`.

    `trouble` says why what stood then can't be shown; then there are only the run's own rows.
    """

    key: str
    title: str  # "Canary, run 1"
    question: str  # "May Canary be entered?"
    state: str  # GO, Rehearsed, Overridden, Rolled back
    word: str  # "GO", "NO-GO, overridden", "Begun by a rollback"
    decided: tuple[Fact, ...]
    counts: tuple[Fact, ...]
    reasons: tuple[Line, ...]
    groups: tuple[ConditionGroup, ...]
    signatures: tuple[SignatureRecord, ...]
    rollbacks: tuple[RollbackRecord, ...]
    sections: tuple[Section, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Template `reports/page.html`: the record of one phase, or with `is_final` of the whole rollout."""

    head: RolloutHead
    title: str
    lead: str
    runs: tuple[RunRecord, ...]
    record: RecordState
    summary: tuple[Fact, ...] = ()
    overview: tuple[Line, ...] = ()  # every run in order
    others: tuple[Section, ...] = ()  # drills, reviews, gaps over the whole rollout
    is_final: bool = False
    empty: str = ""
