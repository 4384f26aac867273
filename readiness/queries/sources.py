"""Sources that do not answer at the moment."""

from readiness.models import Rollout, SourceState
from readiness.queries.pages.board import SilentSource
from readiness.queries.scenes import Scene
from readiness.queries.words import upper_first


def load_struggling(rollout: Rollout) -> frozenset[str]:
    """Name the sources that did not answer when they were last asked."""
    return frozenset(SourceState.objects.filter(rollout=rollout, failures__gt=0).values_list("key", flat=True))


def silent_sources(scene: Scene) -> tuple[SilentSource, ...]:
    """Tell of the sources that do not answer: since when, why, and when each is asked again."""
    rows = SourceState.objects.filter(rollout=scene.rollout, failures__gt=0).order_by("key")
    return tuple(
        SilentSource(upper_first(row.key), row.message, row.silent_since, row.retry_at)
        for row in rows
        if row.silent_since is not None
    )
