"""Gates: all of them, and one with its chart, its trace and its history."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.board import GatesCard, RollBackBar
from readiness.queries.pages.parts import Fact, FeedCard, Line, Live, Quantity, Region, RolloutHead, WaiverNote
from readiness.queries.pages.phases import Filter


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One sample; None is a moment without one."""

    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class ChartEvent:
    """Something that happened and may explain the line."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class GateChart:
    """The line of one gate. `strip` has one letter per evaluation: m met, w met but not yet long enough, b the rest."""

    points: tuple[ChartPoint, ...]
    limit: float | None
    worse: str  # "above" or "below"
    unit: str
    starts_at: datetime
    ends_at: datetime
    title: str  # "Recall latency, p99, last 3 hours"
    summary: str  # the same in a sentence
    events: tuple[ChartEvent, ...] = ()
    strip: str = ""
    strip_note: str = ""  # "Evaluations, every 15 s"


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of the judgement: Answered, Fresh, Enough, Value, Duration. The first that fails is the reason."""

    state: str
    word: str
    found: str
    needed: str


@dataclass(frozen=True, slots=True)
class GateUse:
    """One place of the plan where the gate stands, with the limit of that place."""

    place: str  # "Canary, to finish"
    limit: str
    state: str
    now: Quantity | None = None
    url: str = ""
    waiver: WaiverNote | None = None


@dataclass(frozen=True, slots=True)
class GateCard:
    """The gate now. Partial: `gates/_gate.html`, as `gate`."""

    region: Region
    name: str
    state: str
    sentence: str  # "17.8 ms, above the 15 ms limit for 22 minutes. It must hold for 10."
    where: str  # "production", the source's environment
    chart: GateChart | None
    figures: tuple[Fact, ...]
    ranges: tuple[Filter, ...] = ()
    sampled_at: datetime | None = None
    max_age: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class TraceCard:
    """Why it is what it is. Partial: `gates/_trace.html`, as `trace`."""

    region: Region
    title: str  # "Why it's failing"
    steps: tuple[TraceStep, ...]
    evaluated_at: datetime | None


@dataclass(frozen=True, slots=True)
class GatePage:
    """Template `gates/gate.html`."""

    head: RolloutHead
    live: Live
    gate: GateCard
    trace: TraceCard
    query: str
    history: FeedCard
    bar: RollBackBar
    comparand: str = ""  # the query it is compared with
    query_note: str = ""  # "plan line 82, source metrics"
    source_url: str = ""  # opens the query in its source
    at_url: str = ""  # says what it was measured as at a time
    baselines: tuple[Line, ...] = ()  # what it is compared with, newest first
    baseline_title: str = ""
    uses: tuple[GateUse, ...] = ()
    before: FeedCard | None = None  # what changed just before


@dataclass(frozen=True, slots=True)
class RawAnswerCard:
    """What a source said to one question. `text` is empty when it is not kept, and `note` says why."""

    title: str  # "The value", "The window of its duration"
    note: str  # "200, 312 bytes, 41 ms"
    digest: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class MeasurementPage:
    """Template `gates/measurement.html`: one measurement, what it came to, and why where that is kept."""

    head: RolloutHead
    name: str
    state: str
    sentence: str
    where: str
    at: datetime
    figures: tuple[Fact, ...]
    query: str
    answers: tuple[RawAnswerCard, ...]
    bar: RollBackBar
    trace: TraceCard | None = None
    warnings: tuple[str, ...] = ()
    note: str = ""  # why there is no trace
    url: str = ""  # the gate as it is now
    earlier_url: str = ""
    later_url: str = ""


@dataclass(frozen=True, slots=True)
class ArmedRow:
    """One place where a gate watches: when its query last had data, and when it was last past its limit."""

    key: str
    name: str
    place: str
    state: str
    url: str
    max_age: timedelta
    data_at: datetime | None = None
    red_at: datetime | None = None
    note: str = ""  # "Never in 3 days", "Never evaluated"


@dataclass(frozen=True, slots=True)
class ArmedCard:
    """Whether what watches can still speak. Partial: `gates/_armed.html`, as `armed`."""

    region: Region
    rows: tuple[ArmedRow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class GatesPage:
    """Template `gates/page.html`: every gate, those that the current question rests on first."""

    head: RolloutHead
    live: Live
    gates: GatesCard
    others: GatesCard
    bar: RollBackBar
    armed: ArmedCard
