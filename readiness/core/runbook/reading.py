"""What a document says, before it becomes a plan: its phases, what they need, and everything that it names."""

from dataclasses import dataclass, field
from enum import StrEnum

from readiness.core.runbook.mentions import Mention
from readiness.core.runbook.page import Book
from readiness.core.runbook.queries import Query

EVERY, CLOSE = "every_phase", "close"


class Use(StrEnum):
    """What has become of a line."""

    PLAN = "plan"
    REFERENCE = "reference"
    FINDING = "finding"


@dataclass(slots=True)
class Stage:
    """A phase as the document describes it. `number` tells it apart from the others."""

    number: str
    title: str
    line: int
    duration: str = ""
    objective: str = ""
    traffic: str = ""
    owner: str = ""
    commands: list[tuple[str, str, int]] = field(default_factory=list)
    config: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """A condition as the document asks for it. `place` is the number of a phase, EVERY, CLOSE, or `gap:N`.

    `list` is enter, succeed, abort or closed_when. A trigger says who `decides` and to which phase it leads `back`.
    `query` is what the same place says measures it.
    """

    text: str
    line: int
    place: str
    list: str
    section: str = ""
    owner: str = ""
    ticked: bool = False
    decides: str = ""
    back: str = ""
    query: str = ""
    against: str = ""
    attested: bool = False


@dataclass(slots=True)
class Way:
    """A way back. `phase` is the number of the phase that describes it, empty for one of all."""

    title: str
    line: int
    phase: str = ""
    within: str = ""
    to: str = ""
    commands: list[tuple[str, int]] = field(default_factory=list)
    recovers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Lack:
    """A gap: what is missing."""

    number: str
    title: str
    line: int
    severity: str = ""
    owner: str = ""
    effort: str = ""
    why: list[str] = field(default_factory=list)
    found_by: list[str] = field(default_factory=list)
    tasks: list[tuple[str, str, int]] = field(default_factory=list)
    blocks: str = ""


@dataclass(slots=True)
class Practice:
    """A drill."""

    title: str
    line: int
    phase: str = ""
    target: str = ""
    expect: str = ""
    restore: str = ""
    commands: list[str] = field(default_factory=list)
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the document says and cannot mean, or that a reader should look at. `lines` begin with its own."""

    code: str
    lines: tuple[int, ...]
    sentence: str


@dataclass(slots=True)
class Ledger:
    """What has become of each line, and what of a placed line was left over."""

    used: dict[int, set[Use]] = field(default_factory=dict)
    rest: list[tuple[int, str]] = field(default_factory=list)

    def put(self, lines: range, use: Use = Use.PLAN) -> None:
        """Say that these lines have become something."""
        for line in lines:
            self.used.setdefault(line, set()).add(use)

    def leave(self, line: int, text: str) -> None:
        """Say what of a line has found no place, although the line has."""
        if text.strip():
            self.rest.append((line, text.strip()))


@dataclass(slots=True)
class Reading:
    """Everything that was read, and the lines that became of it.

    `notes` are what the items inside of another say of it by label (its query, its owner), by the line of the outer
    one. An outer item without notes is there as well. `frames` are lines that are placed with any line inside of them;
    one with a name only where the plan has that name.
    """

    book: Book
    ledger: Ledger = field(default_factory=Ledger)
    frames: list[tuple[range, range, str]] = field(default_factory=list)
    notes: dict[int, dict[str, tuple[str, int]]] = field(default_factory=dict)
    title: str = ""
    summary: str = ""
    service: str = ""
    owner: str = ""
    start: str = ""
    date: str = ""
    stages: list[Stage] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)
    drills: list[Practice] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    mention_places: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    signers: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    boards: dict[str, str] = field(default_factory=dict)
    reviews: list[dict[str, object]] = field(default_factory=list)
    decisions: list[dict[str, object]] = field(default_factory=list)
    alternatives: list[dict[str, object]] = field(default_factory=list)
    lessons: list[str] = field(default_factory=list)
    criteria: list[dict[str, object]] = field(default_factory=list)
    communication: dict[str, object] = field(default_factory=dict)
    escalation: list[tuple[str, str]] = field(default_factory=list)

    def close_frames(self) -> None:
        """Place headings, fences and heads of tables with what stands in them; the innermost first."""
        used = self.ledger.used
        things: list[Stage | Way | Lack | Practice] = [*self.stages, *self.ways, *self.lacks, *self.drills]
        for thing in things:
            self.ledger.put(range(thing.line, thing.line + 1))
        named = {wish.section for wish in self.wishes} | {query.title for query in self.queries}
        named |= {title for stage in self.stages for title, _, _ in stage.commands}
        for lines, inside, name in reversed(self.frames):
            if any(line in used for line in inside) and (not name or name in named):
                self.ledger.put(lines)

    def unplaced(self) -> list[tuple[int, str]]:
        """Every line, or part of one, that has found no place."""
        lines = self.book.lines
        whole = [
            (n, text.strip()) for n, text in enumerate(lines, start=1) if text.strip() and n not in self.ledger.used
        ]
        return sorted([*whole, *self.ledger.rest])
