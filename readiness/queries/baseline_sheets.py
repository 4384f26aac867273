"""The sheet that records a baseline: what the gates of an item were over the last hour, and how far they drifted."""

from collections.abc import Mapping

from readiness.core.baselines import drift_of
from readiness.core.conditions import Condition
from readiness.core.permissions import Right
from readiness.queries.baselines import Chain, drift_sentence, drift_words, load_chains
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
    chains = load_chains(scene.rollout, records.baseline)
    return BaselineSheet(
        fill_head(scene),
        *place,
        title=f"Record the baseline {records.baseline}",
        sub=item_place(scene, condition),
        why_not=refusal_of(scene, Right.CLAIM, condition.owner),
        rows=tuple(_baseline_row(gates[key], chains.get(key, ()), measured[key]) for key in records.gates),
    )


def _baseline_row(gate: Condition, chain: Chain, measured: float | str) -> BaselineRow:
    unit = gate.gate.unit if gate.gate else ""
    before = Quantity(chain[-1].value, unit) if chain else None
    if isinstance(measured, str):
        return BaselineRow(gate.title, None, before, problem=measured)
    drift = drift_words(drift_of(chain[-1].value, measured)) if chain else ""
    return BaselineRow(gate.title, Quantity(measured, unit), before, drift, since_first=drift_sentence(chain, measured))
