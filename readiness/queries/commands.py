"""Commands: shown and checked, never run by us. A path that a check did not find marks the command."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from readiness.core.conditions import Condition
from readiness.core.phases import CLOSE
from readiness.core.plan import Phase, RollbackLevel
from readiness.core.plan_paths import checked_path
from readiness.core.types import CheckObservation, Finding, Trouble
from readiness.models import PhaseRun
from readiness.queries.pages.parts import Link
from readiness.queries.pages.phases import CommandRow, CommandsCard, Segment
from readiness.queries.scenes import Scene
from readiness.queries.sheets import phase_commands
from readiness.queries.words import join_words, without_stop


@dataclass(frozen=True, slots=True)
class Absent:
    """An artefact that a check did not find: its path, what was said of it, and the gap that tracks it."""

    path: str
    detail: str
    gap: Link | None


def fill_commands(scene: Scene, phase: Phase) -> CommandsCard:
    """Show the commands of a phase; those of one that was entered were confirmed by whoever entered it."""
    run = PhaseRun.objects.filter(rollout=scene.rollout, phase=phase.key).order_by("-number").first()
    absent = absent_artefacts(scene)
    rows = tuple(_checked(row, absent) for row in phase_commands(phase))
    if run is not None and phase.key != CLOSE:
        rows = tuple(replace(row, confirmed_by=run.by_name, confirmed_at=run.entered_at) for row in rows)
    can = sum(row.can_run for row in rows)
    return CommandsCard(scene.region("commands"), rows, f"{can} of {len(rows)} can run" if rows else "")


def _checked(row: CommandRow, absent: tuple[Absent, ...]) -> CommandRow:
    found = next((each for each in absent if each.path in row.run), None)
    if found is None:
        return row
    segments = tuple(_segments(row.run, [each.path for each in absent]))
    return replace(row, segments=segments, can_run=False, note=without_stop(found.detail), gap=found.gap)


def _segments(run: str, paths: list[str]) -> Iterator[Segment]:
    pattern = "|".join(re.escape(path) for path in sorted(paths, key=len, reverse=True))
    for part in re.split(f"({pattern})", run):
        if part:
            yield Segment(part, part in paths)


def absent_artefacts(scene: Scene) -> tuple[Absent, ...]:
    """Give every file that the plan's checks or commands look for and that was not found."""
    found: dict[str, Absent] = {}
    for condition in (*scene.plan.checks, *scene.plan.implied):
        seen: CheckObservation | None = scene.facts_of(condition).check
        path = checked_path(condition)
        if path and seen is not None and seen.trouble is Trouble.NONE and seen.finding is Finding.MISSING:
            found.setdefault(path, Absent(path, seen.detail, _gap_of(scene, path)))
    return tuple(found.values())


def absent_others(scene: Scene) -> tuple[tuple[Condition, str], ...]:
    """Give every check that found nothing, looks for no file and closes no gap, with what was said of it."""
    tracked = {c.key for gap in scene.plan.gaps for c in gap.closed_when if c.check is not None}
    found = []
    for condition in scene.plan.checks:
        seen = scene.facts_of(condition).check
        missing = seen is not None and seen.trouble is Trouble.NONE and seen.finding is Finding.MISSING
        if seen is not None and missing and not checked_path(condition) and condition.key not in tracked:
            found.append((condition, seen.detail))
    return tuple(found)


def _gap_of(scene: Scene, path: str) -> Link | None:
    """The gap that tracks a path: one of its conditions looks for it, or for a folder that it is in."""
    for gap in scene.plan.gaps:
        tracked = [checked_path(condition) for condition in gap.closed_when]
        if any(each == path or (each.endswith("/") and path.startswith(each)) for each in tracked):
            return Link(f"Gap “{gap.title}”", f"{scene.url('gaps')}#gap-{gap.key}")
    return None


def level_trouble(scene: Scene, level: RollbackLevel) -> str:
    """Say which files the commands of a level need and nobody has; nothing when none is known to be missing."""
    run = " ".join(level.commands)
    missing = [each.path.rpartition("/")[2] for each in absent_artefacts(scene) if each.path in run]
    return f"{join_words(missing)} missing" if missing else ""
