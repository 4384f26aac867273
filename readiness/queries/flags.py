"""Flags: the share of each that is in force, and who holds it where it is."""

from collections.abc import Mapping

from readiness.core.exposure import asked_bp, served_bp
from readiness.core.facts import FlagFacts
from readiness.core.phases import CLOSE, RunState, find_phase
from readiness.core.plan import Phase, Plan
from readiness.core.plan_document import mapping_of, written_text
from readiness.core.types import Person
from readiness.models import FlagState, PhaseRun, Rollout


def load_flag_states(rollout: Rollout, plan: Plan) -> dict[str, FlagState]:
    """Read what was last authorised of each flag; a plan without flags asks nothing."""
    return {row.flag: row for row in FlagState.objects.filter(rollout=rollout)} if plan.flags else {}


def flag_facts(plan: Plan, phase: Phase | None, states: Mapping[str, FlagState]) -> tuple[FlagFacts, ...]:
    """Give each flag of the plan as it stands in a phase. What nobody has authorised is its default at most."""
    return tuple(_facts(plan, phase, key, states.get(key)) for key in plan.flags)


def _facts(plan: Plan, phase: Phase | None, key: str, row: FlagState | None) -> FlagFacts:
    title, asked = written_text(mapping_of(plan.flags[key]), "title", key), asked_bp(plan, phase, key)
    if row is None:
        return FlagFacts(key, title, asked, asked_bp(plan, None, key))
    by = Person(row.by_id, row.by_name)
    return FlagFacts(key, title, asked, row.most_bp, row.lowered_at, by, row.reason)


def shares_in_force(plan: Plan, phase: Phase | None, states: Mapping[str, FlagState]) -> dict[str, int]:
    """Give the share of each flag that is served, in basis points of all."""
    return {facts.flag: served_bp(facts) for facts in flag_facts(plan, phase, states)}


def phase_in_force(rollout: Rollout, plan: Plan) -> Phase | None:
    """Give the phase whose shares count: the running one, and after the close the last that ran."""
    runs = PhaseRun.objects.filter(rollout=rollout).exclude(phase=CLOSE).order_by("pk")
    closed = PhaseRun.objects.filter(rollout=rollout, phase=CLOSE).exists()
    run = runs.last() if closed else runs.filter(state=RunState.RUNNING).first()
    return find_phase(plan, run.phase) if run is not None else None
