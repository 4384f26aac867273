"""The sheet that records a baseline: what the gates of an item were over the last hour, and the drift since before."""

from collections.abc import Mapping

from readiness.core.conditions import Condition
from readiness.core.permissions import Right
from readiness.queries.claims import item_place
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Quantity
from readiness.queries.pages.sheets import BaselineRow, BaselineSheet
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, refusal_of
from readiness.queries.standing import item_of


def baseline_sheet(
    scene: Scene, condition: Condition, place: Place, measured: Mapping[str, float | str]
) -> BaselineSheet:
    """Show the gates of a baseline with what was `measured` of each (a value, or why there is none) and before."""
    records = item_of(condition).records
    gates = {gate.key: gate for gate in scene.plan.gates}
    if records is None:
        raise TypeError(f"{condition.path} records no baseline")
    return BaselineSheet(
        fill_head(scene),
        *place,
        title=f"Record the baseline {records.baseline}",
        sub=item_place(scene, condition),
        why_not=refusal_of(scene, Right.CLAIM, condition.owner),
        rows=tuple(_baseline_row(scene, gates[key], records.baseline, measured[key]) for key in records.gates),
    )


def _baseline_row(scene: Scene, gate: Condition, baseline: str, measured: float | str) -> BaselineRow:
    unit = gate.gate.unit if gate.gate else ""
    recorded = scene.rows.baselines.get((baseline, gate.key))
    before = Quantity(recorded.value, unit) if recorded else None
    if isinstance(measured, str):
        return BaselineRow(gate.title, None, before, problem=measured)
    drift = _drift(measured, recorded.value) if recorded else ""
    return BaselineRow(gate.title, Quantity(measured, unit), before, drift)


def _drift(now: float, before: float) -> str:
    """Say how far a value is from the one recorded before, in percent of it."""
    if not before:
        return ""
    change = (now - before) / abs(before)
    return f"{abs(change):.1%} {'more' if change > 0 else 'less'}".replace("%", " %") if change else "the same"
