"""Find a condition of a rollout's current plan by its path."""

from collections.abc import Iterator

from readiness.core.conditions import Condition
from readiness.core.plan import Plan
from readiness.core.watches import watch_conditions
from readiness.models import Rollout
from readiness.queries.plans import load_plan


def find_condition(rollout: Rollout, path: str) -> Condition | None:
    """Give the condition at a path, or None when the current plan has none there."""
    return next((c for c in every_condition(load_plan(rollout)) if c.path == path), None)


def every_condition(plan: Plan) -> Iterator[Condition]:
    """Give every condition that a phase, the close or a gap asks for."""
    for phase in (*plan.phases, *((plan.close,) if plan.close else ())):
        yield from (*phase.enter, *phase.succeed, *phase.abort, *watch_conditions(plan, phase))
    for gap in plan.gaps:
        yield from gap.closed_when


def gate_conditions(plan: Plan, key: str) -> Iterator[Condition]:
    """Give every place where a plan has a gate: where it counts, what verifies a way back, and its definition."""
    verifying = (level.verify for level in plan.rollbacks if level.verify is not None)
    for condition in (*every_condition(plan), *verifying, *plan.gates):
        if condition.gate is not None and condition.key == key:
            yield condition
