"""Abort triggers: keep when one fired and when it cleared, and what its decider answered."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from readiness.core.aborts import (
    AUTOMATION,
    LONGEST_ANSWER,
    TriggerState,
    describe_trigger,
    trigger_breach,
    trigger_doubt,
    trigger_state,
)
from readiness.core.audit import Act, Change, RowChange
from readiness.core.facts import Facts, TriggerFacts
from readiness.core.permissions import Right
from readiness.models import Firing, PhaseRun
from readiness.queries.conditions import find_condition
from readiness.queries.rows import Rows
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import change_rows, lock_rollout, mark_dirty, object_ref, row_changed
from readiness.services.rights import NotAllowed, require


class NothingToAnswer(LookupError):
    """The trigger has been answered already."""


class UntilUnfit(ValueError):
    """An answer that ends in the past, or too far ahead."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What was noted of the triggers: the paths that began to fire, those that cleared, and the rows that say so."""

    began: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    rows: tuple[RowChange, ...] = ()


def note_firings(rows: Rows, facts: Facts, now: datetime) -> Noted:
    """Keep a row for each trigger that begins to fire, and close those that cleared."""
    run, running = rows.run, [trigger for trigger in facts.triggers if trigger.running]
    if run is None:
        return Noted()
    began = [trigger for trigger in running if _begins(trigger, now)]
    cleared = [trigger.facts.condition.path for trigger in running if _clears(trigger, now)]
    fired = [row_changed(_keep_firing(run, trigger, now)) for trigger in began]
    open_rows = Firing.objects.filter(run=run, path__in=cleared, cleared_at=None)
    paths = tuple(trigger.facts.condition.path for trigger in began)
    return Noted(paths, tuple(cleared), (*fired, *change_rows(open_rows, cleared_at=now)))


def _is_open(trigger: TriggerFacts) -> bool:
    return any(firing.cleared_at is None for firing in trigger.firings)


def _begins(trigger: TriggerFacts, now: datetime) -> bool:
    return trigger_state(trigger, now) is TriggerState.FIRING and not _is_open(trigger)


def _clears(trigger: TriggerFacts, now: datetime) -> bool:
    return _is_open(trigger) and not trigger_doubt(trigger, now) and not trigger_breach(trigger, now)[0]


def _keep_firing(run: PhaseRun, trigger: TriggerFacts, now: datetime) -> Firing:
    path, found = trigger.facts.condition.path, describe_trigger(trigger, now)
    return Firing.objects.create(run=run, path=path, found=found, fired_at=now)


def answer_firing(
    rollout_key: str, firing_id: int, act: Act, now: datetime, *, continue_until: datetime, reason: str
) -> int:
    """Answer a trigger that fired with "continue until …, because …". Its decider may; automation's never.

    It may reach a day ahead at most, so that nobody goes on over a limit for longer without being asked again.
    """
    if not reason.strip():
        raise ReasonRequired("Say why it may go on, so that others can follow it.")
    if not now < continue_until <= now + LONGEST_ANSWER:
        latest = f"{now + LONGEST_ANSWER:%Y-%m-%d %H:%M} UTC"
        raise UntilUnfit(f"Say until when it may go on: the time must lie ahead, and by {latest}, a day from now.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        firing = Firing.objects.filter(run__rollout=rollout, pk=firing_id, answer="").first()
        if firing is None:
            raise NothingToAnswer("This trigger has been answered already. Reload to see by whom.")
        condition = find_condition(rollout, firing.path)
        decider = condition.abort.decided_by if condition is not None and condition.abort is not None else ""
        if decider == AUTOMATION:
            raise NotAllowed("Automation decides this trigger, so nobody may continue over it. Roll back instead.")
        require(rollout, act, Right.ANSWER, now, owner=decider)
        before = row_state(firing)
        firing.answer, firing.reason, firing.continue_until = Firing.CONTINUE, reason, continue_until
        firing.answered_at, firing.by_id, firing.by_name = now, act.actor.id, act.actor.name
        firing.save()
        mark_dirty(rollout, now)
        thing = object_ref(firing, rollout, condition.title if condition is not None else firing.path)
        return append(Change("trigger.continued", thing, before=before, after=row_state(firing), reason=reason), act)
