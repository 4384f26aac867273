"""Pages as they were: what the record keeps of one moment, drawn so that nobody takes it for now."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.board import SequenceCard, VerdictCard
from readiness.queries.pages.parts import FeedCard, Line, RolloutHead
from readiness.queries.pages.phases import AbortsCard, ChecklistCard, CommandRow, ExitCard, PhaseLink
from readiness.queries.pages.verdicts import Computation


@dataclass(frozen=True, slots=True)
class PastBar:
    """Which moment is shown, and the way to another one. Partial: `rollouts/_past_bar.html`, as `travel`."""

    title: str  # "The board as of entry 14, 2025-11-21 18:05 UTC"
    sentence: str  # what it is made from
    asked: str  # as it stands in the address
    now_url: str  # the same page as it is now, which takes another moment as well
    trouble: str = ""  # why it must not be relied on


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure then and now; "" where it is not known."""

    label: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class PastBoard:
    """Template `board/past.html`. It has no poller, no forms that act, and no way to act."""

    head: RolloutHead
    travel: PastBar
    verdict: VerdictCard
    decision: VerdictCard | None = None
    compared: tuple[Compared, ...] = ()
    then_at: datetime | None = None
    now_at: datetime | None = None
    poll: tuple[Line, ...] = ()
    conditions: tuple[Line, ...] = ()
    sequence: SequenceCard | None = None


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """Template `verdicts/past.html`. Without computations `verdict` says what stood in their place."""

    head: RolloutHead
    travel: PastBar
    computations: tuple[Computation, ...]
    changes: FeedCard
    verdict: VerdictCard | None = None


@dataclass(frozen=True, slots=True)
class PastPhase:
    """Template `phases/past.html`: what the plan of then asked in this phase, and what was known of it.

    A condition that the kept facts do not tell of is shown as not judged. Without a plan the rest is empty.
    """

    head: RolloutHead
    travel: PastBar
    verdict: VerdictCard
    phases: tuple[PhaseLink, ...] = ()
    number: str = ""
    title: str = ""
    objective: str = ""
    checklists: tuple[ChecklistCard, ...] = ()  # to enter, to finish
    exit: ExitCard | None = None
    aborts: AbortsCard | None = None
    poll: tuple[Line, ...] = ()
    runs: tuple[Line, ...] = ()
    commands: tuple[CommandRow, ...] = ()
    levels: tuple[Line, ...] = ()
    config: str = ""


@dataclass(frozen=True, slots=True)
class NoPast:
    """Template `rollouts/no_past.html`: there is nothing to show of this moment; the bar says why."""

    head: RolloutHead
    travel: PastBar
