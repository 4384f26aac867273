"""Figures of a report: what the board knows of the fields that an item's report asks for.

A field is filled in beforehand when its name is the key of a gate (its newest measured value), a drill (how long it
took) or a review (its score) of the plan, or one of the figures of the record in FIGURES. Everything else is written
by a person. What is filled in can be changed: a report is a person's, and the board keeps measuring by itself.
"""

from collections.abc import Callable, Mapping

from readiness.core.conditions import Condition, EvidenceDemand
from readiness.core.gates import describe_series, measurement_doubt, worst_series
from readiness.core.quantities import format_duration
from readiness.core.watchlist import find_definition
from readiness.models import Firing, Hold, PhaseRun, Rollback
from readiness.queries.pages.sheets import WrittenField
from readiness.queries.scenes import Scene

FIGURES: Mapping[str, Callable[[Scene], str]] = {
    "aborts": lambda scene: str(Firing.objects.filter(run__rollout=scene.rollout).count()),
    "holds": lambda scene: str(Hold.objects.filter(rollout=scene.rollout).count()),
    "rollbacks": lambda scene: str(Rollback.objects.filter(rollout=scene.rollout).count()),
    "runs": lambda scene: str(PhaseRun.objects.filter(rollout=scene.rollout).count()),
}


def report_fields(scene: Scene, condition: Condition) -> tuple[WrittenField, ...]:
    """Give the fields that an item's report asks for, each with what the board knows of it."""
    rule = condition.item.evidence if condition.item is not None else None
    if rule is None or rule.demand is not EvidenceDemand.REPORT:
        return ()
    return tuple(_field(scene, name) for name in rule.fields)


def _field(scene: Scene, name: str) -> WrittenField:
    if name in FIGURES:
        return WrittenField(name, FIGURES[name](scene), "Counted in the record of this rollout")
    named = find_definition(scene.plan, name)
    value, hint = _known(scene, named) if named is not None else ("", "")
    return WrittenField(name, value, hint)


def _known(scene: Scene, named: Condition) -> tuple[str, str]:
    """The newest value of a gate, drill or review, and when it is from."""
    facts = scene.facts_of(named)
    if named.gate is not None:
        doubt = measurement_doubt(named.gate, facts.gate, scene.now)
        if doubt or facts.gate is None:
            return "", f"{named.title} has no value now: {doubt[1] if doubt else 'never measured'}"
        series, _ = worst_series(named.gate, facts.gate)
        at = facts.gate.reading.sampled_at
        return describe_series(series, named.gate), f"{named.title}, measured {at:%H:%M} UTC" if at else named.title
    if facts.drill is not None:
        return format_duration(facts.drill.took), f"{named.title}, on {facts.drill.ran_at:%-d %b %Y}"
    if facts.review is not None:
        return f"{facts.review.score:g} of 10", f"{named.title}, on {facts.review.reviewed_at:%-d %b %Y}"
    return "", ""
