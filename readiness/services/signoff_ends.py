"""What ends a sign-off: its facts changed, or somebody took it back. The sign-off itself stays as it was."""

from datetime import datetime

from django.db import transaction

from readiness.core.audit import Act, Change
from readiness.core.case import open_case
from readiness.core.facts import Facts
from readiness.core.permissions import Right
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Question
from readiness.models import Rollout, SignOff, SignOffEnd
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, mark_dirty, object_ref, row_changed
from readiness.services.rights import NotAllowed, refuse_token


class NotStanding(LookupError):
    """The sign-off no longer stands, or never did."""


def void_sign_offs(rollout: Rollout, facts: Facts, act: Act, now: datetime) -> int:
    """Void each signature whose material has changed, once, for good; return how many."""
    voided = 0
    for station in open_case(facts, Question.ENTER, now).stations:
        signature = station.signature
        if station.answer is PollAnswer.VOID and signature is not None and not signature.voided and signature.go:
            _end(rollout, SignOff.objects.get(pk=signature.id), SignOffEnd.VOID, station.why, act, now)
            voided += 1
    return voided


def revoke_sign_off(rollout_key: str, sign_off_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """Take back one's own answer, with a reason."""
    refuse_token(act, Right.SIGN)
    if not reason.strip():
        raise ReasonRequired("Say why you take it back. Both entries stay in the record.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        row = SignOff.objects.filter(rollout=rollout, pk=sign_off_id, end=None).first()
        if row is None:
            raise NotStanding("This sign-off no longer stands, so there is nothing to take back.")
        if row.by_id != act.actor.id:
            raise NotAllowed(f"Only {row.by_name} can take this answer back.")
        seq = _end(rollout, row, SignOffEnd.REVOKED, reason, act, now)
        mark_dirty(rollout, now)
        return seq


def _end(rollout: Rollout, row: SignOff, kind: str, why: str, act: Act, now: datetime) -> int:
    end = SignOffEnd.objects.create(
        sign_off=row, kind=kind, why=why, ended_at=now, by_id=act.actor.id, by_name=act.actor.name
    )
    thing = object_ref(row, rollout, row.role)
    action = "sign_off.voided" if kind == SignOffEnd.VOID else "sign_off.revoked"
    return append(Change(action, thing, reason=why, also=(row_changed(end),)), act)
