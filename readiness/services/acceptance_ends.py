"""End a request to accept a row that differs: whoever asked takes it back, or the second person declines.

Nothing is accepted by either, so the row stands in the way as before; neither needs the password.
"""

from datetime import datetime

from django.db import transaction

from readiness.core.acceptance import completes, seats_sentence
from readiness.core.audit import Act, ActorType, Change, ChannelKind
from readiness.core.permissions import Right
from readiness.models import Acceptance, Rollout
from readiness.queries.acceptances import concerned_rollout
from readiness.queries.replays import row_title
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.differences import NotAskedFor, require_seat
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, object_ref
from readiness.services.rights import NotAllowed, refuse_token

ENDINGS = {Acceptance.WITHDRAWN: "difference.withdrawn", Acceptance.DECLINED: "difference.declined"}


def withdraw_acceptance(rollout_key: str, acceptance_id: int, act: Act, now: datetime, *, reason: str = "") -> int:
    """Take back what one asked for oneself, so that nobody can accept it any more."""
    _require_person(act)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        row = _asked(rollout, acceptance_id)
        if row.by_id != act.actor.id:
            raise NotAllowed(f"Only {row.by_name} can take this back. You can decline it instead.")
        return _end(rollout, row, Acceptance.WITHDRAWN, act, now, reason)


def decline_acceptance(rollout_key: str, acceptance_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """Decline what somebody else asked for; whoever could accept it may."""
    _require_person(act)
    if not reason.strip():
        raise ReasonRequired("Say why it may not stay as it is, so that they know what to do instead.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        row = _asked(rollout, acceptance_id)
        if row.by_id == act.actor.id:
            raise NotAllowed("You asked for this yourself. You can take it back instead.")
        of = concerned_rollout(row)
        if not completes(row.by_seats.split(), require_seat(rollout, of, act, now), of):
            raise NotAllowed(f"{seats_sentence(of)} {row.by_name} asked; you don’t hold the other part.")
        return _end(rollout, row, Acceptance.DECLINED, act, now, reason)


def _require_person(act: Act) -> None:
    refuse_token(act, Right.ACCEPT)
    if act.actor.type is not ActorType.USER or act.channel.kind is not ChannelKind.WEB:
        raise NotAllowed("Only a person who is signed in on the board may end this.")


def _asked(rollout: Rollout, acceptance_id: int) -> Acceptance:
    open_ones = Acceptance.objects.filter(rollout=rollout, accepted_at=None, replaced_at=None, ended_at=None)
    row = open_ones.filter(pk=acceptance_id).first()
    if row is None:
        raise NotAskedFor("This is no longer asked for. Reload to see what became of it.")
    return row


def _end(rollout: Rollout, row: Acceptance, end: str, act: Act, now: datetime, reason: str) -> int:
    before = row_state(row)
    row.ended_at, row.end, row.end_reason = now, end, reason.strip()
    row.ended_by_id, row.ended_by_name = act.actor.id, act.actor.name
    row.save(update_fields=["ended_at", "end", "end_reason", "ended_by_id", "ended_by_name"])
    thing = object_ref(row, rollout if concerned_rollout(row) else None, row_title(row.type, row.row))
    return append(Change(ENDINGS[end], thing, before, row_state(row), row.end_reason), act)
