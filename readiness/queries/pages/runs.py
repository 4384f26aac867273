"""The `now` page: the running phase on one phone screen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.board import RollBackBar, VerdictCard
from readiness.queries.pages.parts import Live, Quantity, Region, RolloutHead
from readiness.queries.pages.phases import CommandRow
from readiness.queries.pages.sheets import LevelChoice


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """One thing that broke: value against limit, how long, who decides by when."""

    key: str
    title: str
    state: str  # Abort, Failing, Can't be measured, Held
    limit: str
    now: Quantity | None = None
    since_at: datetime | None = None
    sampled_at: datetime | None = None
    max_age: timedelta = timedelta(minutes=2)
    decided_by: str = ""
    due_at: datetime | None = None
    answer_url: str = ""  # "Continue until", for its decider


@dataclass(frozen=True, slots=True)
class TroubleCard:
    """What broke. Partial: `runs/_trouble.html`, as `trouble`."""

    region: Region
    rows: tuple[TroubleRow, ...]
    quiet: str = "Nothing is broken"


@dataclass(frozen=True, slots=True)
class ShareCard:
    """Asked and observed share of traffic. Partial: `runs/_share.html`, as `exposure`."""

    region: Region
    asked: float
    observed: float | None
    agrees: bool
    note: str = ""
    observed_at: datetime | None = None
    max_age: timedelta = timedelta(minutes=2)
    flags_url: str = ""


@dataclass(frozen=True, slots=True)
class ClockCard:
    """A rollback under way, against its promise. Partial: `runs/_clock.html`, as `clock_card`."""

    region: Region
    title: str = ""  # "Rolling back to shadow mode"; "" when none is under way
    started_at: datetime | None = None
    within: timedelta | None = None
    done_at: datetime | None = None
    state: str = "Running"  # Done once it is verified, Too slow when it is late
    took: timedelta | None = None
    late_since: datetime | None = None
    reason_url: str = ""  # the reason is still due
    reason_due_at: datetime | None = None
    commands: tuple[CommandRow, ...] = ()


@dataclass(frozen=True, slots=True)
class NowPage:
    """Template `runs/now.html`. `levels` are the ways back, the fastest first; each `url` opens the roll-back sheet."""

    head: RolloutHead
    live: Live
    verdict: VerdictCard  # slim: may it continue?
    trouble: TroubleCard
    exposure: ShareCard
    clock: ClockCard
    levels: tuple[LevelChoice, ...]
    roll_back_url: str
    hold_url: str = ""
    bar: RollBackBar | None = None
