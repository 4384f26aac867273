"""Dwell: count how long each running phase has lasted, by the database's clock, and record where that clock jumped."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from readiness.core.audit import Act, Change
from readiness.core.codec import to_plain
from readiness.core.phases import RunState, find_phase
from readiness.models import DwellClock
from readiness.queries.plans import load_plan
from readiness.services.audit import append
from readiness.services.recording import lock_rollout, object_ref

LONGEST_TICK = timedelta(minutes=5)
SHORTEST_TICK = timedelta(seconds=1)


def count_dwell(now: datetime, act: Act) -> None:
    """Count the time since the last tick towards every running phase; `now` is the database's.

    A step back of the clock stops the count, and so does a gap of over five minutes: time without a tick is not proven.
    A gap or a step of over five minutes becomes an entry, because it is why a phase lasts longer than its calendar.
    """
    for clock in DwellClock.objects.filter(run__state=RunState.RUNNING).select_related("run__rollout"):
        elapsed = now - clock.ticked_at
        if abs(elapsed) > LONGEST_TICK:
            _start_again(clock, now, act)
        elif elapsed <= timedelta(0):
            _move(clock, 0, now)
        elif elapsed >= SHORTEST_TICK:
            seconds = int(elapsed.total_seconds())
            _move(clock, seconds, clock.ticked_at + timedelta(seconds=seconds))


def _move(clock: DwellClock, seconds: int, ticked_at: datetime) -> bool:
    """Count seconds and move the clock, unless another worker has moved it since it was read."""
    same = DwellClock.objects.filter(pk=clock.pk, ticked_at=clock.ticked_at)
    return bool(same.update(counted_s=F("counted_s") + seconds, ticked_at=ticked_at))


def _start_again(clock: DwellClock, now: datetime, act: Act) -> None:
    with transaction.atomic():
        rollout = lock_rollout(clock.run.rollout.key)
        if not _move(clock, 0, now):
            return
        phase = find_phase(load_plan(rollout), clock.run.phase)
        thing = object_ref(clock, rollout, phase.title if phase else clock.run.phase)
        before, after = ({"ticked_at": to_plain(at)} for at in (clock.ticked_at, now))
        append(Change("dwell.interrupted", thing, before, after), act)
