"""The board as it was: what the record keeps of one moment, drawn so that nobody takes it for now."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.board import SequenceCard, VerdictCard
from readiness.queries.pages.parts import Line, RolloutHead


@dataclass(frozen=True, slots=True)
class PastBar:
    """Which moment is shown, and the way to another one. Partial: `board/_past_bar.html`, as `travel`."""

    title: str  # "The board as of entry 14, 2025-11-21 18:05 UTC"
    sentence: str  # what it is made from
    asked: str  # as it stands in the address
    now_url: str
    trouble: str = ""  # why it must not be relied on


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure then and now; "" where it is not known."""

    label: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class PastBoard:
    """Template `board/past.html`. It has no poller, no forms that act, and no way to act.

    `problem` says why there is nothing to show; then the rest is empty.
    """

    head: RolloutHead
    travel: PastBar
    problem: str = ""
    verdict: VerdictCard | None = None
    decision: VerdictCard | None = None
    compared: tuple[Compared, ...] = ()
    then_at: datetime | None = None
    now_at: datetime | None = None
    poll: tuple[Line, ...] = ()
    conditions: tuple[Line, ...] = ()
    sequence: SequenceCard | None = None
