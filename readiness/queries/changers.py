"""Who last changed what a plan asks in one place: they are not independent of it, however many versions ago it was."""

from collections.abc import Mapping

from readiness.core.asked import asked_places
from readiness.core.plan import Plan
from readiness.core.types import Person
from readiness.models import PlanVersion
from readiness.queries.plans import load_plan_version

Changers = Mapping[str, list[str]]
"""Places of a plan to the id and the name of who changed them; what the operator imported has no person."""


def changers_of(version: PlanVersion | None) -> Changers:
    """Give who last changed what in a version, by place."""
    found: Changers = version.changed_by if version is not None else {}
    return found


def changers_after(plan: Plan, before: PlanVersion | None, importer: Person | None) -> Changers:
    """Say who last changed each place of `plan` when `importer` brings it after the version `before`."""
    known = asked_places(load_plan_version(before)) if before is not None else {}
    kept, brought = changers_of(before), [importer.id, importer.name] if importer is not None else None
    found = {
        place: kept.get(place) if known.get(place) == asked else brought for place, asked in asked_places(plan).items()
    }
    return {place: person for place, person in found.items() if person is not None}


def changer_at(changers: Changers, place: str) -> Person | None:
    """Give the person who last changed a place, if a person did."""
    found = changers.get(place)
    return Person(*found) if found else None
