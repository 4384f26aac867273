"""The gaps: what is missing, in which order it is built, what is claimed and what is proven."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.board import GapsCard, RollBackBar
from readiness.queries.pages.parts import Line, Live, Owner, Region, RolloutHead


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
    proven: int
    claimed: int
    total: int
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
    """One gap in the order of work. `starts` and `ends` are days of effort from now, along the task graph."""

    title: str
    note: str  # "Gap 2, after gap 1"
    state: str
    starts: float
    ends: float
    ends_at_most: float
    effort: str  # "2-3 days"
    url: str = ""


@dataclass(frozen=True, slots=True)
class OrderCard:
    """The order of work, in days of effort. Partial: `gaps/_order.html`, as `order`."""

    region: Region
    rows: tuple[OrderRow, ...]
    days: float  # the length of the axis
    note: str = ""  # "Data rollback decides the date"


@dataclass(frozen=True, slots=True)
class GapsPage:
    """Template `gaps/page.html`."""

    head: RolloutHead
    live: Live
    sentence: str  # "5 gaps are open: 9 to 13 days of effort"
    lead: str  # "Three of them block phase 0. Kubernetes manifests is the longest."
    gaps: GapsCard
    cards: tuple[GapCard, ...]
    order: OrderCard
    bar: RollBackBar
    untracked: tuple[UntrackedRow, ...] = ()
