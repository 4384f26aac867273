"""People: which roles somebody holds on a rollout, directly or as a deputy, and who holds a role."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from readiness.core.deputies import stands_in
from readiness.core.plan import Plan
from readiness.core.types import Person
from readiness.models import RoleGrant, Rollout

MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Roster:
    """Who holds which role or group of a rollout."""

    holders: dict[str, tuple[Person, ...]]
    members: frozenset[str]

    def first_holder(self, role: str) -> Person | None:
        """Give the person of a role held by exactly one person."""
        people = self.holders.get(role, ())
        return people[0] if len(people) == 1 else None


def load_roster(rollout: Rollout) -> Roster:
    """Read all open grants of a rollout."""
    found: dict[str, list[Person]] = defaultdict(list)
    members: set[str] = set()
    for grant in RoleGrant.objects.filter(rollout=rollout, revoked_at=None).order_by("granted_at", "pk"):
        members.add(grant.person_id)
        found[grant.key].append(Person(grant.person_id, grant.person_name))
    return Roster({key: tuple(people) for key, people in found.items()}, frozenset(members))


def load_roles(rollout: Rollout, plan: Plan, person: Person, now: datetime) -> tuple[str, ...]:
    """Give the roles and groups a person holds now; `member` for somebody who was only added; nothing for strangers.

    A deputy of the plan is somebody who was added under that name, to the rollout itself or with a role; a group alone
    does not make one, since its owner fills it. In a rehearsal whoever is on it acts in every role.
    """
    grants = list(RoleGrant.objects.filter(rollout=rollout, person_id=person.id, revoked_at=None))
    held = {grant.key for grant in grants if grant.key}
    names = {grant.person_name for grant in grants if grant.kind != RoleGrant.GROUP}
    deputies = ((role.key, deputy) for role in plan.roles for deputy in role.deputies)
    held |= {key for key, deputy in deputies if stands_in(deputy, names, now, plan.timezone)}
    if plan.rehearsal and grants:
        held |= {role.key for role in plan.roles}
    return (*sorted(held), MEMBER) if grants else ()
