"""Abort triggers of a phase: what each sees now, how far it is from stopping the phase, who decides."""

from readiness.core.aborts import TriggerState, describe_trigger, trigger_state, unarmed_because
from readiness.core.conditions import Condition, ConditionKind, GateSpec
from readiness.core.facts import TriggerFacts
from readiness.core.permissions import Right
from readiness.core.plan import Phase
from readiness.core.quantities import format_duration
from readiness.core.watches import watch_conditions
from readiness.queries.gates import ARMED, gate_quantity, limit_words, trigger_word
from readiness.queries.pages.parts import Quantity
from readiness.queries.pages.phases import AbortRow, AbortsCard
from readiness.queries.scenes import Scene
from readiness.queries.words import element_key, lower_first, upper_first


def fill_aborts(scene: Scene, phase: Phase) -> AbortsCard:
    """Show the triggers of a phase; those of one that neither runs nor comes next are not due."""
    known = {trigger.facts.condition.path: trigger for trigger in scene.facts.triggers}
    is_running = scene.running is not None and scene.running.key == phase.key
    closer = (c for c in watch_conditions(scene.plan, phase) if c.path in known or not is_running)
    rows = tuple(_abort_row(scene, condition, known.get(condition.path)) for condition in (*phase.abort, *closer))
    armed = sum(row.state == ARMED for row in rows)
    note = f"Any one stops the phase; {armed} of {len(rows)} armed" if rows else "Any one stops the phase"
    return AbortsCard(scene.region("aborts"), rows, note)


def _abort_row(scene: Scene, condition: Condition, trigger: TriggerFacts | None) -> AbortRow:
    decider = condition.abort.decided_by if condition.abort else ""
    spec = condition.gate
    seen = scene.facts_of(condition).gate
    now = gate_quantity(spec, seen) if spec else None
    reported = condition.kind is ConditionKind.ITEM
    may_report = reported and trigger is not None and trigger.running and scene.may(Right.REPORT)
    return AbortRow(
        key=element_key(condition.key, condition.path),
        title=condition.title,
        limit=". ".join(filter(None, [_limit(condition), _trigger_note(trigger, scene)])),
        state=trigger_word(trigger, scene) if trigger else "Not due",
        now=now,
        way=way_to_limit(spec, now) if spec else None,
        sampled_at=seen.reading.sampled_at if seen else None,
        max_age=spec.max_age if spec else scene.max_age,
        decided_by=lower_first(scene.titles.get(decider, decider)),
        url=scene.url("gate", condition.key) if spec else "",
        report_url=scene.url("claim", condition.path) if may_report else "",
    )


def _limit(condition: Condition) -> str:
    if condition.gate is not None:
        return trigger_limit(condition.gate)
    return "Reported by people" if condition.kind is ConditionKind.ITEM else "An experiment against control"


def trigger_limit(spec: GateSpec) -> str:
    """Say what must hold, and after how long past it the phase stops."""
    after = (
        f"; stops the phase after {format_duration(spec.hold_for)}" if spec.hold_for else "; stops the phase at once"
    )
    return upper_first(limit_words(spec)) + after


def _trigger_note(trigger: TriggerFacts | None, scene: Scene) -> str:
    """What it sees, when that speaks against the phase; why it could not speak, when it is not armed."""
    if trigger is None:
        return ""
    if trigger.running and trigger_state(trigger, scene.now) is not TriggerState.QUIET:
        return upper_first(describe_trigger(trigger, scene.now))
    return upper_first(unarmed_because(trigger, scene.now))


def way_to_limit(spec: GateSpec, now: Quantity | None) -> int | None:
    """Say how many percent of the way to an upper limit the value has gone; None where that has no meaning."""
    if now is None or now.value is None or not now.marks or spec.expect[0][0].lstrip().startswith((">", "=", "!")):
        return None
    limit = now.marks[0]
    return max(0, min(100, round(now.value / limit * 100))) if limit > 0 else None
