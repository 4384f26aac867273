"""The sign-off sheet: what changed, the sentence to sign, its facts, the answer, who it is."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.parts import Change, Choice, Fact, Line, RolloutHead, WaiverNote


@dataclass(frozen=True, slots=True)
class SignOffPiece:
    """A piece of evidence of a condition, and whether the signer had opened it when this was shown."""

    title: str
    digest: str
    url: str
    opened: bool = False


@dataclass(frozen=True, slots=True)
class SignOffFact:
    """One condition that the statement covers. `state` as on the board."""

    state: str
    title: str
    found: str
    url: str = ""
    pieces: tuple[SignOffPiece, ...] = ()
    waiver: WaiverNote | None = None


@dataclass(frozen=True, slots=True)
class SignOffSheet:
    """Template `signoffs/page.html` (as `page.sheet`) and partial `signoffs/_sheet.html` (as `sheet`).

    Form `form`: `answer` (go, no-go; none preselected), `meaning` (of `meanings`), `reason`, `password`, hidden
    `role` and `digest`. A moved fact gives 409 with `moved` > 0, the answer cleared, the reason kept.
    """

    action: str  # where the form posts
    cancel_url: str
    role: str  # the role's key
    role_title: str
    question: str  # "Enter phase 0, Pre-deployment validation, of Dual-memory recall"
    statement: str  # the sentence, as it is signed
    digest: str  # of the exact statement that is shown
    facts_at: datetime
    facts: tuple[SignOffFact, ...]
    met: int
    total: int
    opened: int = 0  # pieces of evidence that the signer had opened, as the statement says
    brought: int = 0  # pieces that its conditions rest on
    covers: tuple[Fact, ...] = ()  # plan, log size, root
    changes: tuple[Change, ...] = ()  # since the reader's last signature
    signed_at: datetime | None = None  # that signature
    blockers: tuple[Line, ...] = ()  # what stands between the reader and GO
    go_locked: str = ""  # why GO can't be given now; "" when it can
    meanings: tuple[Choice, ...] = ()
    starts: tuple[Fact, ...] = ()  # what GO leads to: share, users an hour, last measured way back
    reason_needed: str = ""  # "You sign over a waiver, so say why"; "" when a reason is optional for GO
    valid_until: datetime | None = None  # of the signature
    moved: int = 0  # facts that changed while the reader was reading
    may_sign: bool = True
    why_not: str = ""  # when the reader may not sign for this role
    waived: int = 0  # of the facts, beside those that are met
    closings: tuple[Line, ...] = ()  # tasks and gaps that people close, as they stand
    exact: str = ""  # the bytes of the statement, as shown


@dataclass(frozen=True, slots=True)
class StationRow:
    """One signature, given, void or asked for."""

    station: str
    name: str
    state: str
    at: datetime | None = None
    meaning: str = ""
    reason: str = ""
    note: str = ""  # what voided it
    digest: str = ""
    sign_url: str = ""
    revoke_url: str = ""
    entry_url: str = ""
    receipt_url: str = ""  # what the signer keeps


@dataclass(frozen=True, slots=True)
class SignOffPage:
    """Template `signoffs/page.html`: the sheet of one role, or (without one) all signatures of the phase."""

    head: RolloutHead
    title: str
    rows: tuple[StationRow, ...] = ()
    past: tuple[StationRow, ...] = ()  # void, revoked and expired ones, newest first
    sheet: SignOffSheet | None = None
