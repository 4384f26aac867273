"""Sources: keep whether each answers, and leave one alone for a while that does not.

A source that stays silent three times in a row is asked again after 15 and then every 30 seconds, with one question
first. Meanwhile what rests on it grows stale by itself. As soon as it answers, everything of it is due.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from readiness.core.pace import wait_after
from readiness.models import Observation, Rollout, SourceState

MOST_STRUGGLING = 4
_struggling = BoundedSemaphore(MOST_STRUGGLING)


@dataclass(frozen=True, slots=True)
class SourceTold:
    """How a source behaved in one refresh: why it was silent (empty when it answered), and how long everything took."""

    key: str
    silence: str
    took: timedelta


def note_source(rollout: Rollout, told: SourceTold, now: datetime) -> None:
    """Keep how a source behaved, and say when it is asked again where that changes."""
    state, _ = SourceState.objects.get_or_create(rollout=rollout, key=told.key)
    mine = Observation.objects.filter(rollout=rollout, source=told.key)
    if told.silence:
        state.failures += 1
        state.silent_since = state.silent_since or now
        state.message = told.silence
        wait = wait_after(state.failures)
        state.retry_at = now + wait if wait is not None else None
        if state.retry_at is not None:
            mine.filter(next_due_at__lt=state.retry_at).update(next_due_at=state.retry_at)
    else:
        if state.retry_at is not None:
            mine.exclude(collected_at=now).update(next_due_at=now)
        state.failures, state.silent_since, state.message, state.retry_at = 0, None, "", None
        state.answered_at, state.took = now, told.took
    state.save()


@contextmanager
def room_for(struggling: bool) -> Iterator[bool]:
    """Say whether a source may be asked now: of those that struggle only a few at once hold up a worker."""
    has_room = not struggling or _struggling.acquire(blocking=False)
    try:
        yield has_room
    finally:
        if struggling and has_room:
            _struggling.release()
