"""The gaps: what is missing, in which order it is built, what is claimed and what is proven."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.board import GapsCard, RollBackBar
from readiness.queries.pages.forecasts import DatesCard, ForecastCard
from readiness.queries.pages.parts import FeedCard, Line, Live, Owner, Region, RolloutHead


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of a gap."""

    key: str
    title: str
    state: str  # Open, Closed, Contradicted
    estimate: str  # "1-2 days"
    owner: Owner | None = None
    after: str = ""  # "after gap 1"
    closed_by: str = ""
    closed_at: datetime | None = None
    url: str = ""  # in a tracker
    close_url: str = ""  # the sheet; "" for a reader who may not


@dataclass(frozen=True, slots=True)
class UntrackedRow:
    """A missing artefact that the plan's commands or checks need and that no gap tracks."""

    title: str  # "Data rollback can't run"
    say: str
    count: int
    url: str = ""
    make_url: str = ""  # opens the sheet that makes it a gap; empty for who may not


@dataclass(frozen=True, slots=True)
class GapCard:
    """One gap, opened. Partial: `gaps/_gap.html`, as `gap`."""

    region: Region
    key: str
    number: str
    title: str
    severity: str
    state: str
    say: str
    counted: str  # "1 of 3 proven, 1 attested"
    conditions: tuple[Line, ...]  # what must be found before it counts as closed
    tasks: tuple[TaskRow, ...]
    effort: str = ""
    blocks: str = ""  # "Blocks phase 0"
    claim: str = ""  # with `evidence`: the two boxes of a contradiction
    claim_note: str = ""
    evidence: str = ""
    evidence_note: str = ""
    owner: Owner | None = None
    close_url: str = ""  # of a gap with neither tasks nor conditions
    waived: int = 0


@dataclass(frozen=True, slots=True)
class OrderRow:
    """The work on one gap along the calendar: when it begins, likely ends, and ends in 95 of 100 runs.

    A closed gap has only `closed_at`; one that nobody can forecast has none of them.
    """

    title: str
    note: str  # "Backend lead, after “No runtime feature flags”"
    state: str
    when: str  # "Wed 10 Dec"
    when_note: str = ""  # "95 % by Fri 12 Dec"
    url: str = ""
    critical: bool = False  # on the critical path
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    ends_late_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderCard:
    """The order of work. Partial: `gaps/_order.html`, as `order`."""

    region: Region
    rows: tuple[OrderRow, ...]
    note: str = ""  # "“Kubernetes manifests” decides the date in 98 % of the runs"
    path: str = ""  # "Critical path: flags, then manifests"
    now: datetime | None = None
    starts_at: datetime | None = None  # the axis
    ends_at: datetime | None = None
    empty: str = "Nothing is left to do"


@dataclass(frozen=True, slots=True)
class GapsPage:
    """Template `gaps/page.html`."""

    head: RolloutHead
    live: Live
    forecast: ForecastCard
    order: OrderCard
    dates: DatesCard
    turns: FeedCard  # what changed since a day before
    gaps: GapsCard
    cards: tuple[GapCard, ...]
    bar: RollBackBar
    untracked: tuple[UntrackedRow, ...] = ()
