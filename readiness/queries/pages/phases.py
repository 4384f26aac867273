"""The phase page: what is claimed beside what was found, the commands, what ends it, what stops it, the way back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.queries.pages.board import RollBackBar, VerdictCard
from readiness.queries.pages.parts import (
    Link,
    Live,
    Owner,
    PollCard,
    Quantity,
    Region,
    RolloutHead,
    StepCard,
    WaiverNote,
)


@dataclass(frozen=True, slots=True)
class PhaseLink:
    """One stop of the phase switch."""

    number: str
    title: str
    url: str
    share: float = 0.0  # percent
    current: bool = False


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One condition: the claim on the left, the evidence on the right.

    A condition that only a machine answers has `machine=True` and no tick. `claim_url` opens the claim sheet (to tick,
    to add evidence or to withdraw); it is "" for a reader who may not, and `owner` says who may.
    """

    key: str  # letters, digits and hyphens
    title: str
    state: str
    evidence: str  # "5 suites, 214 passed, 0 failed", "No evidence yet"
    word: str = ""
    machine: bool = False
    claimed_by: str = ""
    claimed_at: datetime | None = None
    claim_note: str = ""  # instead of "Claimed by": "Waived, no claim needed"; "4 of 6 on-call engineers"
    claim_url: str = ""
    source: str = ""  # "Repository check at 5d54816"
    checked_at: datetime | None = None
    since_at: datetime | None = None
    owner: Owner | None = None
    url: str = ""  # the gate, the drill form, the review form
    url_label: str = ""  # "Record a drill"
    source_line: str = ""  # from: file#line, the environment, and whether the author added it
    waiver: WaiverNote | None = None


@dataclass(frozen=True, slots=True)
class ChecklistGroup:
    """A section of the checklist."""

    title: str
    met: int
    total: int
    rows: tuple[ChecklistRow, ...]
    waived: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to look at a list; a plain link."""

    label: str
    url: str
    count: int
    current: bool = False


@dataclass(frozen=True, slots=True)
class ChecklistCard:
    """The conditions to enter, or to succeed. Partial: `phases/_checklist.html`, as `checklist`."""

    region: Region
    title: str  # "To enter", "To finish"
    met: int
    total: int
    groups: tuple[ChecklistGroup, ...]
    filters: tuple[Filter, ...] = ()  # All, Not met, Mine
    note: str = ""
    empty: str = "Nothing is asked for here"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a command; `missing` marks a path that does not exist."""

    text: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One command of the phase. Shown and checked, never run by us."""

    number: str  # "0.1"
    title: str
    run: str  # the whole text, for copying
    segments: tuple[Segment, ...]
    can_run: bool
    note: str = ""  # "scripts/run_soak_test.sh doesn't exist at 5d54816"
    gap: Link | None = None  # the gap that will add it
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CommandsCard:
    """Steps and commands. Partial: `phases/_commands.html`, as `commands`."""

    region: Region
    rows: tuple[CommandRow, ...]
    note: str = ""  # "4 of 5 can run at b41e7d0"


@dataclass(frozen=True, slots=True)
class ExitRow:
    """One gate, check or item to finish with."""

    title: str
    limit: str
    state: str
    word: str = ""
    now: Quantity | None = None
    sampled_at: datetime | None = None
    max_age: timedelta = timedelta(minutes=2)
    url: str = ""
    waiver: WaiverNote | None = None


@dataclass(frozen=True, slots=True)
class ExitCard:
    """What must hold before the phase may end. Partial: `phases/_exit.html`, as `exit`."""

    region: Region
    rows: tuple[ExitRow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class AbortRow:
    """One abort trigger. `state` is Armed, Not armed, Abort, Can’t be measured, Not due."""

    key: str
    title: str
    limit: str  # "over 1 % for 1 hour"
    state: str
    now: Quantity | None = None
    word: str = ""
    way: int | None = None  # percent of the way to the limit
    sampled_at: datetime | None = None
    max_age: timedelta = timedelta(minutes=2)
    decided_by: str = ""
    url: str = ""
    report_url: str = ""  # a trigger that people report


@dataclass(frozen=True, slots=True)
class AbortsCard:
    """What stops the phase. Partial: `phases/_aborts.html`, as `aborts`."""

    region: Region
    rows: tuple[AbortRow, ...]
    note: str = "Any one stops the phase"


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One way back: what was promised, what was measured. `state` is Proven, Missing, Too slow, Not due."""

    number: str
    title: str
    what: str
    promised: str  # "0-5 min"
    state: str
    word: str = ""  # "Rehearsed", "Can't run"
    measured: timedelta | None = None
    measured_at: datetime | None = None
    note: str = ""
    url: str = ""  # the drill form


@dataclass(frozen=True, slots=True)
class LevelsCard:
    """The rollback levels. Partial: `phases/_levels.html`, as `levels`."""

    region: Region
    rows: tuple[LevelRow, ...]
    note: str = ""  # "2 of 4 rehearsed"


@dataclass(frozen=True, slots=True)
class PhasePage:
    """Template `phases/page.html`. `checklist` is to enter; `finish` what must be ticked to end, `exit` measured."""

    head: RolloutHead
    live: Live
    phases: tuple[PhaseLink, ...]
    number: str
    title: str
    objective: str
    verdict: VerdictCard  # slim; its facts: takes, traffic, owner, way back
    checklist: ChecklistCard
    finish: ChecklistCard
    commands: CommandsCard
    exit: ExitCard
    aborts: AbortsCard
    levels: LevelsCard
    step: StepCard
    poll: PollCard
    bar: RollBackBar
    config: str = ""  # opaque text for the service
