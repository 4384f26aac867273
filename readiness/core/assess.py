"""One door to the six kinds of condition: `assess_condition` sends each to the module that judges it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from readiness.core.checks import assess_check, assess_drill, assess_experiment, assess_review
from readiness.core.conditions import ConditionKind
from readiness.core.facts import ConditionFacts
from readiness.core.gates import assess_gate
from readiness.core.items import assess_item
from readiness.core.types import Assessment
from readiness.core.waivers import under_waiver


def assess_condition(facts: ConditionFacts, now: datetime) -> Assessment:
    """Judge any condition at `now`: MET, NOT_MET, UNKNOWN or WAIVED, with what was found and what is required."""
    return under_waiver(facts, ASSESSORS[facts.condition.kind](facts, now), now)


def _assess_item(facts: ConditionFacts, now: datetime) -> Assessment:
    return assess_item(facts, now, assess_condition)


ASSESSORS: Mapping[ConditionKind, Callable[[ConditionFacts, datetime], Assessment]] = {
    ConditionKind.ITEM: _assess_item,
    ConditionKind.GATE: assess_gate,
    ConditionKind.CHECK: assess_check,
    ConditionKind.EXPERIMENT: assess_experiment,
    ConditionKind.DRILL: assess_drill,
    ConditionKind.REVIEW: assess_review,
}
