"""Importing a plan: what is wrong with it, or what it would change."""

from dataclasses import dataclass

from readiness.queries.pages.parts import Change, Fact, Line


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
