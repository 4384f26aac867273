"""Accepted results: what each gate was when a phase was entered with GO, for gates that later compare with that."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from readiness.core.assess import assess_condition
from readiness.core.audit import RowChange
from readiness.core.baselines import ACCEPTED, compares_with_accepted
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.gates import proven, worst_series
from readiness.core.types import Outcome
from readiness.models import Baseline, Rollout
from readiness.queries.conditions import gate_conditions
from readiness.queries.plans import load_plan
from readiness.services.baselines import replace_baseline

BOARD_ID, BOARD_NAME = "readiness", "Readiness"


def keep_accepted(rollout: Rollout, facts: Facts, now: datetime) -> tuple[RowChange, ...]:
    """Keep the deciding value of each gate that was met, where the plan compares that gate with what was accepted.

    The entry that tells of it names who entered. What was waived was not accepted.
    """
    plan = load_plan(rollout)
    changes: list[RowChange] = []
    for key, met in _met_gates(facts, now).items():
        if not any(compares_with_accepted(condition.gate) for condition in gate_conditions(plan, key)):
            continue
        spec, seen = met.condition.gate, proven(met.gate)
        if spec is None:
            continue
        kept = Baseline(
            rollout=rollout,
            baseline=ACCEPTED,
            gate=key,
            value=worst_series(spec, seen)[0].value,
            query=spec.query,
            window=timedelta(0),
            answer=seen.reading.answer,
            recorded_at=now,
            by_id=BOARD_ID,
            by_name=BOARD_NAME,
        )
        changes += replace_baseline(kept)
    return tuple(changes)


def _met_gates(facts: Facts, now: datetime) -> dict[str, ConditionFacts]:
    """The gates that entering rests on and that are met: each once, as what ends the phase before anything else."""
    found: dict[str, ConditionFacts] = {}
    for each in _gates(facts):
        if assess_condition(each, now).outcome is Outcome.MET:
            found.setdefault(each.condition.key, each)
    return found


def _gates(facts: Facts) -> Iterator[ConditionFacts]:
    known = (*facts.complete, *facts.enter, *(c for gap in facts.gaps for c in gap.conditions))
    return (each for each in known if each.condition.gate is not None)
