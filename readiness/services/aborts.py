"""Abort triggers: keep when one fired and when it cleared, and what its decider answered."""

from datetime import datetime

from django.db import transaction

from readiness.core.aborts import (
    AUTOMATION,
    TriggerState,
    describe_trigger,
    trigger_breach,
    trigger_doubt,
    trigger_state,
)
from readiness.core.audit import Act, Change
from readiness.core.facts import Facts, TriggerFacts
from readiness.core.permissions import Right
from readiness.models import Firing, PhaseRun
from readiness.queries.conditions import find_condition
from readiness.queries.rows import Rows
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, mark_dirty, object_ref, row_state
from readiness.services.rights import NotAllowed, require


class NothingToAnswer(LookupError):
    """The trigger has been answered already."""


def note_firings(rows: Rows, facts: Facts, now: datetime) -> list[str]:
    """Keep a row for each trigger that begins to fire, close those that cleared; return the paths that began."""
    if rows.run is None:
        return []
    began: list[str] = []
    for trigger in facts.triggers:
        if trigger.running and _note(rows.run, trigger, now):
            began.append(trigger.facts.condition.path)
    return began


def _note(run: PhaseRun, trigger: TriggerFacts, now: datetime) -> bool:
    path = trigger.facts.condition.path
    uncleared = any(firing.cleared_at is None for firing in trigger.firings)
    if trigger_state(trigger, now) is TriggerState.FIRING and not uncleared:
        Firing.objects.create(run=run, path=path, found=describe_trigger(trigger, now), fired_at=now)
        return True
    if uncleared and not trigger_doubt(trigger, now) and not trigger_breach(trigger, now)[0]:
        Firing.objects.filter(run=run, path=path, cleared_at=None).update(cleared_at=now)
    return False


def answer_firing(
    rollout_key: str, firing_id: int, act: Act, now: datetime, *, continue_until: datetime, reason: str
) -> int:
    """Answer a trigger that fired with "continue until …, because …". Its decider may; automation's never."""
    if not reason.strip() or continue_until <= now:
        raise ReasonRequired("Say why it may go on, and until when; the time must lie ahead.")
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
