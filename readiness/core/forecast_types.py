"""What a forecast is made from, and what it says. All of it can be written as canonical JSON."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from readiness.core.workdays import Calendar


@dataclass(frozen=True, slots=True)
class TaskWork:
    """One task. An estimate is in working days; None where nobody has given one. An empty owner is nobody."""

    key: str
    owner: str
    estimate: tuple[float, float] | None
    after: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class GapWork:
    """One gap. `place` is the first phase that it blocks, `weight` its severity: both only order the work.

    `closed` says that the gap is closed, which closed tasks alone do not.
    """

    key: str
    tasks: tuple[TaskWork, ...]
    after: tuple[str, ...] = ()
    place: int = 0
    weight: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment of a phase: how long it runs at least, and when one looks. `looks_at` is a time of day."""

    key: str
    lasts: timedelta
    looks_every: timedelta = timedelta(days=1)
    looks_at: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Leg:
    """One phase still to be entered, and how long it then runs. `polled` says that its poll is still to be answered."""

    phase: str
    gaps: tuple[str, ...]
    polled: bool = True
    dwell: timedelta = timedelta(0)
    dwell_at_most: timedelta = timedelta(0)
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True)
class RunningLeg:
    """The phase that runs: since when, how long it must, and which of its experiments are undecided.

    `uncounted` is time since it was entered that does not count towards its dwell.
    """

    phase: str
    entered_at: datetime
    dwell: timedelta
    dwell_at_most: timedelta
    uncounted: timedelta = timedelta(0)
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True)
class ForecastInputs:
    """Everything that a forecast rests on. The same inputs give the same forecast, byte for byte.

    `seed` names the rollout, never a version of its plan, so that an edit that changes no estimate moves no date.
    """

    seed: str
    at: datetime
    calendar: Calendar
    gaps: tuple[GapWork, ...]
    legs: tuple[Leg, ...]
    planned_start: date | None = None
    running: RunningLeg | None = None


class Doubt(StrEnum):
    """Why a date cannot be known."""

    NO_ESTIMATE = "no_estimate"
    NO_OWNER = "no_owner"
    UNPROVEN = "unproven"
    UNDECIDED = "undecided"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that the forecast cannot know: a gap or one of its tasks, or an experiment."""

    doubt: Doubt
    key: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """When something is reached: for each day, in how many runs it is by then. Without `known` it may be later.

    `key` is a phase, which begins, or empty: every gap that blocks the next phase is closed.
    """

    key: str
    known: bool
    odds: tuple[tuple[date, int], ...]

    def day_by(self, share: float) -> date:
        """Give the first day by which at least this share of the runs is there."""
        total = self.odds[-1][1]
        return next(day for day, count in self.odds if count >= share * total)

    def share_by(self, day: date) -> float:
        """Give the share of the runs that is there by the end of a day."""
        return max((count for other, count in self.odds if other <= day), default=0) / self.odds[-1][1]


@dataclass(frozen=True, slots=True)
class GapSpan:
    """When the work on an open gap begins and ends: in the middle run, and in 95 of 100 runs.

    `decides` is the share of the runs in which no gap of the next phase is closed later; `critical` says that it is on
    the critical path.
    """

    key: str
    begins_at: datetime
    ends_at: datetime
    ends_late_at: datetime
    decides: float
    critical: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the runs show. `path` is the critical path at average lengths, as (gap, task), in order of work."""

    at: datetime
    runs: int
    milestones: tuple[Milestone, ...] = ()
    spans: tuple[GapSpan, ...] = ()
    path: tuple[tuple[str, str], ...] = ()
    unknowns: tuple[Unknown, ...] = ()

    def milestone(self, key: str) -> Milestone | None:
        """Find a milestone."""
        return next((each for each in self.milestones if each.key == key), None)


class Turn(StrEnum):
    """What can happen to a gap and its tasks."""

    TASK_CLOSED = "task_closed"
    TASK_REOPENED = "task_reopened"
    GAP_CLOSED = "gap_closed"
    GAP_OPENED = "gap_opened"


@dataclass(frozen=True, slots=True)
class GapTurn:
    """One thing that happened: to a task, or to a gap, which has no `task`. `by` is empty where a machine found it."""

    at: datetime
    turn: Turn
    gap: str
    task: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """A forecast as it is kept: beside the one from the facts of a day before, and the first one that could be made.

    `turns` are what happened since the facts of `yesterday`, oldest first. Of the other two only milestones are kept.
    """

    made_at: datetime
    forecast: Forecast
    yesterday: Forecast | None = None
    first: Forecast | None = None
    turns: tuple[GapTurn, ...] = ()
