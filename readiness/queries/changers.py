"""Who ever changed what a plan asks in one place: they are not independent of it, however many versions ago it was."""

from collections.abc import Mapping

from readiness.core.asked import asked_places
from readiness.core.plan import Plan
from readiness.core.types import Person
from readiness.models import PlanVersion
from readiness.queries.plans import load_plan_version

Changers = Mapping[str, list[list[str]]]
"""Places of a plan to the ids and names of who changed them; what the operator imported has no person."""
OF_A_GATE = "/gate:"


def changers_of(version: PlanVersion | None) -> Changers:
    """Give who ever changed what up to a version, by place."""
    found: dict[str, list[list[str]]] = {}
    for place, people in (version.changed_by if version is not None else {}).items():
        known = found.setdefault(_place(place), [])
        known += [person for person in _all_of(people) if person not in known]
    return found


def _all_of(people: list[str] | list[list[str]]) -> list[list[str]]:
    """Older versions name one person only, as a pair."""
    return [
        [str(name) for name in person] for person in ([people] if people and isinstance(people[0], str) else people)
    ]


def _place(path: str) -> str:
    """Name a gate without its limit, which is a part of its path, so that another limit is no other place."""
    before, gate, rest = path.partition(OF_A_GATE)
    return f"{before}{gate}{rest.partition('/')[0]}"


def changers_after(plan: Plan, before: PlanVersion | None, importer: Person | None) -> Changers:
    """Say who ever changed each place when `importer` brings `plan` after the version `before`.

    Nobody is forgotten, neither by what others change later nor when a place goes and comes again.
    """
    found = {place: list(people) for place, people in changers_of(before).items()}
    if importer is None:
        return found
    known, person = asked_places(load_plan_version(before)) if before is not None else {}, [importer.id, importer.name]
    for path, asked in asked_places(plan).items():
        people = found.setdefault(_place(path), [])
        if known.get(path) != asked and all(one[0] != importer.id for one in people):
            people.append(person)
    return {place: people for place, people in found.items() if people}


def changers_at(changers: Changers, path: str) -> tuple[Person, ...]:
    """Give everybody who ever changed a place."""
    return tuple(Person(*person) for person in changers.get(_place(path), ()))
