"""People: every account, and who holds what on which rollout."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.contrib.auth.models import User

from readiness.core.permissions import last_roles
from readiness.core.plan import Plan
from readiness.models import RoleGrant, Rollout
from readiness.queries.pages.parts import Choice
from readiness.queries.pages.people import PeoplePage, PersonRow, RoleRow
from readiness.queries.plans import load_plan
from readiness.queries.scenes import role_titles
from readiness.queries.words import join_words

KINDS = {"role": RoleGrant.ROLE, "group": RoleGrant.GROUP, "member": RoleGrant.MEMBER}


@dataclass(frozen=True, slots=True)
class Giver:
    """Who looks at the page: an administrator or not, and the roles they hold by rollout."""

    is_admin: bool
    roles: dict[str, tuple[str, ...]]


def load_planned_rollouts(key: str = "") -> list[Rollout]:
    """Give the rollouts that have a plan: all, or the one of a key."""
    rows = Rollout.objects.exclude(plan=None).select_related("plan").defer("plan__text", "plan__document")
    return list(rows.filter(key=key) if key else rows.order_by("key"))


def fill_people(rollouts: list[Rollout], giver: Giver, action: str, link: tuple[str, str] = ("", "")) -> PeoplePage:
    """Show every account with its roles on these rollouts, and what the reader may give."""
    grants = list(RoleGrant.objects.filter(rollout__in=rollouts, revoked_at=None).order_by("granted_at", "pk"))
    choices = tuple(choice for rollout in rollouts for choice in _choices(rollout, grants, giver))
    held = _held(rollouts, grants, giver)
    people = User.objects.order_by("-is_active", "first_name", "username")
    return PeoplePage(
        action=action,
        rows=tuple(_person(user, held) for user in people),
        roles=choices,
        can_add=giver.is_admin,
        can_grant=bool(choices),
        link=link[0],
        link_for=link[1],
    )


def _person(user: User, held: dict[str, list[RoleRow]]) -> PersonRow:
    name = user.get_full_name() or user.username
    return PersonRow(
        key=str(user.pk),
        name=name,
        username=user.username,
        email=user.email,
        is_admin=user.is_staff,
        is_active=user.is_active,
        last_seen_at=user.last_login,
        roles=(*held.get(f"u:{user.pk}", ()), *held.get(name, ())),
    )


def _held(rollouts: list[Rollout], grants: list[RoleGrant], giver: Giver) -> dict[str, list[RoleRow]]:
    """Give what people hold, by their id; deputies that nobody was added as, by their name."""
    by_pk = {rollout.pk: rollout for rollout in rollouts}
    found: dict[str, list[RoleRow]] = defaultdict(list)
    for grant in grants:
        rollout = by_pk[grant.rollout_id]
        title = role_titles(load_plan(rollout)).get(grant.key, grant.key) or "On this rollout"
        may = _may_give(load_plan(rollout), rollout, grant.kind, grant.key, giver)
        found[grant.person_id].append(RoleRow(rollout.key, title, revoke=f"{rollout.key}/{grant.pk}" if may else ""))
    for rollout in rollouts:
        for role in load_plan(rollout).roles:
            for name, _, until in role.deputies:
                people = _added_as(grants, rollout, name)
                title = f"Deputy of {role.title}" if people else f"Deputy of {role.title} once added to this rollout,"
                for key in people or {name}:
                    found[key].append(RoleRow(rollout.key, title, _end_of(until)))
    return found


def _added_as(grants: Iterable[RoleGrant], rollout: Rollout, name: str) -> set[str]:
    """Give who was added to a rollout under a name, by their id."""
    here = (grant for grant in grants if grant.rollout_id == rollout.pk and grant.kind != RoleGrant.GROUP)
    return {grant.person_id for grant in here if grant.person_name == name}


def _end_of(until: date | datetime | None) -> datetime | None:
    """Give the last day as a moment in the middle of it, so that it reads as the day that the plan names."""
    if until is None or isinstance(until, datetime):
        return until
    return datetime.combine(until, time(12), UTC)


def _choices(rollout: Rollout, grants: list[RoleGrant], giver: Giver) -> tuple[Choice, ...]:
    plan = load_plan(rollout)
    things = [
        *((RoleGrant.ROLE, role.key, role.title) for role in plan.roles),
        *((RoleGrant.GROUP, group.key, group.title) for group in plan.groups),
        (RoleGrant.MEMBER, "", "On this rollout, without a role"),
    ]
    names = {(kind, key): _holders(grants, rollout, kind, key) for kind, key, _ in things}
    decided = any(names[RoleGrant.ROLE, key] for key in last_roles(plan) if (RoleGrant.ROLE, key) in names)
    return tuple(
        Choice(f"{rollout.key}/{kind}/{key}", f"{rollout.key}: {title} ({names[kind, key] or 'nobody yet'})")
        for kind, key, title in things
        if (giver.is_admin and not decided) or _may_give(plan, rollout, kind, key, giver)
    )


def _holders(grants: list[RoleGrant], rollout: Rollout, kind: str, key: str) -> str:
    people = [g.person_name for g in grants if (g.rollout_id, g.kind, g.key) == (rollout.pk, kind, key)]
    return join_words(people, 3)


def _may_give(plan: Plan, rollout: Rollout, kind: str, key: str, giver: Giver) -> bool:
    held = set(giver.roles.get(rollout.key, ()))
    owners = {group.owner for group in plan.groups if kind == RoleGrant.GROUP and group.key == key}
    return bool(held & (set(last_roles(plan)) | owners))
