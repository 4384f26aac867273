"""Refuse what somebody may not do. Services ask this themselves, inside their transaction, whatever the page showed."""

from datetime import datetime

from readiness.core.audit import Act, ActorType, ChannelKind
from readiness.core.permissions import SHELL_RIGHTS, TOKEN_RIGHTS, Right, has_right, refusal, roles_for
from readiness.core.plan import Phase
from readiness.core.types import Person
from readiness.models import Rollout
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan

MAX_AUTH_AGE_S = 120


class NotAllowed(PermissionError):
    """Somebody may not do this; the message says who may."""


class NotReauthenticated(PermissionError):
    """Somebody has not proven who they are just now."""


def person_of(act: Act) -> Person:
    """Give the person that acts."""
    return Person(act.actor.id, act.actor.name)


def require(
    rollout: Rollout, act: Act, right: Right, now: datetime, *, owner: str | None = None, phase: Phase | None = None
) -> None:
    """Raise NotAllowed unless the acting person has the right now.

    The shell is the operator's: it may prepare and lower without a role, and nothing else.
    """
    refuse_token(act, right)
    if act.channel.kind is ChannelKind.SHELL and right in SHELL_RIGHTS:
        return
    plan = load_plan(rollout)
    needed = roles_for(right, plan, owner, phase)
    held = load_roles(rollout, plan, person_of(act), now) if act.actor.type is ActorType.USER else ()
    if not has_right(right, held, needed):
        titles = {role.key: role.title for role in plan.roles} | {group.key: group.title for group in plan.groups}
        raise NotAllowed(refusal(right, needed, titles))


def refuse_token(act: Act, right: Right) -> None:
    """Raise NotAllowed when a token would do what only a person may, whatever its person holds."""
    if act.channel.kind is ChannelKind.API and right not in TOKEN_RIGHTS:
        raise NotAllowed(f"A token may not {right.value}. Only a person who is signed in on the board may.")


def require_reauthentication(act: Act) -> None:
    """Raise NotReauthenticated unless the acting person has just proven who they are."""
    if act.auth.age_s is None or act.auth.age_s > MAX_AUTH_AGE_S:
        raise NotReauthenticated("Confirm it’s you: type your password again.")
