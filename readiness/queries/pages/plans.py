"""Importing a plan: what is wrong with it, or what it would change."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.board import RollBackBar
from readiness.queries.pages.parts import Change, Fact, Line, RolloutHead


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing that is wrong: where, what was found, what is allowed. A warning does not stop the import."""

    line: int
    path: str  # phases[2].succeed[0].gate
    found: str
    allowed: str
    suggestion: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What importing would do."""

    key: str
    title: str
    version: int  # the one it would become; 1 for a new rollout
    digest: str
    counts: tuple[Fact, ...]  # phases, conditions, gates, gaps
    changes: tuple[Change, ...] = ()
    voids: tuple[Line, ...] = ()  # signatures that it touches
    involved: tuple[Line, ...] = ()  # what the importer could then not sign for, and what nobody else has signed
    unchanged: bool = False
    why_not: str = ""  # why the reader may not import it


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a plan, and where it is shown."""

    number: int
    digest: str
    by: str
    at: datetime
    url: str
    current: bool = False  # it is the one that is shown
    in_force: bool = False


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Template `plans/page.html`: one version, what it changed, and what was decided before; nothing of it counts."""

    head: RolloutHead
    title: str  # Version 3
    sentence: str  # what of it counts
    counts: tuple[Fact, ...]
    changes: tuple[Change, ...]
    versions: tuple[VersionRow, ...]
    file_url: str  # the file as it was imported
    decisions: tuple[Line, ...] = ()
    alternatives: tuple[Line, ...] = ()
    criteria: tuple[Line, ...] = ()
    lessons: tuple[Line, ...] = ()
    bar: RollBackBar | None = None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Template `plans/import.html`. Form `form`: `file`, `text`; buttons `preview`, then `confirm` with `digest`."""

    action: str
    cancel_url: str
    problems: tuple[PlanProblem, ...] = ()
    preview: PlanPreview | None = None
    text: str = ""  # what is being imported, carried to the confirmation
    max_size: str = "1 MB"
    schema_url: str = ""
