"""Phases: enter the next one on a GO, roll the running one back, count how long it has lasted."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from readiness.core.audit import Act, Change, Signature
from readiness.core.permissions import Right
from readiness.core.phases import CLOSE, Move, RunState
from readiness.core.plan import Plan, RollbackLevel
from readiness.core.reasons import reason_sentence
from readiness.core.types import Decision, Question, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import PhaseRun, Rollback
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.accepted import keep_accepted
from readiness.services.audit import append
from readiness.services.flag_states import authorise_flags
from readiness.services.gaps import ReasonRequired
from readiness.services.grounds import keep_grounds
from readiness.services.observations import sync_observations
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import require
from readiness.services.runs import begin_run, end_run, forget_successes, require_confirmed, require_next
from readiness.services.ways_back import NoSuchLevel, WayBack, take_way_back


class NotGo(Exception):
    """The verdict at the moment of entering is not GO; the message says why."""


class NothingRuns(LookupError):
    """No phase is running."""


class NoSuchRollback(LookupError):
    """This rollout was never rolled back like this."""


class RunEnded(Exception):
    """The run that was to be rolled back has ended, for example because somebody else was faster."""


def enter_phase(rollout_key: str, phase_key: str, act: Act, now: datetime, *, confirmed: Sequence[int]) -> int:
    """Enter the next phase. The verdict is made again inside this transaction; only GO lets it begin."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        facts = load_facts(rollout, Question.ENTER)
        phase = require_next(rollout, facts, phase_key)
        require(rollout, act, Right.ENTER, now, phase=phase)
        verdict = evaluate_verdict(facts, Question.ENTER, now)
        _must_be_go(verdict)
        require_confirmed(phase, confirmed)
        grounds = keep_grounds(facts, verdict)
        accepted = keep_accepted(rollout, facts, now)
        left = (*end_run(rollout, Move.LEAVE, now), *forget_successes(rollout, phase, now), *accepted)
        run = begin_run(rollout, phase, act, now, grounds)
        if phase_key != CLOSE:
            left = (*left, *authorise_flags(rollout, load_plan(rollout), phase, act, now))
            sync_observations(rollout, load_plan(rollout), phase_key, now)
        mark_dirty(rollout, now)
        go = Signature("enter", verdict.verdict_id, grounds.facts, verdict.decision.value, verdict.policy)
        change = Change("phase.entered", object_ref(run, rollout, phase.title), None, row_state(run), "", go, left)
        return append(change, act)


def roll_back_phase(
    rollout_key: str, level_key: str, act: Act, now: datetime, *, reason: str = "", run_id: int | None = None
) -> int:
    """Roll the running phase back by a level. One person is enough, always; the reason is due within an hour.

    `run_id` names the run that the person saw, so that a form sent twice, or by two people, rolls back once.
    """
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        require(rollout, act, Right.ROLL_BACK, now)
        plan = load_plan(rollout)
        level = _level(plan, level_key)
        run = PhaseRun.objects.filter(rollout=rollout, state=RunState.RUNNING).first()
        if run is None:
            raise NothingRuns("No phase is running, so there is nothing to roll back.")
        if run_id not in (None, run.pk):
            raise RunEnded(f"This has been rolled back already, and {run.phase} runs now. Look again before you act.")
        taken = take_way_back(rollout, WayBack(plan, run, level, Move.ROLL_BACK, reason), act, now)
        return append(Change("phase.rolled_back", taken.thing, None, taken.after, reason, also=taken.rows), act)


def explain_rollback(rollout_key: str, rollback_id: int, act: Act, now: datetime, *, reason: str) -> int:
    """Give the reason of a rollback afterwards."""
    if not reason.strip():
        raise ReasonRequired("Say why it was rolled back, so that others can follow it.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        require(rollout, act, Right.ROLL_BACK, now)
        back = Rollback.objects.filter(rollout=rollout, pk=rollback_id).first()
        if back is None:
            raise NoSuchRollback(f"{rollout_key} has no such rollback. Go back to the board.")
        before = row_state(back)
        back.reason = reason
        back.save(update_fields=["reason"])
        thing = object_ref(back, rollout, back.level)
        return append(Change("rollback.explained", thing, before, row_state(back), reason), act)


def _must_be_go(verdict: Verdict) -> None:
    if verdict.decision is not Decision.GO:
        worst = reason_sentence(verdict.reasons[0])
        more = len(verdict.reasons) - 1
        others = f" And {more} more {'reason' if more == 1 else 'reasons'}." if more else ""
        raise NotGo(f"It is NO-GO at this moment, so nothing has started. {worst}{others}")


def _level(plan: Plan, key: str) -> RollbackLevel:
    level = next((each for each in plan.rollbacks if each.key == key), None)
    if level is None:
        known = ", ".join(each.key for each in plan.rollbacks)
        raise NoSuchLevel(f"The plan has no rollback level {key}. It has: {known}.")
    return level
