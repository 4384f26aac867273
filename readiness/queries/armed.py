"""Whether what watches can still speak: when each last had data, and when it was last past its limit.

A gate that was never red may be one that cannot be. Nobody notices that from its state, which is green.
"""

from collections.abc import Iterator

from readiness.core.conditions import Condition, ConditionKind
from readiness.core.facts import TriggerFacts
from readiness.models import Observation
from readiness.queries.gates import gate_state, trigger_word
from readiness.queries.heads import current_gates
from readiness.queries.pages.gates import ArmedCard, ArmedRow
from readiness.queries.places import place_words
from readiness.queries.scenes import Scene
from readiness.queries.words import element_key, rough_length, upper_first

NEVER_LOOKED = "Never evaluated"


def fill_armed(scene: Scene) -> ArmedCard:
    """Show the abort triggers of this and the next phase, and the gates that the board's question rests on."""
    triggers = [t for t in scene.facts.triggers if t.facts.condition.kind is ConditionKind.GATE]
    shown = [(t.facts.condition, t) for t in triggers] + [(gate, None) for gate in current_gates(scene)]
    rows = tuple(_row(scene, condition, trigger) for condition, trigger in shown)
    return ArmedCard(scene.region("armed"), rows, _note(rows))


def _note(rows: tuple[ArmedRow, ...]) -> str:
    silent = sum(row.data_at is None for row in rows)
    unproven = sum(row.data_at is not None and row.red_at is None for row in rows)
    told = [f"{silent} never had data" if silent else "", f"{unproven} never past the limit" if unproven else ""]
    return ", ".join(part for part in told if part)


def _row(scene: Scene, condition: Condition, trigger: TriggerFacts | None) -> ArmedRow:
    seen = scene.rows.observation(condition)
    return ArmedRow(
        key=element_key(condition.key, condition.path),
        name=condition.title,
        place=upper_first(place_words(scene, condition)),
        state=trigger_word(trigger, scene) if trigger is not None else gate_state(scene.judge(condition)),
        url=scene.url("gate", condition.key),
        max_age=condition.gate.max_age if condition.gate is not None else scene.max_age,
        data_at=seen.sound_at if seen is not None else None,
        red_at=seen.red_at if seen is not None else None,
        note=" ".join(_notes(scene, seen)),
    )


def _notes(scene: Scene, seen: Observation | None) -> Iterator[str]:
    """Never past its limit in 3 days; never evaluated."""
    if seen is None or seen.first_at is None:
        yield NEVER_LOOKED
    elif seen.red_at is None:
        yield f"Never in {rough_length(scene.now - seen.first_at)}"
