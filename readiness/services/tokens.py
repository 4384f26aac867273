"""Tokens: make one, whose secret is shown once, and take it back. A token acts for one person and makes no other."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from readiness.core.audit import Act, ActorType, Change, ChannelKind
from readiness.core.canonical import digest_bytes
from readiness.core.permissions import Scope
from readiness.models import AccessToken, TokenUse
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.people import person_id
from readiness.services.recording import object_ref
from readiness.services.rights import NotAllowed

PREFIX = "readiness_"
LASTS = timedelta(days=90)
LONGEST = timedelta(days=365)
NOTED_EVERY = timedelta(minutes=1)


class TokenUnfit(ValueError):
    """The token that was asked for cannot be made; the message says what is allowed."""


class NoSuchToken(LookupError):
    """There is no such token, or it was taken back already."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is asked for: for whom by the name they sign in with, what it is for, what it may do, how long."""

    username: str
    title: str
    scopes: Collection[str]
    lasts: timedelta = LASTS


def make_token(new: NewToken, act: Act, now: datetime) -> tuple[AccessToken, str]:
    """Make a token; give it with its secret, which is kept nowhere."""
    scopes = _fit(new)
    user = User.objects.filter(username=new.username, is_active=True).first()
    if user is None:
        raise TokenUnfit(f"Nobody signs in as {new.username}. Make the account first: person add.")
    _require_own(act, person_id(user))
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = AccessToken.objects.create(
            title=new.title.strip(),
            digest=digest_bytes(secret.encode()),
            scopes=scopes,
            person_id=person_id(user),
            person_name=user.get_full_name() or user.username,
            made_at=now,
            by_id=act.actor.id,
            by_name=act.actor.name,
            expires_at=now + new.lasts,
        )
        append(Change("token.made", object_ref(row, None, str(row)), None, row_state(row)), act)
    return row, secret


def _fit(new: NewToken) -> list[str]:
    known = [scope.value for scope in Scope]
    unknown = sorted(set(new.scopes) - set(known))
    if unknown or not new.scopes:
        found = ", ".join(unknown) or "none"
        raise TokenUnfit(f"A token may have the scopes {', '.join(known)}; found {found}.")
    if not new.title.strip():
        raise TokenUnfit("Say what the token is for, so that it can be told from others.")
    if not timedelta(0) < new.lasts <= LONGEST:
        raise TokenUnfit(f"A token lasts 1 to {LONGEST.days} days; found {new.lasts.days}.")
    return [scope for scope in known if scope in new.scopes]


def _require_own(act: Act, person: str) -> None:
    """People make and take back their own tokens, the operator everybody's, and no token any."""
    own = act.actor.type is ActorType.USER and act.actor.id == person and act.channel.kind is ChannelKind.WEB
    if not own and act.channel.kind is not ChannelKind.SHELL:
        raise NotAllowed("Only the person themself and the operator at the shell make or take back this token.")


def revoke_token(pk: int, act: Act, now: datetime) -> int:
    """Take a token back, for good; return the entry's number."""
    with transaction.atomic():
        row = AccessToken.objects.select_for_update().filter(pk=pk, revoked_at=None).first()
        if row is None:
            raise NoSuchToken(f"There is no token {pk} to take back. List them: token list.")
        _require_own(act, row.person_id)
        before = row_state(row)
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        return append(Change("token.revoked", object_ref(row, None, str(row)), before, row_state(row)), act)


def note_use(token: AccessToken, address: str, now: datetime) -> None:
    """Note that a token was used, once a minute at most, so that a stolen one can be seen."""
    fresh = TokenUse.objects.filter(token=token, used_at__gt=now - NOTED_EVERY, address=address)
    if not fresh.exists():
        TokenUse.objects.update_or_create(token=token, defaults={"used_at": now, "address": address})
