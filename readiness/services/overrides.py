"""Break-glass: enter the next phase without GO. One person asks, another confirms in time, the authority closes it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from readiness.core.audit import Act, ActorType, Change, ChannelKind, RowChange, Signature
from readiness.core.facts import Facts
from readiness.core.overrides import ASKED_FOR, override_refused, record_problem
from readiness.core.permissions import Right, has_right, refusal
from readiness.core.phases import Move, find_phase
from readiness.core.plan import Plan
from readiness.core.reasons import reason_sentence
from readiness.core.types import Person, Question, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import Override, PhaseRun, Rollout
from readiness.queries.facts import load_facts
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.flag_states import authorise_flags
from readiness.services.gaps import ReasonRequired
from readiness.services.grounds import keep_grounds
from readiness.services.observations import sync_observations
from readiness.services.recording import change_rows, lock_rollout, mark_dirty, object_ref, row_changed
from readiness.services.rights import NotAllowed, person_of, require, require_reauthentication
from readiness.services.runs import begin_run, end_run, forget_successes, require_confirmed, require_next


class NotOverridable(Exception):
    """Breaking glass cannot do this; the message says why."""


class AlreadyAsked(Exception):
    """Somebody asked for it already, and that still counts."""


class NotAsked(LookupError):
    """Nothing that was asked for waits any more."""


class NotOverridden(LookupError):
    """The override is not open: the phase was never entered by it, or it is closed."""


def ask_override(rollout_key: str, phase_key: str, act: Act, now: datetime, *, reason: str) -> int:
    """Ask to enter the next phase without GO; a second person has 30 minutes to confirm."""
    _in_person(act)
    _in_words(reason, "Say why this can’t wait for GO. It stays in the record.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        require(rollout, act, Right.ASK_OVERRIDE, now)
        facts = load_facts(rollout, Question.ENTER)
        phase = require_next(rollout, facts, phase_key)
        _somebody_may(load_plan(rollout))
        _overridable(facts, now)
        waiting = Override.objects.filter(rollout=rollout, run=None, withdrawn_at=None, expires_at__gt=now).first()
        if waiting is not None:
            raise AlreadyAsked(f"{waiting.by_name} asked for this already. Confirm it, or withdraw it first.")
        row = Override.objects.create(
            rollout=rollout,
            phase=phase.key,
            plan=facts.plan,
            rehearsal=facts.rehearsal,
            reason=reason,
            asked_at=now,
            expires_at=now + ASKED_FOR,
            by_id=act.actor.id,
            by_name=act.actor.name,
        )
        mark_dirty(rollout, now)
        thing = object_ref(row, rollout, f"{phase.title} without GO")
        return append(Change("override.asked", thing, before=None, after=row_state(row), reason=reason), act)


def withdraw_override(rollout_key: str, override_id: int, act: Act, now: datetime) -> int:
    """Take back what was asked, so that nobody can confirm it. It only lowers risk, so anybody on the rollout may."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        require(rollout, act, Right.ASK_OVERRIDE, now)
        row = _asked(rollout, override_id, now)
        before = row_state(row)
        row.withdrawn_at, row.withdrawn_by = now, act.actor.name
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        mark_dirty(rollout, now)
        thing = object_ref(row, rollout, f"{_title(rollout, row)} without GO")
        return append(Change("override.withdrawn", thing, before=before, after=row_state(row)), act)


def end_asked(rollout: Rollout, now: datetime) -> tuple[RowChange, ...]:
    """End what was asked and not confirmed: after a rollback it would be confirmed for what nobody meant."""
    waiting = Override.objects.filter(rollout=rollout, run=None, withdrawn_at=None, expires_at__gt=now)
    return change_rows(waiting, withdrawn_at=now, withdrawn_by="The rollback")


def confirm_override(
    rollout_key: str, override_id: int, act: Act, now: datetime, *, confirmed: Sequence[int] = ()
) -> int:
    """Enter without GO what somebody else asked for; one of the two has the authority. The run is overridden."""
    _in_person(act)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        row = _asked(rollout, override_id, now)
        facts = load_facts(rollout, Question.ENTER)
        phase = require_next(rollout, facts, row.phase)
        _two_people(rollout, row, facts, act, now)
        verdict = _overridable(facts, now)
        require_confirmed(phase, confirmed)
        grounds = keep_grounds(facts, verdict)
        left = (*end_run(rollout, Move.LEAVE, now), *forget_successes(rollout, phase, now))
        run, before = begin_run(rollout, phase, act, now, grounds), row_state(row)
        _keep_entered(row, run, verdict, act, now)
        flags = authorise_flags(rollout, load_plan(rollout), phase, act, now)
        sync_observations(rollout, load_plan(rollout), phase.key, now)
        mark_dirty(rollout, now)
        loud = ", over a record that does not verify" if row.record_problem else ""
        thing = object_ref(run, rollout, f"{phase.title} without GO{loud}")
        also = (row_changed(row, before), *left, *flags)
        no_go = Signature("break-glass", verdict.verdict_id, grounds.facts, verdict.decision.value, verdict.policy)
        return append(Change("phase.overridden", thing, None, row_state(run), row.reason, no_go, also), act)


def close_override(rollout_key: str, override_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """Close an override with a reason: the run goes on as any other. Who has the authority may, in person."""
    _in_person(act)
    _in_words(reason, "Say what makes it safe to go on as if it had been GO.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        row = Override.objects.filter(rollout=rollout, pk=override_id, closed_at=None).exclude(run=None).first()
        if row is None:
            raise NotOverridden("This override isn’t open, so there is nothing to close. Look again at the board.")
        require(rollout, act, Right.BREAK_GLASS, now)
        before = row_state(row)
        row.closed_at, row.close_reason = now, reason
        row.closed_by_id, row.closed_by_name = act.actor.id, act.actor.name
        row.save(update_fields=["closed_at", "close_reason", "closed_by_id", "closed_by_name"])
        mark_dirty(rollout, now)
        thing = object_ref(row, rollout, f"{_title(rollout, row)} without GO")
        return append(Change("override.closed", thing, before=before, after=row_state(row), reason=reason), act)


def _in_person(act: Act) -> None:
    """Let nobody but a person on the page, who has just proven who they are, act."""
    if act.channel.kind is not ChannelKind.WEB or act.actor.type is not ActorType.USER:
        raise NotAllowed("Glass is broken by two people, on the page; never from the shell or with a token.")
    require_reauthentication(act)


def _in_words(reason: str, missing: str) -> None:
    if not reason.strip():
        raise ReasonRequired(missing)


def _somebody_may(plan: Plan) -> None:
    if not plan.authority.break_glass:
        raise NotAllowed("The plan names nobody under authority: break_glass, so nobody enters this without GO.")


def _overridable(facts: Facts, now: datetime) -> Verdict:
    verdict = evaluate_verdict(facts, Question.ENTER, now)
    if why := override_refused(verdict):
        raise NotOverridable(why)
    return verdict


def _asked(rollout: Rollout, override_id: int, now: datetime) -> Override:
    row = Override.objects.filter(rollout=rollout, pk=override_id, run=None, withdrawn_at=None).first()
    if row is None:
        raise NotAsked("This was entered or withdrawn already. Look again at the board.")
    if now >= row.expires_at:
        raise NotAsked(f"Nobody confirmed this by {row.expires_at:%H:%M} UTC, so it no longer counts. Ask again.")
    return row


def _two_people(rollout: Rollout, row: Override, facts: Facts, act: Act, now: datetime) -> None:
    """Two different people of the rollout, one of them with the authority, over the plan that was asked about."""
    plan, asker = load_plan(rollout), Person(row.by_id, row.by_name)
    if row.plan != facts.plan:
        raise NotAsked("The plan has changed since this was asked, so it no longer counts. Ask again.")
    require(rollout, act, Right.ASK_OVERRIDE, now)
    if asker.id == act.actor.id and not facts.rehearsal:
        raise NotAllowed("You asked for this, so somebody else has to confirm it. One person alone breaks no glass.")
    held = [load_roles(rollout, plan, person, now) for person in (asker, person_of(act))]
    if not held[0]:
        raise NotAllowed(f"{asker.name} is no longer on this rollout, so what they asked for no longer counts.")
    needed = plan.authority.break_glass
    if not any(has_right(Right.BREAK_GLASS, roles, needed) for roles in held):
        raise NotAllowed(refusal(Right.BREAK_GLASS, needed, {role.key: role.title for role in plan.roles}))


def _keep_entered(row: Override, run: PhaseRun, verdict: Verdict, act: Act, now: datetime) -> None:
    row.run, row.confirmed_at = run, now
    row.confirmed_by_id, row.confirmed_by_name = act.actor.id, act.actor.name
    row.standing = [reason_sentence(reason) for reason in verdict.reasons]
    row.record_problem = record_problem(verdict.reasons)
    row.save()


def _title(rollout: Rollout, row: Override) -> str:
    phase = find_phase(load_plan(rollout), row.phase)
    return phase.title if phase is not None else row.phase
