"""The way back from a phase: end its run, answer what fired in it, start the clock, begin the phase it leads to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from readiness.core.audit import Act, ObjectRef, RowChange
from readiness.core.codec import Plain
from readiness.core.phases import Move, find_phase, roll_back_target
from readiness.core.plan import Plan, RollbackLevel
from readiness.models import Firing, PhaseRun, Rollback, Rollout
from readiness.queries.states import row_state
from readiness.services.flag_states import lower_flags
from readiness.services.observations import sync_observations
from readiness.services.overrides import end_asked
from readiness.services.recording import change_rows, mark_dirty, object_ref, row_changed
from readiness.services.runs import begin_run, end_run, forget_successes

REASON_DUE = timedelta(minutes=60)


class NoSuchLevel(LookupError):
    """The plan has no such rollback level, or the level leads to no phase."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """A run to be ended by a level, and how: rolled back by a person, or aborted by automation."""

    plan: Plan
    run: PhaseRun
    level: RollbackLevel
    move: Move
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A way back that was taken: the rollback as the object of its entry, and every other row that changed."""

    thing: ObjectRef
    after: dict[str, Plain]
    rows: tuple[RowChange, ...]


def take_way_back(rollout: Rollout, way: WayBack, act: Act, now: datetime) -> Taken:
    """Take a way back inside the caller's transaction; the caller appends the entry."""
    plan, run, level = way.plan, way.run, way.level
    target = find_phase(plan, roll_back_target(plan, run.phase, level.to))
    if target is None:
        raise NoSuchLevel(f"Level “{level.title}” leads to {level.to}, which the plan does not have.")
    left = (*end_run(rollout, way.move, now), *_answer_firings(run, act, way.reason, now), *end_asked(rollout, now))
    back = _keep_rollback(way, target.key, act, now)
    forgotten = forget_successes(rollout, target, now)
    begun = row_changed(begin_run(rollout, target, act, now))
    rows = (*left, *forgotten, begun, *lower_flags(rollout, plan, target, level, act, now))
    sync_observations(rollout, plan, target.key, now)
    mark_dirty(rollout, now)
    return Taken(object_ref(back, rollout, f"{level.title}: back to {target.title}"), row_state(back), rows)


def _answer_firings(run: PhaseRun, act: Act, reason: str, now: datetime) -> tuple[RowChange, ...]:
    who = {"by_id": act.actor.id, "by_name": act.actor.name}
    firings = Firing.objects.filter(run=run, answer="")
    return change_rows(firings, answer=Firing.ROLLED_BACK, reason=reason, answered_at=now, **who)


def _keep_rollback(way: WayBack, to_phase: str, act: Act, now: datetime) -> Rollback:
    return Rollback.objects.create(
        rollout_id=way.run.rollout_id,
        run=way.run,
        level=way.level.key,
        to_phase=to_phase,
        reason=way.reason,
        reason_due_at=now + REASON_DUE,
        started_at=now,
        due_at=now + way.level.within,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )
