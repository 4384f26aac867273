"""People: the first administrator by a one-time link, accounts, and roles by rollout. Every grant is in the record."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from readiness.core.audit import Act, Actor, ActorType, Change, ObjectRef
from readiness.core.canonical import digest_bytes
from readiness.core.codec import Plain
from readiness.core.permissions import Right, last_roles
from readiness.core.plan import Plan
from readiness.core.types import Person
from readiness.models import RoleGrant, Rollout, SetupLink
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import NotAllowed, person_of, refuse_token, require

LINK_LASTS = timedelta(hours=24)


class LinkSpent(LookupError):
    """The one-time link was used, has run out, or never was."""


class NameTaken(ValueError):
    """Somebody signs in with this name already."""


class NoSuchRole(LookupError):
    """The plan has no such role or group."""


class AlreadyGranted(Exception):
    """The person holds it already."""


class NotGranted(LookupError):
    """There is no such grant to take back."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """An account to be made. Without a password nobody signs in to it until its owner has chosen one."""

    username: str
    name: str
    password: str = ""
    is_admin: bool = False
    email: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What is given to whom: a `role` or `group` of the plan by its key, or plain `member`ship with an empty key."""

    to: Person
    kind: str
    key: str = ""


def person_id(user: User) -> str:
    """Give the stable id of an account."""
    return f"u:{user.pk}"


def make_setup_link(now: datetime) -> str:
    """Make the secret of a one-time link for the first administrator; only its digest is kept."""
    secret = secrets.token_urlsafe(24)
    SetupLink.objects.create(digest=digest_bytes(secret.encode()), expires_at=now + LINK_LASTS)
    return secret


def setup_link_works(secret: str, now: datetime) -> bool:
    """Say whether a one-time link can still be used."""
    links = SetupLink.objects.filter(digest=digest_bytes(secret.encode()), used_at=None, expires_at__gt=now)
    return links.exists()


def use_setup_link(secret: str, person: NewPerson, act: Act, now: datetime) -> User:
    """Make the first administrator and spend the link."""
    with transaction.atomic():
        links = SetupLink.objects.filter(digest=digest_bytes(secret.encode()), used_at=None, expires_at__gt=now)
        if not links.update(used_at=now):
            raise LinkSpent("This link was used or has run out. Ask the operator to print a new one.")
        return _make_account(person, act)


def add_person(person: NewPerson, act: Act, *, by_admin: bool) -> User:
    """Make an account; administrators may, and the shell."""
    if not by_admin:
        raise NotAllowed("Only an administrator makes accounts. Ask one to add this person.")
    with transaction.atomic():
        return _make_account(person, act)


def _make_account(person: NewPerson, act: Act) -> User:
    _must_be_new(person)
    user = User(username=person.username, first_name=person.name, email=person.email, is_staff=person.is_admin)
    if person.password:
        validate_password(person.password, user)
    user.set_password(person.password or None)
    user.save()
    after: dict[str, Plain] = {"username": person.username, "name": person.name, "administrator": person.is_admin}
    thing = ObjectRef("person", person_id(user), person.name)
    append(Change("person.added", thing, None, after), act)
    return user


def _must_be_new(person: NewPerson) -> None:
    """Refuse a name somebody has: to sign in, and in full, because deputies and readers know people by it."""
    if User.objects.filter(username__iexact=person.username).exists():
        raise NameTaken(f"Somebody signs in as {person.username} already. Choose another name.")
    if User.objects.filter(first_name__iexact=person.name).exists():
        raise NameTaken(f"Somebody here is called {person.name} already. Add what tells them apart.")


def grant_role(rollout_key: str, grant: Grant, act: Act, now: datetime, *, by_admin: bool = False) -> int:
    """Give a person a role, a group or membership.

    Holders of a `last` role may, and for a group its owner. While nobody holds a `last` role, an administrator may, so
    that a new rollout gets its people.
    """
    refuse_token(act, Right.GRANT)
    try:
        with transaction.atomic():
            rollout = lock_rollout(rollout_key, closed_too=True)
            plan = load_plan(rollout)
            _must_exist(plan, grant.kind, grant.key)
            if not (by_admin and _nobody_decides(rollout, plan)):
                _require_grant(rollout, grant.kind, grant.key, act, now)
            row = _keep_grant(rollout, grant, act, now)
            mark_dirty(rollout, now)
            thing = object_ref(row, rollout, f"{grant.to.name}: {grant.key or grant.kind}")
            return append(Change("role.granted", thing, None, row_state(row)), act)
    except IntegrityError:
        raise AlreadyGranted(f"{grant.to.name} has this already.") from None


def _keep_grant(rollout: Rollout, grant: Grant, act: Act, now: datetime) -> RoleGrant:
    return RoleGrant.objects.create(
        rollout=rollout,
        kind=grant.kind,
        key=grant.key,
        person_id=grant.to.id,
        person_name=grant.to.name,
        granted_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )


def revoke_role(rollout_key: str, grant_id: int, act: Act, now: datetime) -> int:
    """Take a grant back. What was signed under it stays, with the role as it was."""
    refuse_token(act, Right.GRANT)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        grant = RoleGrant.objects.filter(rollout=rollout, pk=grant_id, revoked_at=None).first()
        if grant is None:
            raise NotGranted("This role was taken back already. Reload to see the people as they are.")
        if grant.person_id != act.actor.id:
            _require_grant(rollout, grant.kind, grant.key, act, now)
        before = row_state(grant)
        grant.revoked_at = now
        grant.save(update_fields=["revoked_at"])
        mark_dirty(rollout, now)
        thing = object_ref(grant, rollout, f"{grant.person_name}: {grant.key or grant.kind}")
        return append(Change("role.revoked", thing, before, row_state(grant)), act)


def first_actor(name: str) -> Actor:
    """Name whoever uses the one-time link, before they have an account."""
    return Actor(ActorType.ANONYMOUS, "setup-link", name)


def _must_exist(plan: Plan, kind: str, key: str) -> None:
    roles, groups = {role.key for role in plan.roles}, {group.key for group in plan.groups}
    known = {RoleGrant.ROLE: roles, RoleGrant.GROUP: groups, RoleGrant.MEMBER: {""}}.get(kind, set())
    if key not in known:
        raise NoSuchRole(f"The plan has no {kind} {key}. It has: {', '.join(sorted(roles | groups))}.")


def _require_grant(rollout: Rollout, kind: str, key: str, act: Act, now: datetime) -> None:
    plan = load_plan(rollout)
    owners = {group.owner for group in plan.groups if kind == RoleGrant.GROUP and group.key == key}
    keeps = act.actor.type is ActorType.USER and owners & set(load_roles(rollout, plan, person_of(act), now))
    if not keeps:
        require(rollout, act, Right.GRANT, now)


def _nobody_decides(rollout: Rollout, plan: Plan) -> bool:
    deciding = RoleGrant.objects.filter(rollout=rollout, kind=RoleGrant.ROLE, key__in=last_roles(plan))
    return not deciding.filter(revoked_at=None).exists()
