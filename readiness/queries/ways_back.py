"""Ways back: how long each took when it was last taken or practised."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.core.quantities import format_duration
from readiness.models import Rollback
from readiness.queries.commands import absent_artefacts
from readiness.queries.pages.phases import CommandRow, Segment
from readiness.queries.scenes import Scene
from readiness.queries.words import without_stop


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a way back took, when, and by which level."""

    level: str
    took: timedelta
    at: datetime


def measured_ways(scene: Scene) -> dict[str, Measured]:
    """Give the newest measurement of each level: a real rollback that was verified, or a drill of the level."""
    verified = Rollback.objects.filter(rollout=scene.rollout).exclude(verified_at=None).order_by("verified_at")
    found = [
        Measured(row.level, row.verified_at - row.started_at, row.verified_at) for row in verified if row.verified_at
    ]
    for drill in scene.plan.drills:
        ran = scene.rows.drills.get(drill.key)
        if ran is not None and ran.passed and drill.drill is not None and drill.drill.level:
            found.append(Measured(drill.drill.level, ran.took, ran.ran_at + ran.took))
    return {each.level: each for each in sorted(found, key=lambda each: each.at)}


def measured_words(measured: Measured | None) -> str:
    """Say a measurement: 1 min 48 s on 29 Nov."""
    return f"{format_duration(measured.took)} on {measured.at.day} {measured.at:%b}" if measured else ""


def last_way_back(scene: Scene) -> str:
    """Say how long the last measured way back took."""
    ways = measured_ways(scene).values()
    newest = max(ways, key=lambda each: each.at, default=None)
    titles = {level.key: level.title for level in scene.plan.rollbacks}
    return f"{measured_words(newest)}, {titles.get(newest.level, newest.level)}" if newest else "never measured"


def plain_commands(scene: Scene, commands: tuple[str, ...]) -> tuple[CommandRow, ...]:
    """Show commands that stand outside a phase, numbered from 1; one whose file is missing can't run."""
    absent = absent_artefacts(scene)
    rows = []
    for n, run in enumerate(commands, start=1):
        missing = next((each for each in absent if each.path in run), None)
        note = without_stop(missing.detail) if missing else ""
        rows.append(CommandRow(str(n), "", run, (Segment(run, missing is not None),), missing is None, note))
    return tuple(rows)
