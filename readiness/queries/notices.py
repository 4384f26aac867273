"""What to know about the running phase beside its verdict: that it is late, that its closer watch is on."""

from datetime import timedelta

from readiness.core.watches import is_watched
from readiness.queries.scenes import Scene
from readiness.queries.words import lower_first, phase_length, rough_length


def late_notice(scene: Scene) -> str:
    """Say that the running phase has taken longer than planned; nothing while it has not. Being late blocks nothing."""
    run, phase = scene.rows.run, scene.running
    if run is None or phase is None or phase.late_after is None or scene.now - run.entered_at <= phase.late_after:
        return ""
    ran = rough_length(scene.now - run.entered_at)
    return f"Late: {lower_first(phase.title)} has run {ran}, planned at most {phase_length(phase.late_after)}"


def watch_notice(scene: Scene) -> str:
    """Say that the closer watch is on and how much of it is left; nothing once it is over."""
    run = scene.facts.running
    if run is None or not is_watched(run):
        return ""
    return f"Closer watch for {rough_length(timedelta(seconds=run.watch_s - run.dwelt_s))} more"


def running_notices(scene: Scene) -> str:
    """Both in one line."""
    return ". ".join(filter(None, [late_notice(scene), watch_notice(scene)]))
