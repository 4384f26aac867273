"""Who last changed what a plan asks in one place: they are not independent of it, however many versions ago it was."""

from collections.abc import Mapping

from readiness.core.material import condition_definition
from readiness.core.plan import Plan
from readiness.core.types import Person
from readiness.models import PlanVersion
from readiness.queries.conditions import every_condition
from readiness.queries.plans import load_plan_version

Changers = Mapping[str, list[str]]
"""Conditions by path to the id and the name of who changed them; what the operator imported has no person."""


def changers_after(plan: Plan, before: PlanVersion | None, importer: Person | None) -> Changers:
    """Say who last changed each condition of `plan` when `importer` brings it after the version `before`."""
    known = _definitions(load_plan_version(before)) if before is not None else {}
    kept: Changers = before.changed_by if before is not None else {}
    brought = [importer.id, importer.name] if importer is not None else None
    found = {
        path: kept.get(path) if known.get(path) == definition else brought
        for path, definition in _definitions(plan).items()
    }
    return {path: person for path, person in found.items() if person is not None}


def _definitions(plan: Plan) -> dict[str, str]:
    return {condition.path: condition_definition(condition) for condition in every_condition(plan)}


def changer_of(version: PlanVersion | None, path: str) -> Person | None:
    """Give the person who last changed a condition, if a person did."""
    found = version.changed_by.get(path) if version is not None else None
    return Person(*found) if found else None
