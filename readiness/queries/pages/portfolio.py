"""All rollouts, on one page."""

from dataclasses import dataclass
from datetime import date, datetime

from readiness.queries.pages.parts import Live, Region


@dataclass(frozen=True, slots=True)
class AskCard:
    """What waits for the reader, above everything else."""

    title: str  # "Dual-memory: ramp to 50 %?"
    why: str
    word: str  # GO or NO-GO
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One rollout. `word` is GO, NO-GO, Waits, Rehearsed, Closed or Not set up."""

    key: str
    title: str
    url: str
    word: str
    decision: str  # "Start phase 0", "Canary may continue"
    reason: str  # the first reason
    reason_state: str  # gives the reason its tone
    steps: tuple[str, ...]  # a state a phase
    met: int
    total: int
    owner: str = ""
    note: str = ""  # "one more reason today"
    since_at: datetime | None = None
    ready: str = ""  # "Wed 10 Dec": by when the next phase can likely begin
    ready_note: str = ""  # "if 29 conditions are met"
    ready_line: tuple[float, float, float] | None = None  # 10, 50 and 90 % on the shared axis, 0 to 100
    share: float = 0.0
    quiet: bool = False  # closed or not set up


@dataclass(frozen=True, slots=True)
class PortfolioCard:
    """The rows: waiting for me, GO, NO-GO, rest. Partial: `portfolio/_rows.html`, as `rollouts`."""

    region: Region
    rows: tuple[PortfolioRow, ...]
    until: str = ""  # the end of the shared axis


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """Template `portfolio/page.html`."""

    rollouts: PortfolioCard
    today: date
    live: Live | None = None
    ask: AskCard | None = None
    import_url: str = ""
    title_word: str = ""
