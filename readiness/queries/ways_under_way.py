"""The way back that led to the running phase: under way until it is verified, late after what was promised."""

from collections.abc import Iterator
from datetime import datetime

from readiness.core.quantities import format_duration
from readiness.models import Rollback
from readiness.queries.pages.parts import Line
from readiness.queries.scenes import Scene

DONE, UNDER_WAY, LATE = "Done", "Running", "Too slow"


def rollback_state(back: Rollback, now: datetime) -> str:
    """Say where a rollback stands. It is done once it is verified, and late when that was promised for earlier."""
    if back.verified_at is not None:
        return DONE
    return LATE if now > back.due_at else UNDER_WAY


def way_back_state(scene: Scene) -> str:
    """Say where the way back to the running phase stands; empty when none led there."""
    return rollback_state(scene.rows.back, scene.now) if scene.rows.back is not None else ""


def way_back_words(scene: Scene) -> str:
    """The way back isn’t verified yet, promised within 1 min, late since 08:43; or after how long it was."""
    back = scene.rows.back
    if back is None:
        return ""
    promised = f"promised within {format_duration(back.due_at - back.started_at)}"
    if back.verified_at is not None:
        return f"The way back was verified after {format_duration(back.verified_at - back.started_at)}, {promised}"
    level = next((level for level in scene.plan.rollbacks if level.key == back.level), None)
    known = level is not None and level.verify is not None
    said = "isn’t verified yet" if known else "isn’t verified, and the plan names nothing that would verify it"
    late = f", late since {back.due_at:%H:%M}" if scene.now > back.due_at else ""
    return f"The way back {said}, {promised}{late}"


def way_back_lines(scene: Scene) -> Iterator[Line]:
    """Show the way back among what an answer rests on."""
    back, state = scene.rows.back, way_back_state(scene)
    if back is not None:
        slow = back.verified_at is not None and back.verified_at > back.due_at
        yield Line("Way back", way_back_words(scene), LATE if slow else state, url=scene.url("now"))
