"""The closer watch of a phase's first hours: gates that stop the phase like abort triggers, for as long as it lasts.

A phase's `watch` names gates and a time. For that much of the run's counted time each gate's own limit must hold at
every look, looked at as often as the watch says or oftener; the phase cannot be left before. Whoever owns the gate
decides; the way back is the one that the phase's own triggers take.
"""

from dataclasses import replace
from datetime import timedelta

from readiness.core.conditions import AbortSpec, Condition, ConditionList
from readiness.core.facts import RunFacts
from readiness.core.plan import Phase, Plan, Watch

NO_TIME = timedelta(0)


def watch_lasts_s(phase: Phase) -> int:
    """How many counted seconds the closer watch of a phase lasts; 0 where there is none."""
    return int(phase.watch.lasts.total_seconds()) if phase.watch is not None else 0


def is_watched(run: RunFacts) -> bool:
    """Say whether the closer watch of a run is still on."""
    return run.dwelt_s < run.watch_s


def watch_conditions(plan: Plan, phase: Phase | None) -> tuple[Condition, ...]:
    """Give the closer triggers of a phase, each as an abort trigger of it."""
    if phase is None or phase.watch is None:
        return ()
    gates = {gate.key: gate for gate in plan.gates}
    back = _way_back(plan, phase)
    return tuple(_closer(gates[key], phase, phase.watch, back) for key in phase.watch.triggers if key in gates)


def _way_back(plan: Plan, phase: Phase) -> str:
    """The way back that the phase's own triggers take; else the fastest one."""
    taken = [each.abort.roll_back for each in phase.abort if each.abort is not None]
    fastest = min(plan.rollbacks, key=lambda level: level.within, default=None)
    return taken[0] if taken else fastest.key if fastest is not None else ""


def _closer(gate: Condition, phase: Phase, watch: Watch, back: str) -> Condition:
    last = phase.sign_off.last if phase.sign_off is not None else ""
    spec = gate.gate
    if spec is None:
        raise TypeError(f"{gate.path} is not a gate")
    closer = replace(spec, hold_for=NO_TIME, for_phase=False, at_least=None, every=min(spec.every, watch.every))
    return replace(
        gate,
        path=f"{phase.key}/abort/gate:{gate.key}/watch",
        title=f"{gate.title}, closer watch",
        place=phase.key,
        list=ConditionList.ABORT,
        gate=closer,
        abort=AbortSpec(gate.owner or last, back),
    )
