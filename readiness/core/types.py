"""Every value that crosses the boundary between the shell and the core: observations, human acts, the verdict.

All are frozen, and all can be written as canonical JSON (`core/canonical.py`), so that a stored verdict can be
evaluated again from its stored facts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from readiness.core.reports import Report


class Outcome(StrEnum):
    """The state of one condition. UNKNOWN never counts as MET."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"
    WAIVED = "WAIVED"


class Decision(StrEnum):
    """The answer to a question."""

    GO = "GO"
    NO_GO = "NO_GO"


class Question(StrEnum):
    """What is asked: may the running phase go on, or may the next one be entered."""

    CONTINUE = "continue"
    ENTER = "enter"


class Stage(StrEnum):
    """How far from, or into, a decision the rollout is."""

    CLEARED = "CLEARED"
    AWAITING_SIGN_OFF = "AWAITING_SIGN_OFF"
    BLOCKED = "BLOCKED"
    HOLD = "HOLD"
    ABORT = "ABORT"
    OVERRIDDEN = "OVERRIDDEN"


class Trouble(StrEnum):
    """Why a source gave no answer."""

    NONE = ""
    SOURCE_ERROR = "source_error"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class Person:
    """Who acted: a stable id and the name as it was then."""

    id: str
    name: str


# ------------------------------------------------------------------------------------- what was observed


@dataclass(frozen=True, slots=True)
class SeriesValue:
    """One series of an answer: its labels as text and its value, which may be NaN."""

    labels: str
    value: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One query's answer. `sampled_at` is the newest sample of its oldest selector, never the evaluation time.

    `covers_from` is where the samples begin when the query looks back over a range; None when it does not. `took` is
    how long the source needed, `answer` the digest of the raw answer that decided: of the query, or of what failed.
    """

    query: str
    source: str
    asked_at: datetime
    trouble: Trouble = Trouble.NONE
    message: str = ""
    values: tuple[SeriesValue, ...] = ()
    sampled_at: datetime | None = None
    lost_series: tuple[str, ...] = ()
    looks_back: timedelta = timedelta(0)
    covers_from: datetime | None = None
    warnings: tuple[str, ...] = ()
    took: timedelta = timedelta(0)
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """How a criterion fared over a stretch of time, folded from a range answer.

    `held_since` and `breached_since` are the starts of the unbroken run that ends at the newest sample (for a success
    a hole breaks a run; for an abort trigger a hole between two breaches counts as breach). `held_share` is the share
    of the stretch, 0 to 1, that held; time without samples counts as not held. `answer` is the raw answer's digest.
    """

    start_at: datetime
    end_at: datetime
    held_since: datetime | None = None
    breached_since: datetime | None = None
    held_share: float | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class BaselineFacts:
    """A recorded value of a gate to compare with, in the gate's unit, and the query it was recorded of."""

    baseline: str
    value: float
    recorded_at: datetime
    recorded_by: Person
    query: str = ""


@dataclass(frozen=True, slots=True)
class GateObservation:
    """Everything a gate is judged from."""

    reading: Reading
    comparand: Reading | None = None
    baseline: BaselineFacts | None = None
    traffic: Reading | None = None
    window: Window | None = None


class ExperimentState(StrEnum):
    """What an experiment has come to."""

    SHOWN = "shown"
    UNDECIDED = "undecided"
    HARMFUL = "harmful"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """The newest look at an experiment: what it came to, in words, and when it was taken."""

    state: ExperimentState
    found: str
    looked_at: datetime


class Finding(StrEnum):
    """What a check found."""

    FITS = "fits"
    MISSING = "missing"
    MISFIT = "misfit"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CheckObservation:
    """What a check found, where. `version` names the commit or the like; `content` is the digest of what was read.

    Of a mirror, `fetched_at` is when it was fetched, and `unfetched` why it could not be fetched since.
    """

    checked_at: datetime
    finding: Finding
    subject: str
    detail: str = ""
    version: str = ""
    content: str = ""
    trouble: Trouble = Trouble.NONE
    fetched_at: datetime | None = None
    unfetched: str = ""


# ------------------------------------------------------------------------------------- what people did


class EvidenceState(StrEnum):
    """How a piece of evidence was judged."""

    PROVES = "proves"
    CONTRADICTS = "contradicts"
    UNREADABLE = "unreadable"
    UNCHECKED = "unchecked"
    ATTESTS = "attests"


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """A piece of evidence attached to a claim: `digest` of what is kept, and what reading it showed.

    `report` is what was read in it, judged again by the rule as it is now; `repeats` says which run it is again.
    """

    digest: str
    kind: str
    title: str
    state: EvidenceState
    finding: str
    added_at: datetime
    added_by: Person
    report: Report | None = None
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A tick: who, when, for whom (`member` of an `each:` list, else empty), with which evidence."""

    by: Person
    claimed_at: datetime
    member: str = ""
    note: str = ""
    evidence: tuple[EvidenceFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """A drill as it was run. `record` is the digest of its row, as the entry that tells of it names it."""

    ran_at: datetime
    took: timedelta
    passed: bool
    by: Person
    note: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """A score out of 10. `source` is `plan` for an imported one, else `person`; only that has a `record`, see there."""

    score: float
    by: Person
    reviewed_at: datetime
    source: str = "person"
    note: str = ""
    record: str = ""


# ------------------------------------------------------------------------------------- the answer


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the answer is NO: one code, about one thing. The sentence is made in `core/reasons.py`."""

    code: str
    kind: str
    key: str
    title: str
    found: str = ""
    required: str = ""
    owner: str = ""
    path: str = ""
    group: str = ""
    since_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The outcome of one condition. `code` names why it is not met; `expires_at` ends a MET by the clock."""

    path: str
    outcome: Outcome
    code: str = ""
    found: str = ""
    required: str = ""
    expires_at: datetime | None = None
    attested: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question at one moment, with every reason, worst first."""

    question: Question
    phase: str
    decision: Decision
    stage: Stage
    reasons: tuple[Reason, ...]
    assessments: tuple[Assessment, ...]
    evaluated_at: datetime
    valid_until: datetime | None
    verdict_id: str
    policy: str
    rehearsal: bool = False

    def stands_at(self, now: datetime) -> bool:
        """Say whether this is a GO that has not run out."""
        return self.decision is Decision.GO and self.valid_until is not None and now < self.valid_until
