"""Gates as rows: state, newest value against the limit, the last hours as a small line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isfinite

from readiness.core.aborts import TriggerState, describe_trigger, trigger_state, unarmed_because
from readiness.core.conditions import Condition, ConditionKind, GateSpec
from readiness.core.criteria import criterion_limit, effective_limit
from readiness.core.criteria_words import describe_criteria
from readiness.core.facts import TriggerFacts
from readiness.core.gates import comparand_title, comparand_value, gate_criteria, worst_series
from readiness.core.quantities import format_duration
from readiness.core.reasons import REASONS
from readiness.core.types import Assessment, GateObservation, Outcome
from readiness.models import Observation
from readiness.queries.heads import current_gates
from readiness.queries.pages.board import GateRow, GatesCard
from readiness.queries.pages.parts import Quantity, Spark
from readiness.queries.scenes import Scene
from readiness.queries.sources import silent_sources
from readiness.queries.words import ABOVE, BELOW, element_key, rough_length, upper_first

MOST_POINTS = 120
SHOWN = timedelta(hours=6)
PASSING, ARMED = "Passing", "Armed"
ORDER = ("Abort", "Failing", "Can’t be measured", "No data", "Stale", "Not armed", "Not sustained")
GOOD = (PASSING, ARMED)
WAIVED = "Waived"
TRIGGER_STATES = {
    TriggerState.BREACHED: "Failing",
    TriggerState.CONTINUED: "Failing",
    TriggerState.FIRING: "Abort",
    TriggerState.UNANSWERED: "Abort",
    TriggerState.BLIND: "Can’t be measured",
}
Sample = tuple[datetime, float]
Trails = Mapping[str, Sequence[Sample]]
"""The last hours of each gate, by the path of its condition."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate where it stands now: its condition, its state there, and the trigger when it is one."""

    condition: Condition
    state: str
    trigger: TriggerFacts | None = None

    @property
    def rank(self) -> int:
        """How bad it is: what is not known is worst, and an armed trigger is as good as a gate that passes."""
        return ORDER.index(self.state) if self.state in ORDER else len(ORDER) if self.state in (*GOOD, WAIVED) else 0


def fill_gates(scene: Scene, most: int | None = None) -> GatesCard:
    """Show the gates of the board's question, each once, where it stands worst; at most so many, the worst ones."""
    asked = current_standings(scene)
    standings = asked or _standings_ahead(scene)
    shown = standings[:most]
    trails = load_trails(scene, [standing.condition.path for standing in shown])
    passing = sum(standing.state in GOOD for standing in standings)
    environments = {source.environment.capitalize() for source in scene.plan.sources if source.environment}
    where = f"{environments.pop()}, " if len(environments) == 1 else ""
    cut = f", the worst {len(shown)} are shown" if len(shown) < len(standings) else ""
    ahead = "" if asked else ", not asked for yet"
    note = f"{where}{passing} of {len(standings)} pass{cut}{ahead}" if standings else ""
    rows = tuple(_standing_row(scene, standing, trails) for standing in shown)
    silent, window = silent_sources(scene), _shown_window(rows)
    return GatesCard(scene.region("gates"), rows, note, scene.url("gates"), window=window, silent=silent)


def _standings_ahead(scene: Scene) -> list[Standing]:
    """Give the gates that will end the next phase, while no gate is asked for: they are measured already."""
    following = scene.rows.following
    gates = [c for c in (following.succeed if following else ()) if c.gate is not None]
    return [Standing(gate, gate_state(scene.judge(gate))) for gate in gates]


def current_standings(scene: Scene) -> list[Standing]:
    """Give each gate of the board's question where it stands worst, and of equals as a success before a trigger."""
    found = [Standing(gate, gate_state(scene.judge(gate))) for gate in current_gates(scene)]
    found += [Standing(t.facts.condition, trigger_word(t, scene), t) for t in _current_triggers(scene)]
    worst: dict[str, Standing] = {}
    for standing in found:
        key = standing.condition.key
        if key not in worst or standing.rank < worst[key].rank:
            worst[key] = standing
    return sorted(worst.values(), key=lambda standing: standing.rank)


def _current_triggers(scene: Scene) -> list[TriggerFacts]:
    """Abort triggers that are gates: those of the running phase, else of the next."""
    triggers = [t for t in scene.facts.triggers if t.facts.condition.kind is ConditionKind.GATE]
    return [t for t in triggers if t.running] if scene.rows.run else triggers


def _standing_row(scene: Scene, standing: Standing, trails: Trails) -> GateRow:
    if standing.trigger is None:
        return gate_row(scene, standing.condition, trails)
    return trigger_row(scene, standing.trigger, trails)


def load_trails(scene: Scene, paths: Sequence[str]) -> Trails:
    """Read the last hours of several gates with one query."""
    rows = Observation.objects.filter(rollout=scene.rollout, path__in=paths).values_list("path", "trail")
    return {path: tuple(_point(point) for point in trail) for path, trail in rows}


def _point(point: Sequence[float]) -> Sample:
    return datetime.fromtimestamp(point[0], UTC), point[1]


def gate_row(scene: Scene, condition: Condition, trails: Trails) -> GateRow:
    """Show one gate as what must hold."""
    spec, assessment = spec_of(condition), scene.judge(condition)
    note = _gate_note(spec, assessment, seen_of(scene, condition))
    row = _row(scene, condition, gate_state(assessment), note, trails)
    return replace(row, left_at=assessment.expires_at) if row.state == WAIVED else row


def gate_state(assessment: Assessment) -> str:
    """Give the word for a gate's assessment."""
    if assessment.outcome is Outcome.WAIVED:
        return WAIVED
    return REASONS[assessment.code].word if assessment.code else PASSING


def _gate_note(spec: GateSpec, assessment: Assessment, seen: GateObservation | None) -> str:
    if assessment.code == "GATE_NOT_SUSTAINED":
        shortfall = assessment.found.rpartition("; ")[2]
        return upper_first(shortfall)
    if assessment.code == "GATE_BREACHED":
        window = seen.window if seen else None
        since = window.breached_since if window else None
        held = f"Past the limit for {rough_length(window.end_at - since)}" if window and since else "Past the limit"
        return f"{held}; it must hold for {format_duration(spec.hold_for)}" if spec.hold_for else held
    return upper_first(assessment.found) if assessment.code else ""


def trigger_word(trigger: TriggerFacts, scene: Scene) -> str:
    """Give the word for an abort trigger's state."""
    speaks = TRIGGER_STATES.get(trigger_state(trigger, scene.now)) if trigger.running else None
    return speaks or ("Not armed" if unarmed_because(trigger, scene.now) else ARMED)


def trigger_row(scene: Scene, trigger: TriggerFacts, trails: Trails) -> GateRow:
    """Show one abort trigger that is a gate."""
    state = trigger_word(trigger, scene)
    note = unarmed_because(trigger, scene.now) if state == "Not armed" else ""
    if state not in (ARMED, "Not armed"):
        note = describe_trigger(trigger, scene.now)
    return _row(
        scene,
        trigger.facts.condition,
        state,
        f"Abort trigger. {upper_first(note)}" if note else "Abort trigger",
        trails,
    )


def _row(scene: Scene, condition: Condition, state: str, note: str, trails: Trails) -> GateRow:
    spec, seen = spec_of(condition), seen_of(scene, condition)
    limit = _limit(spec, seen)
    return GateRow(
        key=element_key(condition.key, condition.path),
        name=condition.title,
        state=state,
        limit=limit_words(spec),
        now=gate_quantity(spec, seen),
        note=note,
        sampled_at=seen.reading.sampled_at if seen else None,
        max_age=spec.max_age,
        spark=_spark(spec, trails.get(condition.path, ()), limit, scene.now),
        url=scene.url("gate", condition.key),
    )


def limit_words(spec: GateSpec) -> str:
    """Say the limit alone, without how long it must hold."""
    return describe_criteria(gate_criteria(spec), spec.unit, comparand_title(spec))


def spec_of(condition: Condition) -> GateSpec:
    """Give the specification of a gate condition."""
    if condition.gate is None:
        raise TypeError(f"{condition.path} is not a gate")
    return condition.gate


def seen_of(scene: Scene, condition: Condition) -> GateObservation | None:
    """Give what was observed of a gate condition."""
    return scene.facts_of(condition).gate


def gate_quantity(spec: GateSpec, seen: GateObservation | None) -> Quantity | None:
    """Give the deciding value in the unit of the query, with its limits as marks; None when nothing was measured."""
    if seen is None or not seen.reading.values:
        return None
    value = worst_series(spec, seen)[0].value
    limits = (criterion_limit(c, comparand_value(seen)) for c in gate_criteria(spec).each())
    marks = tuple(limit for limit in limits if limit is not None)
    return Quantity(value if isfinite(value) else None, spec.unit, marks)


def _shown_window(rows: Sequence[GateRow]) -> str:
    """Say what the small lines show: the last hours, or less where nothing was measured that long ago."""
    longest = max((row.spark.window for row in rows if row.spark is not None), default=SHOWN)
    return "Last 6 hours" if longest >= SHOWN - timedelta(minutes=30) else f"Last {rough_length(longest)}"


def _limit(spec: GateSpec, seen: GateObservation | None) -> float | None:
    return effective_limit(gate_criteria(spec), comparand_value(seen) if seen else None)


def worse_side(spec: GateSpec) -> str:
    """Give the side of the limit on which a gate fails."""
    return BELOW if spec.expect[0][0].lstrip().startswith(">") else ABOVE


def _spark(spec: GateSpec, trail: Sequence[Sample], limit: float | None, now: datetime) -> Spark | None:
    if len(trail) < 2:
        return None
    first_at, last_at = trail[0][0], trail[-1][0]
    step = min(later - earlier for (earlier, _), (later, _) in pairwise(trail))
    end_at = max(last_at, now - 2 * step)
    slots = min((end_at - first_at) // step, MOST_POINTS - 1)
    values = {(end_at - at) // step: value for at, value in trail}
    found = (values.get(back) for back in range(slots, -1, -1))
    points = tuple(value if value is not None and isfinite(value) else None for value in found)
    return Spark(points, limit, worse_side(spec), spec.unit, slots * step)
