"""Conditions: the six kinds of thing a phase, a gap or a rollback can need, each with everything that judges it.

A condition is resolved: the defaults of the thing it names are merged with the overrides of the place it stands in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

GATE_MAX_AGE = timedelta(minutes=2)
GATE_EVERY = timedelta(seconds=15)
CHECK_MAX_AGE = timedelta(minutes=15)
CHECK_EVERY = timedelta(minutes=1)


class ConditionKind(StrEnum):
    """The six things a condition can be."""

    ITEM = "item"
    GATE = "gate"
    CHECK = "check"
    EXPERIMENT = "experiment"
    DRILL = "drill"
    REVIEW = "review"


class ConditionList(StrEnum):
    """The list of its phase (or gap) that a condition stands in."""

    ENTER = "enter"
    SUCCEED = "succeed"
    ABORT = "abort"
    CLOSED_WHEN = "closed_when"
    PROOF = "proof"


class EvidenceDemand(StrEnum):
    """What a claim of an item must bring. NONE only where a machine proves it or people merely raise it."""

    NONE = "none"
    REQUIRED = "required"
    ATTESTATION = "attestation"
    JUNIT = "junit"
    LOADTEST = "loadtest"
    FILE = "file"
    LINK = "link"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """What an item demands as evidence, with the limits that judge it. `p99` and `error_rate` are criteria texts."""

    demand: EvidenceDemand = EvidenceDemand.REQUIRED
    min_suites: int | None = None
    min_duration: timedelta | None = None
    p99: str | None = None
    error_rate: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Records:
    """The baseline that an item records, and of which gates."""

    baseline: str
    gates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """A checklist item: people claim it, evidence proves it. `proved_by` names checks, gates, drills, experiments."""

    evidence: EvidenceRule = EvidenceRule()
    proved_by: tuple[str, ...] = ()
    each: str | None = None
    reported: bool = False
    records: Records | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """What a relative criterion compares with: exactly one of query, baseline, previous."""

    query: str | None = None
    baseline: str | None = None
    previous: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Enough:
    """The traffic below which a gate says GATE_TOO_LITTLE_TRAFFIC."""

    query: str
    at_least: float


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate as one condition uses it. `expect` is a list of alternatives of conjunctions of criterion texts.

    `hold_for` is the success window or the abort window; `for_phase` measures `at_least` (0 to 1) of the run instead.
    """

    source: str
    query: str
    unit: str
    expect: tuple[tuple[str, ...], ...]
    hold_for: timedelta = timedelta(0)
    for_phase: bool = False
    at_least: float | None = None
    against: Against | None = None
    enough: Enough | None = None
    max_age: timedelta = GATE_MAX_AGE
    every: timedelta = GATE_EVERY


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check of an artefact. `settings` keeps the keys of its kind (path, keys, name, uid, expect …) as written."""

    source: str
    check_kind: str
    settings: Mapping[str, object]
    every: timedelta = CHECK_EVERY
    max_age: timedelta = CHECK_MAX_AGE


@dataclass(frozen=True, slots=True)
class ExperimentSpec:
    """A canary-against-control experiment, kept as written until it is evaluated. `harm` is set on abort triggers."""

    settings: Mapping[str, object]
    harm: str | None = None


@dataclass(frozen=True, slots=True)
class DrillSpec:
    """A practised failure or rollback: `target` is the time it may take, `valid_for` how long a pass counts."""

    target: timedelta
    valid_for: timedelta | None = None
    level: str | None = None
    expect: str = ""
    restore: str = ""
    commands: tuple[str, ...] = ()
    since_phase_start: bool = False


@dataclass(frozen=True, slots=True)
class ReviewSpec:
    """A scored review. `score` and `after_gaps` are out of 10; only `score` counts."""

    by: str
    score: float | None = None
    after_gaps: float | None = None
    verdict: str = ""
    min_score: float | None = None


@dataclass(frozen=True, slots=True)
class AbortSpec:
    """What an abort trigger does: who decides, to which rollback level, and when it must be armed."""

    decided_by: str
    roll_back: str
    arms_on_entry: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Anything a phase or a gap needs. Exactly the spec of its kind is set.

    `path` is its identity: phase / list / kind:key, and for gates and experiments also criterion and duration.
    `origin` is where it was written down, `environment` the one whose evidence is enough (empty: production), and
    `reads` says what its source measures, in words.
    """

    path: str
    kind: ConditionKind
    key: str
    title: str
    owner: str | None
    place: str
    list: ConditionList
    section: str = ""
    valid_for: timedelta | None = None
    origin: str = ""
    added: bool = False
    environment: str = ""
    reads: str = ""
    item: ItemSpec | None = None
    gate: GateSpec | None = None
    check: CheckSpec | None = None
    experiment: ExperimentSpec | None = None
    drill: DrillSpec | None = None
    review: ReviewSpec | None = None
    abort: AbortSpec | None = None
