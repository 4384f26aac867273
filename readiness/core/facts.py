"""Facts: all that a verdict rests on, at one moment. `queries/facts.py` fills them; `core/verdict.py` judges them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from readiness.core.conditions import Condition
from readiness.core.plan import Gap, SignOffRule
from readiness.core.types import (
    CheckObservation,
    ClaimFacts,
    DrillFacts,
    ExperimentResult,
    GateObservation,
    Person,
    ReviewFacts,
)


@dataclass(frozen=True, slots=True)
class WaiverFacts:
    """A waiver that was granted and that nobody has taken back. `definition` digests what the plan asked then."""

    id: int
    definition: str
    reason: str
    measure: str
    asked_by: Person
    asked_at: datetime
    granted_by: Person
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """A condition with what is known about it. `proofs` are what `proved_by` names; `members` those of `each:`.

    `changed_by` are all who imported a plan version that changed what is asked here; `failing_since` is since when it
    has been measured as not met without a break.
    """

    condition: Condition
    claims: tuple[ClaimFacts, ...] = ()
    gate: GateObservation | None = None
    check: CheckObservation | None = None
    drill: DrillFacts | None = None
    review: ReviewFacts | None = None
    experiment: ExperimentResult | None = None
    proofs: tuple["ConditionFacts", ...] = ()
    members: tuple[Person, ...] = ()
    run_started_at: datetime | None = None
    waiver: WaiverFacts | None = None
    changed_by: tuple[Person, ...] = ()
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A gap task and who closed it, if anyone did."""

    key: str
    title: str
    owner: str
    closed_by: Person | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GapFacts:
    """A gap, its tasks, its conditions, and who closed one that has neither, and when."""

    gap: Gap
    tasks: tuple[TaskFacts, ...] = ()
    conditions: tuple[ConditionFacts, ...] = ()
    closed_by: Person | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FiringFacts:
    """A time an abort trigger fired in this run, and what its decider answered: what, until when, why, and who."""

    fired_at: datetime
    cleared_at: datetime | None = None
    answer: str = ""
    continue_until: datetime | None = None
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """An abort trigger of the running or of the next phase, with its firings in the current run.

    `sound_at` is when its query last had data.
    """

    facts: ConditionFacts
    running: bool
    blind_since: datetime | None = None
    firings: tuple[FiringFacts, ...] = ()
    sound_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The running phase: its number of times entered, since when, and how long its dwell is in seconds counted.

    `watch_s` is how long its closer watch lasts, in the same seconds.
    """

    phase: str
    title: str
    number: int
    entered_at: datetime
    dwell_s: int
    dwelt_s: int
    watch_s: int = 0


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """The phase that would be entered next, or the close. `starts` is the digest of what entering it starts."""

    phase: str
    title: str
    run: int
    sign_off: SignOffRule | None
    starts: str = ""


@dataclass(frozen=True, slots=True)
class ExposureFacts:
    """A flag whose share is observed: the share that is asked for, in percent, and what was measured of it."""

    flag: str
    title: str
    asked: str
    facts: ConditionFacts


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """A hold that nobody has lifted."""

    by: Person
    role: str
    reason: str
    called_at: datetime
    id: int = 0


@dataclass(frozen=True, slots=True)
class OverrideFacts:
    """A phase that two people entered without GO, until somebody with the authority closes that.

    `running` says whether that very run still runs.
    """

    id: int
    phase: str
    title: str
    run: int
    running: bool
    by: Person
    confirmed_by: Person
    reason: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class IncompleteFacts:
    """A phase that stands between here and the one that is asked about: what it is, and what is needed of it."""

    phase: str
    title: str
    found: str
    required: str


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """The answer one person gave for one role. `voided` says why it no longer counts; empty while it does."""

    id: int
    role: str
    by: Person
    go: bool
    reason: str
    signed_at: datetime
    expires_at: datetime
    material: str
    voided: str = ""


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not what the record says of it: which, and what differs in words."""

    row: str
    title: str
    found: str


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """The last verification of the record: when, through which entry, and what it contradicted (empty: nothing).

    `differences` are rows of this rollout that were changed outside the application; both were looked at by then.
    """

    verified_at: datetime | None
    size: int
    problem: str = ""
    differences: tuple[RowDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class FlagFacts:
    """A flag of the running phase, in basis points of all: what the phase asks for, and the most that may be served.

    `lowered_at` is set while somebody, or a way back, holds it below what was allowed.
    """

    flag: str
    title: str
    asked_bp: int
    most_bp: int
    lowered_at: datetime | None = None
    by: Person | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SinceFacts:
    """Since when a reason has stood, from the verdict before."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything at once. `complete` conditions belong to the running phase, `enter` to the next.

    `titles` are those of roles and groups, so that reasons can be said from stored facts alone. `incomplete` is empty
    unless another phase than the next one is asked about. `closed_at` is set once the rollout is closed. `changed_by`
    are all who imported a plan version that changed what entering the next phase asks as a whole; see `core/asked.py`.
    `exposures` are the flags whose share is measured, `flags` all of them.
    """

    rollout: str
    plan: str
    policy: str
    running: RunFacts | None
    target: TargetFacts | None
    complete: tuple[ConditionFacts, ...]
    enter: tuple[ConditionFacts, ...]
    gaps: tuple[GapFacts, ...]
    triggers: tuple[TriggerFacts, ...]
    holds: tuple[HoldFacts, ...]
    signatures: tuple[SignatureFacts, ...]
    record: RecordFacts
    since: tuple[SinceFacts, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[OverrideFacts, ...] = ()
    incomplete: tuple[IncompleteFacts, ...] = ()
    closed_at: datetime | None = None
    rehearsal: bool = False
    changed_by: tuple[Person, ...] = ()
    exposures: tuple[ExposureFacts, ...] = ()
    flags: tuple[FlagFacts, ...] = ()

    def title_of(self, role: str) -> str:
        """Give the title of a role or group, as people call it."""
        return self.titles.get(role, role)
