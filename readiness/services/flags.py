"""Flags: anybody on the rollout turns one off at once; raising it again needs GO and whoever signs last."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from readiness.core.audit import Act, Change
from readiness.core.exposure import exposure_words, served_bp
from readiness.core.facts import FlagFacts
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.core.plan import Phase, Plan
from readiness.core.reasons import reason_sentence
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import FlagState, PhaseRun, Rollout
from readiness.queries.facts import load_facts
from readiness.queries.flags import flag_facts, load_flag_states, phase_in_force
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.flag_states import Allowed, keep_allowed
from readiness.services.observations import sync_observations
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import refuse_token, require


class NoSuchFlag(LookupError):
    """The plan has no such flag."""


class NotLower(ValueError):
    """The share is not below what is served."""


class NotRaised(Exception):
    """The flag can't be raised now; the message says why."""


def lower_flag(rollout_key: str, flag: str, act: Act, now: datetime, *, share_bp: int = 0, reason: str = "") -> int:
    """Serve a flag to fewer people at once, to nobody unless a share is given. One person is enough, always."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        require(rollout, act, Right.LOWER_FLAG, now)
        plan = load_plan(rollout)
        facts = _flag(rollout, plan, phase_in_force(rollout, plan), flag)
        served = served_bp(facts)
        if share_bp >= served:
            said = (
                f"{facts.title} is served to {exposure_words(served)} now, and {exposure_words(share_bp)} is not less."
            )
            raise NotLower(f"{said} To serve it to more people, raise it; that needs GO.")
        wanted = Allowed(flag, share_bp, held=True, reason=reason)
        return _record(rollout, wanted, "flag.lowered", act, now)


def raise_flag(rollout_key: str, flag: str, act: Act, now: datetime, *, reason: str = "") -> int:
    """Serve a flag as the running phase asks for it again. Whoever signs last may, while the phase may go on."""
    refuse_token(act, Right.RAISE_FLAG)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        plan = load_plan(rollout)
        run = PhaseRun.objects.filter(rollout=rollout, state="running").first()
        phase = find_phase(plan, run.phase) if run is not None else None
        if phase is None:
            raise NotRaised("No phase is running, so no share is asked for. Entering one raises its flags.")
        require(rollout, act, Right.RAISE_FLAG, now, phase=phase)
        facts = _flag(rollout, plan, phase, flag)
        if facts.most_bp >= facts.asked_bp:
            raise NotRaised(f"{facts.title} is served to {exposure_words(facts.asked_bp)}, as {phase.title} asks.")
        _must_go_on(rollout, flag, now)
        wanted = Allowed(flag, facts.asked_bp, reason=reason)
        return _record(rollout, wanted, "flag.raised", act, now)


def _flag(rollout: Rollout, plan: Plan, phase: Phase | None, flag: str) -> FlagFacts:
    facts = flag_facts(plan, phase, load_flag_states(rollout, plan))
    found = next((each for each in facts if each.flag == flag), None)
    if found is None:
        known = ", ".join(plan.flags) or "none"
        raise NoSuchFlag(f"The plan has no flag {flag}. It has: {known}.")
    return found


def _must_go_on(rollout: Rollout, flag: str, now: datetime) -> None:
    """Refuse while anything speaks against going on, but for the flag itself being held."""
    facts = load_facts(rollout, Question.CONTINUE)
    others = replace(facts, flags=tuple(each for each in facts.flags if each.flag != flag))
    verdict = evaluate_verdict(others, Question.CONTINUE, now)
    if verdict.decision is not Decision.GO:
        worst, more = reason_sentence(verdict.reasons[0]), len(verdict.reasons) - 1
        also = f" And {more} more {'reason' if more == 1 else 'reasons'}." if more else ""
        raise NotRaised(f"It is NO-GO at this moment, so nothing is raised. {worst}{also}")


def _record(rollout: Rollout, wanted: Allowed, action: str, act: Act, now: datetime) -> int:
    """Keep what is allowed from now on, look at once whether it is observed, and append the entry."""
    state = FlagState.objects.filter(rollout=rollout, flag=wanted.flag).first()
    before = row_state(state) if state is not None else None
    row, _ = keep_allowed(rollout, state, wanted, act, now)
    run = PhaseRun.objects.filter(rollout=rollout, state="running").first()
    sync_observations(rollout, load_plan(rollout), run.phase if run is not None else None, now)
    mark_dirty(rollout, now)
    thing = object_ref(row, rollout, f"{wanted.flag} to {exposure_words(wanted.share_bp)}")
    return append(Change(action, thing, before, row_state(row), wanted.reason), act)
