"""Waivers: one person asks to excuse a condition for a time, another who may waive grants or declines it.

Any member may ask, because asking excuses nothing. Shell and tokens can do none of this.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from readiness.core.assess import assess_condition
from readiness.core.audit import Act, Change, RowChange
from readiness.core.facts import ConditionFacts
from readiness.core.permissions import Right
from readiness.core.quantities import format_duration
from readiness.core.types import Outcome
from readiness.core.waivers import LONGEST_WAIVER, lapsed_because, may_be_waived, waived_definition
from readiness.models import Rollout, Waiver
from readiness.queries.conditions import find_condition
from readiness.queries.facts import condition_facts
from readiness.queries.plans import load_plan
from readiness.queries.rows import load_rows
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, mark_dirty, object_ref, row_changed
from readiness.services.rights import NotAllowed, refuse_token, require, require_reauthentication

ENDINGS = {
    Waiver.DECLINED: "waiver.declined",
    Waiver.WITHDRAWN: "waiver.withdrawn",
    Waiver.REVOKED: "waiver.revoked",
}


class NoSuchCondition(LookupError):
    """The plan has no condition at this path."""


class NotWaivable(Exception):
    """This cannot be waived, or need not be."""


class AlreadyAsked(Exception):
    """Somebody asked for this waiver first."""


class NotOpen(LookupError):
    """The waiver was decided, taken back, or has run out."""


class MeasureRequired(ValueError):
    """A waiver needs something that is done instead."""


class ExpiryUnfit(ValueError):
    """A waiver ends in the future, and soon."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: why, what is done instead, and until when."""

    reason: str
    measure: str
    expires_at: datetime


def ask_waiver(rollout_key: str, path: str, terms: Terms, act: Act, now: datetime) -> int:
    """Ask to waive a condition until a moment; it excuses nothing until somebody else grants it."""
    _check_terms(terms, now)
    try:
        with transaction.atomic():
            rollout = lock_rollout(rollout_key)
            require(rollout, act, Right.ASK_WAIVER, now)
            facts = _waivable(rollout, path, now)
            replaced = _make_room(rollout, facts, act, now)
            row = Waiver.objects.create(
                rollout=rollout,
                path=path,
                title=facts.condition.title,
                definition=waived_definition(facts),
                rehearsal=load_plan(rollout).rehearsal,
                reason=terms.reason.strip(),
                measure=terms.measure.strip(),
                expires_at=terms.expires_at,
                asked_at=now,
                by_id=act.actor.id,
                by_name=act.actor.name,
            )
            mark_dirty(rollout, now)
            thing = object_ref(row, rollout, row.title)
            return append(Change("waiver.asked", thing, None, row_state(row), row.reason, also=replaced), act)
    except IntegrityError:
        raise AlreadyAsked("Somebody asked for this waiver before you. Reload to see theirs.") from None


def grant_waiver(rollout_key: str, waiver_id: int, act: Act, now: datetime) -> int:
    """Grant what somebody else asked for, after proving who one is: the condition is waived from now on."""
    refuse_token(act, Right.WAIVE)
    require_reauthentication(act)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        row = _asked(rollout, waiver_id)
        require(rollout, act, Right.WAIVE, now)
        if row.by_id == act.actor.id and not row.rehearsal:
            raise NotAllowed("You asked for this waiver yourself; somebody else who may waive grants it.")
        if lapsed := lapsed_because(_condition_of(rollout, row.path), row.definition, row.expires_at, now):
            raise NotOpen(f"This can’t be granted any more: {lapsed}. Decline it; they can ask again.")
        before = row_state(row)
        row.granted_at, row.granted_by_id, row.granted_by_name = now, act.actor.id, act.actor.name
        row.save(update_fields=["granted_at", "granted_by_id", "granted_by_name"])
        mark_dirty(rollout, now)
        return append(Change("waiver.granted", object_ref(row, rollout, row.title), before, row_state(row)), act)


def decline_waiver(rollout_key: str, waiver_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """Decline what somebody asked for, with a reason; whoever may waive may decline."""
    if not reason.strip():
        raise ReasonRequired("Say why you decline it, so that they know what to do instead.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        row = _asked(rollout, waiver_id)
        require(rollout, act, Right.WAIVE, now)
        return _end(rollout, row, Waiver.DECLINED, act, now, reason)


def revoke_waiver(rollout_key: str, waiver_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """End a waiver, granted or only asked for, with a reason; who asked, who granted, and whoever may waive can."""
    refuse_token(act, Right.WAIVE)
    if not reason.strip():
        raise ReasonRequired("Say why it ends. Everyone on this rollout will read it.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        row = Waiver.objects.filter(rollout=rollout, pk=waiver_id, ended_at=None).first()
        if row is None:
            raise NotOpen("This waiver has ended already. Reload to see how.")
        if act.actor.id not in (row.by_id, row.granted_by_id):
            require(rollout, act, Right.WAIVE, now)
        end = Waiver.REVOKED if row.granted_at is not None else Waiver.WITHDRAWN
        return _end(rollout, row, end, act, now, reason)


def _check_terms(terms: Terms, now: datetime) -> None:
    if not terms.reason.strip():
        raise ReasonRequired("Say why this can’t be met in time.")
    if not terms.measure.strip():
        raise MeasureRequired("Say what you do instead while it is waived.")
    if terms.expires_at <= now:
        raise ExpiryUnfit("It must end in the future. Give a later time.")
    if terms.expires_at > now + LONGEST_WAIVER:
        longest = format_duration(LONGEST_WAIVER)
        raise ExpiryUnfit(
            f"A waiver lasts at most {longest}. Give a time before {now + LONGEST_WAIVER:%Y-%m-%d %H:%M}."
        )


def _condition_of(rollout: Rollout, path: str) -> ConditionFacts:
    condition = find_condition(rollout, path)
    if condition is None:
        raise NoSuchCondition(f"The plan of {rollout.key} has no condition {path}. Go back and choose one.")
    return condition_facts(load_rows(rollout), condition)


def _waivable(rollout: Rollout, path: str, now: datetime) -> ConditionFacts:
    facts = _condition_of(rollout, path)
    if not load_plan(rollout).authority.waive:
        raise NotWaivable("The plan names nobody under authority: waive, so nobody could grant this.")
    if not may_be_waived(facts.condition):
        raise NotWaivable(f"“{facts.condition.title}” is an abort trigger, and those are never waived.")
    if assess_condition(facts, now).outcome is Outcome.MET:
        raise NotWaivable(f"“{facts.condition.title}” is met, so there is nothing to waive.")
    return facts


def _make_room(rollout: Rollout, facts: ConditionFacts, act: Act, now: datetime) -> tuple[RowChange, ...]:
    """End the open waiver of a condition when it counts no more; refuse while it does."""
    row = Waiver.objects.filter(rollout=rollout, path=facts.condition.path, ended_at=None).first()
    if row is None:
        return ()
    lapsed = lapsed_because(facts, row.definition, row.expires_at, now)
    if not lapsed and row.rehearsal == load_plan(rollout).rehearsal:
        asked = "is waived already" if row.granted_at else f"is what {row.by_name} asked to waive already"
        raise AlreadyAsked(f"“{row.title}” {asked}. That waiver has to end before another is asked for.")
    before = row_state(row)
    _mark_ended(row, Waiver.REPLACED, act, now, "")
    return (row_changed(row, before),)


def _asked(rollout: Rollout, waiver_id: int) -> Waiver:
    plan = load_plan(rollout)
    asked = Waiver.objects.filter(rollout=rollout, ended_at=None, granted_at=None, rehearsal=plan.rehearsal)
    row = asked.filter(pk=waiver_id).first()
    if row is None:
        raise NotOpen("This waiver is no longer asked for. Reload to see what became of it.")
    return row


def _end(rollout: Rollout, row: Waiver, end: str, act: Act, now: datetime, reason: str) -> int:
    before = row_state(row)
    _mark_ended(row, end, act, now, reason.strip())
    mark_dirty(rollout, now)
    thing = object_ref(row, rollout, row.title)
    return append(Change(ENDINGS[end], thing, before, row_state(row), row.end_reason), act)


def _mark_ended(row: Waiver, end: str, act: Act, now: datetime, reason: str) -> None:
    row.ended_at, row.end, row.end_reason = now, end, reason
    row.ended_by_id, row.ended_by_name = act.actor.id, act.actor.name
    row.save(update_fields=["ended_at", "end", "end_reason", "ended_by_id", "ended_by_name"])
