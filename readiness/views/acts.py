"""Who is acting, and how: from a request to the `Act` that every service records."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.http import HttpRequest

from readiness.core.addresses import request_address
from readiness.core.audit import Act, Actor, ActorType, Auth, Channel, ChannelKind
from readiness.core.canonical import digest_bytes
from readiness.core.codec import from_plain
from readiness.core.types import Person
from readiness.models import Rollout
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan

SIGNED_IN_AT = "signed_in_at"


def signed_in(request: HttpRequest) -> User:
    """Give the account that is signed in; every page but a few requires one."""
    user: AbstractBaseUser | AnonymousUser = request.user
    if not isinstance(user, User):
        raise TypeError("this page must be behind the sign-in")
    return user


def requesting_person(request: HttpRequest) -> Person:
    """Give the person that asks: their id and the name people know."""
    user = signed_in(request)
    return Person(f"u:{user.pk}", user.get_full_name() or user.username)


def act_of(request: HttpRequest, now: datetime, rollout: Rollout | None = None, *, confirmed: bool = False) -> Act:
    """Describe an act of the signed-in person. `confirmed` says that they have just typed their password again."""
    person = requesting_person(request)
    roles = load_roles(rollout, load_plan(rollout), person, now) if rollout is not None and rollout.plan else ()
    return Act(
        Actor(ActorType.USER, person.id, person.name, roles), channel_of(request), _auth(request, now, confirmed)
    )


def channel_of(request: HttpRequest) -> Channel:
    """Describe the way in: request id, address, user agent, and the session by its digest only."""
    return Channel(
        kind=ChannelKind.WEB,
        request=uuid4().hex,
        ip=client_address(request),
        ua=request.headers.get("User-Agent", "")[:300],
        session=digest_bytes((request.session.session_key or "").encode()),
        code=settings.CODE_VERSION,
    )


def client_address(request: HttpRequest) -> str:
    """Give the address that a request came from."""
    forwarded, connection = request.headers.get("X-Forwarded-For", ""), str(request.META.get("REMOTE_ADDR", ""))
    return request_address(connection, forwarded, settings.TRUSTED_PROXIES)


def _auth(request: HttpRequest, now: datetime, confirmed: bool) -> Auth:
    if confirmed:
        return Auth(("password",), now, 0)
    stored = request.session.get(SIGNED_IN_AT)
    if not isinstance(stored, str):
        return Auth(("password",))
    at = from_plain(datetime, stored)
    return Auth(("password",), at, int((now - at).total_seconds()))
