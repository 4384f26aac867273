"""The board: verdict first, then what the reader can do, the poll, the sequence, the gates, the gaps."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.forecasts import ForecastNote
from readiness.queries.pages.parts import (
    Fact,
    FeedCard,
    Line,
    Live,
    Owner,
    PollCard,
    Quantity,
    Region,
    RolloutHead,
    Spark,
    StepCard,
)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why the answer is no. A row with `children` is a group (a gap, the checklist, the poll) that opens."""

    key: str  # stable while the reason stands: used as part of an element id, letters, digits and hyphens
    state: str
    what: str  # "Kubernetes manifests: 5 of 9 missing"
    clears: str  # "All 9 exist and apply in staging"
    word: str = ""  # "Gap open", "8 items"
    owner: Owner | None = None
    url: str = ""
    since_at: datetime | None = None
    code: str = ""  # GATE_BREACHED; "" for a group
    children: tuple["ReasonRow", ...] = ()


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """One question and its answer. Partial: `board/_verdict.html`, as `verdict`.

    `tone` is go, nogo or waits (a decision that waits for nothing but time). `met` of `total` conditions become marks.
    A NO-GO lists `reasons` (root causes first, sign-offs last); a GO lists what it `rests_on`.
    """

    region: Region
    tone: str
    word: str  # GO, NO-GO, Waits, Closed, or Rehearsed: the GO of a rehearsal, which counts nowhere
    sentence: str  # "Phase 0 can't start"
    detail: str  # "20 of 48 conditions aren't met, for 23 reasons in 9 groups"
    evaluated_at: datetime | None  # None: nothing was ever judged
    met: int = 0
    total: int = 0
    reasons: tuple[ReasonRow, ...] = ()
    reason_count: int = 0  # each one, also those within a group
    rests_on: tuple[Line, ...] = ()
    waived: int = 0  # of `total`, beside those that are met
    waivers: tuple[Line, ...] = ()  # what is waived while the answer is no
    slim: bool = False
    since_at: datetime | None = None  # when this answer began
    valid_until: datetime | None = None  # of a GO
    max_age: timedelta = timedelta(minutes=2)  # older than this, the page says how old its numbers are
    not_judged: int = 0  # changes since, not judged yet
    policy_version: str = ""
    verdict_id: str = ""  # sha256:...
    url: str = ""  # where the slim band's button leads
    url_label: str = ""
    facts: tuple[Fact, ...] = ()  # key figures under the band
    how_url: str = ""  # how it was computed
    rehearsal: bool = False
    past: bool = False  # it was the answer once; it is drawn hollow and nothing in it counts on


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """One phase. `state` is Done, NO-GO, GO, Running, Held, Abort, Overridden, Rolled back or Not due."""

    number: str
    title: str
    state: str
    duration: str  # "3-5 days"
    share: float = 0.0  # of traffic on the new version, in percent
    current: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class SequenceCard:
    """All phases in order. Partial: `board/_sequence.html`, as `sequence`."""

    region: Region
    steps: tuple[SequenceStep, ...]
    note: str = ""  # "Planned start 24 Nov, now 8 days late"
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class GateRow:
    """One live condition with its newest value. `state` is Passing, Failing, Not sustained, Stale, No data, ..."""

    key: str
    name: str
    state: str
    limit: str  # "at most 15 ms"
    now: Quantity | None = None
    note: str = ""  # "Above the limit for 22 min; it must hold for 10 min"
    sampled_at: datetime | None = None  # of the newest sample; None: never measured
    max_age: timedelta = timedelta(minutes=2)
    spark: Spark | None = None
    url: str = ""
    left_at: datetime | None = None  # when its waiver ends


@dataclass(frozen=True, slots=True)
class GatesCard:
    """The gates the current question rests on, worst first. Partial: `board/_gates.html`, as `gates`."""

    region: Region
    rows: tuple[GateRow, ...]
    note: str = ""  # "3 of 6 pass"
    url: str = ""  # all gates
    title: str = "Live gates"
    window: str = "Last 6 hours"  # what the small lines show
    empty: str = "No gate is asked for here"
    silent: tuple["SilentSource", ...] = ()


@dataclass(frozen=True, slots=True)
class SilentSource:
    """A source that does not answer: what rests on it counts as not met until it does."""

    name: str
    message: str
    since_at: datetime
    retry_at: datetime | None = None  # None while it is still asked as usual


@dataclass(frozen=True, slots=True)
class GapRow:
    """One gap: what is missing, what of it is claimed and proven. `state` is Open, Contradicted or Closed.

    `claimed` counts what is attested and proven as well.
    """

    key: str
    severity: str  # Blocking, High, Medium, Low
    title: str
    state: str
    say: str  # one sentence about what is missing now
    proven: int
    claimed: int
    total: int
    effort: str = ""  # "2-3 days left", "took 4 days"
    effort_note: str = ""  # "blocks phase 0"
    tag: str = ""  # a tracker's number
    owner: Owner | None = None
    url: str = ""
    attested: int = 0
    counted: str = ""  # "1 of 3 proven, 1 attested"


@dataclass(frozen=True, slots=True)
class GapsCard:
    """The gaps, open ones first. Partial: `board/_gaps.html`, as `gaps`."""

    region: Region
    rows: tuple[GapRow, ...]
    note: str = ""  # "All 25 criteria of 8 gaps: 15 proven, 1 attested, 5 only claimed"
    url: str = ""
    empty: str = "The plan names no gap"


@dataclass(frozen=True, slots=True)
class RollBackBar:
    """Always in reach while the share is above 0. Partial: `board/_roll_back.html`, as `bar`."""

    region: Region
    share: float  # asked for, in percent; at 0 the bar is empty
    sentence: str = ""  # "Canary runs at 5 %"
    url: str = ""  # the sheet
    now_url: str = ""  # the `now` page


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Template `board/page.html`. While a phase runs, `verdict` asks "may it continue?" and `decision` the next one."""

    head: RolloutHead
    live: Live
    verdict: VerdictCard
    step: StepCard
    poll: PollCard
    sequence: SequenceCard
    gates: GatesCard
    gaps: GapsCard
    forecast: ForecastNote
    feed: FeedCard
    bar: RollBackBar
    decision: VerdictCard | None = None
