"""The plan: what a rollout promises to have, hold and do. Frozen values, built once from a validated document.

`core/plan_build.py` makes a `Plan` from the resolved document; `services/plan_file.py` reads and validates the file.
`every_phase` is already part of each phase here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from readiness.core.conditions import Condition

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
SIGN_OFF_VALID_FOR = timedelta(days=7)
VOID_AFTER = timedelta(minutes=15)
SOURCE_TIMEOUT = timedelta(seconds=10)
MIRROR_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Command:
    """A command people run themselves; shown and linted, never executed."""

    run: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Closer triggers for the first hours of a phase."""

    lasts: timedelta
    every: timedelta
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignOffRule:
    """Who answers the poll to enter a phase, in order; `last` answers over everything."""

    roles: tuple[str, ...]
    last: str
    valid_for: timedelta = SIGN_OFF_VALID_FOR
    void_after: timedelta = VOID_AFTER


@dataclass(frozen=True, slots=True)
class Phase:
    """A stage of the rollout, or its close (`key` is then `close`)."""

    key: str
    number: str
    title: str
    objective: str = ""
    dwell: timedelta = timedelta(0)
    late_after: timedelta | None = None
    traffic: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    commands: tuple[Command, ...] = ()
    watch: Watch | None = None
    sign_off: SignOffRule | None = None
    enter: tuple[Condition, ...] = ()
    succeed: tuple[Condition, ...] = ()
    abort: tuple[Condition, ...] = ()
    origin: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class GapTask:
    """A piece of work that closes a gap. Estimates are working days, lower and upper end."""

    key: str
    title: str
    owner: str | None
    estimate: tuple[float, float] | None = None
    after: tuple[str, ...] = ()
    url: str = ""
    origin: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing infrastructure. `blocks` names phases, or is ("all",); `severity` is weight only."""

    key: str
    title: str
    severity: str
    owner: str | None
    blocks: tuple[str, ...]
    why: str = ""
    estimate: tuple[float, float] | None = None
    after: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    tasks: tuple[GapTask, ...] = ()
    closed_when: tuple[Condition, ...] = ()
    origin: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class RollbackLevel:
    """One way back: to which phase, within what time, setting which flags, verified by what."""

    key: str
    title: str
    within: timedelta
    to: str
    sets: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    verify: Condition | None = None
    recovers: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where evidence comes from. `settings` keeps its keys as written; `${NAME}` is read when used, never stored."""

    key: str
    kind: str
    settings: Mapping[str, object]
    environment: str = ""
    timeout: timedelta = SOURCE_TIMEOUT
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the rollout; deputies are (person name, from, until)."""

    key: str
    title: str
    deputies: tuple[tuple[str, date | datetime | None, date | datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A list of people, kept by an owner role."""

    key: str
    title: str
    owner: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Which roles may waive, break glass, lift holds; a missing entry means nobody."""

    waive: tuple[str, ...] = ()
    break_glass: tuple[str, ...] = ()
    lift_hold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan, resolved. `history` keeps decisions, alternatives, lessons and criteria: shown, never counted.

    `implied` are checks that nobody wrote: of the paths that commands name. They are shown and never judged.
    """

    key: str
    title: str
    digest: str
    service: str = ""
    owner: str = ""
    summary: str = ""
    timezone: str = "UTC"
    workdays: tuple[str, ...] = WORKDAYS
    holidays: tuple[date, ...] = ()
    planned_start: date | None = None
    rehearsal: bool = False
    roles: tuple[Role, ...] = ()
    groups: tuple[Group, ...] = ()
    authority: Authority = Authority()
    sources: tuple[Source, ...] = ()
    flags: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    gates: tuple[Condition, ...] = ()
    checks: tuple[Condition, ...] = ()
    experiments: tuple[Condition, ...] = ()
    drills: tuple[Condition, ...] = ()
    reviews: tuple[Condition, ...] = ()
    implied: tuple[Condition, ...] = ()
    gaps: tuple[Gap, ...] = ()
    rollbacks: tuple[RollbackLevel, ...] = ()
    phases: tuple[Phase, ...] = ()
    close: Phase | None = None
    communication: Mapping[str, object] = field(default_factory=dict)
    history: Mapping[str, object] = field(default_factory=dict)
