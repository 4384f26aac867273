"""Abort triggers: what stops a running phase. `expect` is what must hold; a trigger fires on the opposite.

A trigger that fired stays unanswered until its decider answers. One that cannot be evaluated for ten minutes is
blind. Before a phase is entered each of its triggers must be armed: proven to be able to fire.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from readiness.core.conditions import ConditionKind, GateSpec
from readiness.core.criteria import can_fire
from readiness.core.facts import FiringFacts, TriggerFacts
from readiness.core.gates import (
    comparand_doubt,
    comparand_until,
    comparand_value,
    describe_series,
    freshest_until,
    gate_criteria,
    measurement_doubt,
    proven,
    worst_series,
)
from readiness.core.quantities import format_duration
from readiness.core.types import GateObservation

BLIND_AFTER = timedelta(minutes=10)
ARM_WITHIN = timedelta(minutes=10)
LONGEST_ANSWER = timedelta(days=1)
"""How far ahead "continue until …" may reach; whoever wants more is asked again."""
AUTOMATION = "automation"


class TriggerState(StrEnum):
    """What an abort trigger says at one moment."""

    QUIET = "quiet"
    BREACHED = "breached"
    CONTINUED = "continued"
    FIRING = "firing"
    UNANSWERED = "unanswered"
    BLIND = "blind"


def trigger_doubt(trigger: TriggerFacts, now: datetime) -> str:
    """Say why a trigger cannot be evaluated; empty when it can. What people report can always be evaluated."""
    condition = trigger.facts.condition
    if condition.kind is ConditionKind.ITEM:
        return ""
    if condition.gate is None:
        return "experiments have no result yet"
    doubt = measurement_doubt(condition.gate, trigger.facts.gate, now)
    return doubt[1] if doubt else ""


def trigger_breach(trigger: TriggerFacts, now: datetime) -> tuple[bool, bool]:
    """Say (breached now, breached for the whole `for`). Only a trigger without doubt may be asked."""
    spec = trigger.facts.condition.gate
    if spec is None:
        reported = bool(trigger.facts.claims)
        return reported, reported
    seen = proven(trigger.facts.gate)
    _, held = worst_series(spec, seen)
    if held:
        return False, False
    return True, _breached_long_enough(spec, seen)


def _breached_long_enough(spec: GateSpec, seen: GateObservation) -> bool:
    if not spec.hold_for:
        return True
    if seen.window is None or seen.window.breached_since is None:
        return False
    return seen.window.end_at - seen.window.breached_since >= spec.hold_for


def open_firings(trigger: TriggerFacts, now: datetime) -> tuple[FiringFacts, ...]:
    """Give the firings that nobody has answered, or whose answer "continue until" has run out."""
    return tuple(f for f in trigger.firings if not _answered(f, now))


def _answered(firing: FiringFacts, now: datetime) -> bool:
    if firing.continue_until is not None:
        return now < firing.continue_until or firing.cleared_at is not None
    return bool(firing.answer)


def tolerated_by(trigger: TriggerFacts, now: datetime) -> FiringFacts | None:
    """Give the firing whose answer lets the phase go on over the limit for the longest; None when none does."""
    until = {f.continue_until: f for f in trigger.firings if f.continue_until is not None and now < f.continue_until}
    return until[max(until)] if until else None


def blind_from(trigger: TriggerFacts, now: datetime) -> datetime | None:
    """Say since when a trigger in doubt cannot be evaluated; None when it never could.

    When nobody has noted it, because nobody looks any more, the clock says it: a sample grows stale by itself.
    """
    spec, seen = trigger.facts.condition.gate, trigger.facts.gate
    if trigger.blind_since is not None or spec is None or seen is None:
        return trigger.blind_since
    asked_at = seen.reading.asked_at
    return asked_at if measurement_doubt(spec, seen, asked_at) else freshest_until(spec, seen)


def trigger_state(trigger: TriggerFacts, now: datetime) -> TriggerState:
    """Judge a trigger of the running phase at `now`."""
    if trigger_doubt(trigger, now):
        if open_firings(trigger, now):
            return TriggerState.UNANSWERED
        since = blind_from(trigger, now)
        blind = since is None or now - since >= BLIND_AFTER
        return TriggerState.BLIND if blind else TriggerState.QUIET
    breached, fires = trigger_breach(trigger, now)
    if fires and tolerated_by(trigger, now) is None:
        return TriggerState.FIRING
    if open_firings(trigger, now):
        return TriggerState.UNANSWERED
    if fires:
        return TriggerState.CONTINUED
    return TriggerState.BREACHED if breached else TriggerState.QUIET


def describe_trigger(trigger: TriggerFacts, now: datetime) -> str:
    """Say what a trigger sees now: its value, the report, or why it cannot be evaluated."""
    spec = trigger.facts.condition.gate
    if doubt := trigger_doubt(trigger, now):
        since = blind_from(trigger, now)
        return f"{doubt}; not evaluated for {format_duration(now - since)}" if since else doubt
    if spec is None:
        people = ", ".join(sorted(claim.by.name for claim in trigger.facts.claims))
        return f"reported by {people}" if people else "nothing reported"
    seen = proven(trigger.facts.gate)
    series, _ = worst_series(spec, seen)
    words = describe_series(series, spec, comparand_value(seen, series.labels))
    since = seen.window.breached_since if seen.window else None
    return f"{words} for {format_duration(seen.window.end_at - since)}" if since and seen.window else words


def unarmed_because(trigger: TriggerFacts, now: datetime) -> str:
    """Say why a trigger could not fire in the phase to be entered; empty when it is armed.

    A trigger with `arms: on_entry` reads what only that phase produces, so only its comparand's data is needed before.
    """
    condition = trigger.facts.condition
    if condition.kind is ConditionKind.ITEM:
        return ""
    if condition.gate is None:
        return "" if _waits_for_entry(trigger) else "experiments have no result yet"
    if _waits_for_entry(trigger):
        return _control_doubt(condition.gate, trigger.facts.gate, now)
    doubt = measurement_doubt(condition.gate, trigger.facts.gate, now)
    if doubt:
        return doubt[1]
    seen = proven(trigger.facts.gate)
    series, _ = worst_series(condition.gate, seen)
    fires = can_fire(gate_criteria(condition.gate), series.value, comparand_value(seen, series.labels))
    return "" if fires else "no value can break its limit"


def _waits_for_entry(trigger: TriggerFacts) -> bool:
    abort = trigger.facts.condition.abort
    return abort is not None and abort.arms_on_entry and not trigger.running


def overdue_because(trigger: TriggerFacts, entered_at: datetime, now: datetime) -> str:
    """Say why a phase must go back: a trigger that arms on entry has had no data since, for as long as that may take.

    Then nobody watches what the trigger was meant to watch, so no person is asked. Experiments come to a result later.
    """
    condition = trigger.facts.condition
    arms = condition.abort is not None and condition.abort.arms_on_entry and condition.gate is not None
    if not arms or not trigger.running or now - entered_at < ARM_WITHIN:
        return ""
    if trigger.sound_at is not None and trigger.sound_at >= entered_at:
        return ""
    why = trigger_doubt(trigger, now) or "measured too late"
    return f"not armed within {format_duration(ARM_WITHIN)} of entry: {why}"


def _control_doubt(spec: GateSpec, seen: GateObservation | None, now: datetime) -> str:
    if seen is None:
        return "never measured"
    doubt = comparand_doubt(spec, seen, now)
    return doubt[1] if doubt else ""


def trigger_expires_at(trigger: TriggerFacts, now: datetime) -> datetime | None:
    """Say until when a trigger's silence, or its being armed, may be believed without another look."""
    return min((at for at in _expiries(trigger, now) if at is not None), default=None)


def _expiries(trigger: TriggerFacts, now: datetime) -> Iterator[datetime | None]:
    """The age limit of its samples, or the blind deadline; and the end of each answer that keeps it silent."""
    spec, seen = trigger.facts.condition.gate, trigger.facts.gate
    yield from (f.continue_until for f in trigger.firings if f.cleared_at is None)
    if spec is None:
        return
    if _waits_for_entry(trigger):
        yield comparand_until(spec, proven(seen))
    elif trigger_doubt(trigger, now):
        since = blind_from(trigger, now)
        yield since + BLIND_AFTER if since is not None else now
    else:
        yield freshest_until(spec, proven(seen))
        if trigger_breach(trigger, now)[1]:
            yield max((f.continue_until for f in trigger.firings if f.continue_until is not None), default=None)
