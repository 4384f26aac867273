"""What fills the page of flags."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.board import RollBackBar
from readiness.queries.pages.parts import Live, Region, RolloutHead


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag: what is asked and served, what is observed, who changed it last, and what the reader may do.

    `state` is Met where it is served as asked, Turned off where it is held below; `observed` None was not measured.
    """

    key: str
    title: str
    state: str
    asked: float
    served: float
    note: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None
    observed: float | None = None
    observed_at: datetime | None = None
    max_age: timedelta = timedelta(minutes=2)
    lower_url: str = ""
    raise_url: str = ""


@dataclass(frozen=True, slots=True)
class FlagsCard:
    """Partial `flags/_flags.html`, as `flags`."""

    region: Region
    rows: tuple[FlagRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class FlagsPage:
    """Template `flags/page.html`."""

    head: RolloutHead
    live: Live
    flags: FlagsCard
    bar: RollBackBar | None = None
