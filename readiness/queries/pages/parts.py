"""Values that several pages share."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page that is fetched again, alone, when it changes. `name` is also its element id."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Live:
    """The page's one poller: where it asks, and the digest of the regions it shows."""

    url: str
    digest: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Who can clear something: a person, or the role when nobody (or more than one person) holds it."""

    name: str = ""  # full name; "" when no single person holds the role
    title: str = ""  # the role's title, such as "SRE lead"
    count: int = 0  # when several people or roles are meant: "5 owners"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number in the unit of its query (s, ms, ratio, bytes, bytes/h, count, "")."""

    value: float | None
    unit: str = ""
    marks: tuple[float, ...] = ()  # limits, in the same unit: rounding never moves the number across one


@dataclass(frozen=True, slots=True)
class Link:
    """A named way to somewhere."""

    label: str
    url: str
    dialog: bool = True  # it may open over the page, where the page opens such things


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select or a list of radio buttons."""

    value: str
    label: str
    selected: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value: key figures and definition lists."""

    label: str
    value: str
    note: str = ""
    at: datetime | None = None  # shown instead of `value` when given
    digest: str = ""  # shown after the value, short, with a copy button
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: between two moments, or two versions of a plan."""

    title: str
    before: str  # "" when it was not there
    after: str  # "" when it is gone
    note: str = ""


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """What stands beside a condition about its waiver: granted, asked for, or only the way to ask.

    Partial: `waivers/_note.html`, as `waiver`. `name` granted it, or asks for it; `until_at` ends it.
    """

    title: str  # of the condition
    granted: bool = False
    name: str = ""
    until_at: datetime | None = None
    reason: str = ""
    measure: str = ""
    url: str = ""  # the sheet in which the reader may decide or end it
    url_label: str = ""
    ask_url: str = ""  # the sheet in which the reader may ask for one; then there is none
    past: bool = False  # it was so once, and no time is left of it


@dataclass(frozen=True, slots=True)
class Line:
    """A two-line row: what, a note under it, a state at the end and a note under that."""

    title: str
    note: str = ""
    state: str = ""
    word: str = ""
    end_note: str = ""
    at: datetime | None = None  # shown after `end_note`
    url: str = ""
    left_at: datetime | None = None  # when it ends by the clock: "2 days left"
    waiver: WaiverNote | None = None


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One thing that happened, as a sentence with its time."""

    at: datetime
    sentence: str
    note: str = ""
    state: str = ""  # "" draws a flag: an act that changes no state
    url: str = ""


@dataclass(frozen=True, slots=True)
class FeedCard:
    """What happened: today's entries on the board, a gate's history. Partial: `board/_feed.html`, as `feed`."""

    region: Region
    title: str
    rows: tuple[FeedRow, ...]
    url: str = ""
    url_label: str = "Full trail"
    empty: str = "Nothing yet"


@dataclass(frozen=True, slots=True)
class StepCard:
    """My next step: personal, so a region of its own. Partial: `board/_step.html`, as `step`."""

    region: Region
    kicker: str  # "Your next step", "Your station"
    title: str
    why: str
    label: str = ""  # of the one primary button; "" when there is nothing to do
    url: str = ""
    style: str = "primary"  # primary, go or stop
    dialog: bool = True  # the target is a sheet that may open over the page
    todo: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class PollRow:
    """One station of the poll. `state` is GO, NO-GO, Void, Expired, No answer or Waits."""

    station: str  # the role's title
    state: str
    name: str = ""  # who answered, or who is asked; "" when nobody holds the role
    note: str = ""  # "2 facts changed", "answers last"
    at: datetime | None = None  # when they answered
    url: str = ""  # the sheet in which the reader may answer for this station
    mine: bool = False


@dataclass(frozen=True, slots=True)
class PollCard:
    """The poll of one phase. Partial: `board/_poll.html`, as `poll`."""

    region: Region
    rows: tuple[PollRow, ...]
    go: int
    total: int
    title: str = "Go/no-go poll"
    url: str = ""
    empty: str = "The plan polls nobody, so this phase can’t be entered"


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the rollout. `count` is what there is to resolve; 0 shows nothing."""

    key: str  # board, phases, gates, gaps, sign-offs, audit
    label: str
    url: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class RolloutHead:
    """The head of every page of a rollout. Partial: `rollouts/_head.html`, as `head`."""

    key: str
    title: str
    url: str
    tab: str  # key of the current tab
    tabs: tuple[Tab, ...]
    service: str = ""
    owner: str = ""
    plan_version: int = 0
    plan_digest: str = ""
    plan_url: str = ""
    commits: tuple[Fact, ...] = ()  # label: the source's key, value: the short commit
    actions: tuple[Link, ...] = ()  # small buttons at the end: call a hold, import a new plan version
    rehearsal: bool = False
    region: Region | None = None  # named "head"
    title_word: str = ""  # GO or NO-GO; leads the document's title and chooses the favicon
    holds: tuple["HoldNote", ...] = ()
    overrides: tuple["OverrideNote", ...] = ()
    travel_url: str = ""  # this page, where it can show any moment of the record


@dataclass(frozen=True, slots=True)
class OverrideNote:
    """A phase that is entered without GO, or is asked to be; shown above every page of its rollout."""

    state: str  # Overridden, or Waits for a second person
    sentence: str
    reason: str
    at: datetime
    until_at: datetime | None = None  # how long an asked one counts
    url: str = ""  # confirm or close it; "" when the reader may not
    label: str = ""
    withdraw_url: str = ""


@dataclass(frozen=True, slots=True)
class HoldNote:
    """A hold in force; shown above every page of its rollout."""

    name: str
    title: str
    reason: str
    called_at: datetime
    lift_url: str = ""  # "" when the reader may not lift it


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of the last hours. None is a moment without a sample."""

    points: tuple[float | None, ...]
    limit: float | None
    worse: str  # "above" or "below": the forbidden side of the limit
    unit: str
    window: timedelta
