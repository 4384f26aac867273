"""Holds: anybody on the rollout stops it with a reason; the caller or the authority lifts it with a reason."""

from datetime import datetime

from django.db import transaction

from readiness.core.audit import Act, Change
from readiness.core.permissions import Right
from readiness.models import Hold
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import refuse_token, require


class NotHeld(LookupError):
    """The hold is not in force."""


def call_hold(rollout_key: str, act: Act, now: datetime, *, reason: str, role: str = "") -> int:
    """Stop a rollout; it stays NO-GO until the hold is lifted."""
    if not reason.strip():
        raise ReasonRequired("Say why, so that others know what to look at before they lift the hold.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        require(rollout, act, Right.CALL_HOLD, now)
        hold = Hold.objects.create(
            rollout=rollout, reason=reason, called_at=now, by_id=act.actor.id, by_name=act.actor.name, by_role=role
        )
        mark_dirty(rollout, now)
        thing = object_ref(hold, rollout, "Hold")
        return append(Change("hold.called", thing, before=None, after=row_state(hold), reason=reason), act)


def lift_hold(rollout_key: str, hold_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """Lift a hold with a reason."""
    refuse_token(act, Right.LIFT_HOLD)
    if not reason.strip():
        raise ReasonRequired("Say what makes it safe to go on.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        hold = Hold.objects.filter(rollout=rollout, pk=hold_id, lifted_at=None).first()
        if hold is None:
            raise NotHeld("This hold was lifted already. Reload to see by whom.")
        if hold.by_id != act.actor.id:
            require(rollout, act, Right.LIFT_HOLD, now)
        before = row_state(hold)
        hold.lifted_at, hold.lifted_by, hold.lift_reason = now, act.actor.name, reason
        hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        mark_dirty(rollout, now)
        thing = object_ref(hold, rollout, "Hold")
        return append(Change("hold.lifted", thing, before=before, after=row_state(hold), reason=reason), act)
