"""Forecasts on pages: the dates and their odds, and how the gaps have come along."""

from dataclasses import dataclass
from datetime import date, datetime

from readiness.queries.pages.parts import Line, Region


@dataclass(frozen=True, slots=True)
class OddsRow:
    """How likely something is by the end of a day, 0 to 1. The days of 50, 80 and 95 % are strong."""

    day: str  # "Wed 10 Dec"
    share: float
    words: str  # "61 %"
    strong: bool = False


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """What was claimed, attested and proven, of how much, from a moment on. `claimed` counts all three."""

    at: datetime
    claimed: int
    proven: int
    total: int
    attested: int = 0

    @property
    def only_claimed(self) -> int:
        """Count what is said to be done, and neither proven nor attested."""
        return self.claimed - self.attested - self.proven


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Claimed and proven against what there is. The three last dates are when 10, 50 and 90 % of the runs are done."""

    title: str
    summary: str
    points: tuple[BurnPoint, ...]
    now: datetime
    ends_at: datetime
    early_at: datetime | None = None
    likely_at: datetime | None = None
    late_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForecastCard:
    """The forecast in full. Partial: `gaps/_forecast.html`, as `forecast`."""

    region: Region
    sentence: str  # "Ready by Wed 10 Dec, more likely than not"
    lead: str  # "61 % by Wed 10 Dec, 93 % by Fri 12 Dec. The first estimate was Thu 4 Dec."
    effort: str  # "5 gaps that block phase 0 are open: 9 to 13 days of effort"
    made_at: datetime | None = None
    unknowns: tuple[Line, ...] = ()  # what it can't know, and what would tell
    burn_up: BurnUp | None = None
    odds_title: str = ""  # "Odds of being ready by"
    odds: tuple[OddsRow, ...] = ()
    rules: str = ""  # how it is made


@dataclass(frozen=True, slots=True)
class DateRow:
    """When one phase can begin, with 50, 80 and 95 %; empty where nobody can know."""

    title: str
    note: str  # "100 % of traffic"
    half: str
    most: str
    nearly: str


@dataclass(frozen=True, slots=True)
class DatesCard:
    """When each phase can begin. Partial: `gaps/_dates.html`, as `dates`."""

    region: Region
    rows: tuple[DateRow, ...]
    note: str = ""  # "100 % of traffic by Tue 27 Jan, more likely than not"
    granted: str = ""  # what the dates rest on and nobody has estimated


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """A day on the small axis, with the odds of being ready by its end."""

    day: date
    words: str  # "Wed 10 Dec"
    odds: str  # "61 %"


@dataclass(frozen=True, slots=True)
class ForecastNote:
    """The forecast in short. Partial: `board/_forecast.html`, as `forecast`.

    `days` are those of 50, 80 and 95 %, each once. The wide band reaches over 98 of 100 runs, the narrow one over 80.
    """

    region: Region
    sentence: str  # "Every gap that blocks phase 0 closed by"
    note: str
    url: str
    today: date
    days: tuple[ForecastDay, ...] = ()
    wide: tuple[date, date] | None = None
    narrow: tuple[date, date] | None = None
