"""Automation: what a plan lets the machine decide.

A trigger that it decides and that fires ends the phase at once. So does, whoever decides it, one that was to arm on
entry and never did: nobody would see what it was meant to see.
"""

from datetime import datetime

from readiness.core.aborts import AUTOMATION, TriggerState, describe_trigger, overdue_because, trigger_state
from readiness.core.audit import Act, Change
from readiness.core.exposure import served_bp, share_after
from readiness.core.facts import Facts, TriggerFacts
from readiness.core.phases import Move, find_phase, roll_back_target
from readiness.core.plan import RollbackLevel
from readiness.queries.flags import flag_facts
from readiness.queries.rows import Rows
from readiness.services.aborts import Noted
from readiness.services.audit import append
from readiness.services.ways_back import WayBack, take_way_back


def roll_back_by_automation(rows: Rows, facts: Facts, noted: Noted, act: Act, now: datetime) -> bool:
    """Take the way back of the first trigger that asks for it without a person; say whether one was taken.

    A way that leads to the phase that runs already and lowers no flag would begin it again at every look; there the
    trigger blocks and waits for people. The entry tells what was noted of the triggers as well.
    """
    way = next((way for trigger in facts.triggers if (way := _way_of(rows, trigger, now)) is not None), None)
    if way is None:
        return False
    taken = take_way_back(rows.rollout, way, act, now)
    change = Change("phase.aborted", taken.thing, None, taken.after, way.reason, also=(*noted.rows, *taken.rows))
    append(change, act)
    return True


def _way_of(rows: Rows, trigger: TriggerFacts, now: datetime) -> WayBack | None:
    condition, run = trigger.facts.condition, rows.run
    if run is None or not trigger.running or condition.abort is None:
        return None
    why = overdue_because(trigger, run.entered_at, now)
    if condition.abort.decided_by == AUTOMATION and trigger_state(trigger, now) is TriggerState.FIRING:
        why = describe_trigger(trigger, now)
    level = next((each for each in rows.plan.rollbacks if each.key == condition.abort.roll_back), None)
    if not why or level is None or not (_leads_away(rows, level) or _lowers(rows, level)):
        return None
    return WayBack(rows.plan, run, level, Move.ABORT, f"{condition.title}: {why}")


def _leads_away(rows: Rows, level: RollbackLevel) -> bool:
    return rows.run is not None and roll_back_target(rows.plan, rows.run.phase, level.to) != rows.run.phase


def _lowers(rows: Rows, level: RollbackLevel) -> bool:
    """Whether a level serves a flag to fewer people than the running phase does now."""
    running = find_phase(rows.plan, rows.run.phase) if rows.run is not None else None
    flags = flag_facts(rows.plan, running, rows.flags)
    return any(share_after(flag, level) < served_bp(flag) for flag in flags if flag.flag in level.sets)
