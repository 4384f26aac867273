"""Tokens: make one, whose secret is shown once, change the secret, take it back. A token acts for one person."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from readiness.core.audit import Act, ActorType, Change, ChannelKind
from readiness.core.canonical import digest_bytes
from readiness.core.permissions import Scope
from readiness.models import AccessToken, Rollout, TokenUse
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.people import person_id
from readiness.services.recording import change_rows, object_ref
from readiness.services.rights import NotAllowed, require_reauthentication

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
    """What is asked for: for whom by the name they sign in with, what it is for, what it may do and where, how long."""

    username: str
    title: str
    scopes: Collection[str]
    lasts: timedelta = LASTS
    rollout: str = ""


def make_token(new: NewToken, act: Act, now: datetime) -> tuple[AccessToken, str]:
    """Make a token; give it with its secret, which is kept nowhere. At the board it takes the password."""
    scopes = _fit(new)
    user = User.objects.filter(username=new.username, is_active=True).first()
    if user is None:
        raise TokenUnfit(f"Nobody signs in as {new.username}. Make the account first: person add.")
    row = AccessToken(
        title=new.title.strip(),
        scopes=scopes,
        rollout_key=new.rollout,
        person_id=person_id(user),
        person_name=user.get_full_name() or user.username,
        expires_at=now + new.lasts,
    )
    _require_own(act, row)
    with transaction.atomic():
        secret = _keep_secret(row, act, now)
        append(Change("token.made", object_ref(row, None, str(row)), None, row_state(row)), act)
    return row, secret


def rotate_token(pk: int, act: Act, now: datetime) -> tuple[AccessToken, str]:
    """Put another token in the place of one: the same but for its secret and its end. The old one stops at once."""
    with transaction.atomic():
        old = _standing_token(pk)
        _require_own(act, old)
        kept = {name: getattr(old, name) for name in ("title", "scopes", "rollout_key", "person_id", "person_name")}
        row = AccessToken(**kept, expires_at=now + (old.expires_at - old.made_at))
        secret = _keep_secret(row, act, now)
        ended = change_rows(AccessToken.objects.filter(pk=pk), revoked_at=now)
        append(Change("token.rotated", object_ref(row, None, str(row)), None, row_state(row), also=ended), act)
    return row, secret


def _keep_secret(row: AccessToken, act: Act, now: datetime) -> str:
    """Give a new token its secret, and keep the token with the digest of that alone."""
    secret = PREFIX + secrets.token_urlsafe(32)
    row.digest, row.made_at = digest_bytes(secret.encode()), now
    row.by_id, row.by_name = act.actor.id, act.actor.name
    row.save()
    return secret


def _standing_token(pk: int) -> AccessToken:
    row = AccessToken.objects.select_for_update().filter(pk=pk, revoked_at=None).first()
    if row is None:
        raise NoSuchToken(f"There is no token {pk} that counts: it was taken back, or never made.")
    return row


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
    if new.rollout and not Rollout.objects.filter(key=new.rollout).exists():
        raise TokenUnfit(f"There is no rollout {new.rollout}. Name one that was imported, or none for all of them.")
    return [scope for scope in known if scope in new.scopes]


def _is_own(act: Act, token: AccessToken) -> bool:
    """Whether the person whom the token acts for is at the board, or the operator at the shell. No token makes any."""
    own = act.actor.type is ActorType.USER and act.actor.id == token.person_id and act.channel.kind is ChannelKind.WEB
    return own or act.channel.kind is ChannelKind.SHELL


def _require_own(act: Act, token: AccessToken) -> None:
    """A secret is given to the person it acts for, who has just typed their password, and to the operator."""
    if not _is_own(act, token):
        raise NotAllowed("Only the person whom a token acts for, and the operator at the shell, get its secret.")
    if act.channel.kind is ChannelKind.WEB:
        require_reauthentication(act)


def revoke_token(pk: int, act: Act, now: datetime, *, by_admin: bool = False) -> int:
    """Take a token back, for good; return the entry's number. Administrators may take back anybody's."""
    with transaction.atomic():
        row = _standing_token(pk)
        if not (_is_own(act, row) or (by_admin and act.channel.kind is ChannelKind.WEB)):
            raise NotAllowed("Only the person whom a token acts for, or an administrator, takes it back.")
        before = row_state(row)
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        return append(Change("token.revoked", object_ref(row, None, str(row)), before, row_state(row)), act)


def note_use(token: AccessToken, address: str, now: datetime) -> None:
    """Note that a token was used, once a minute at most, so that a stolen one can be seen."""
    fresh = TokenUse.objects.filter(token=token, used_at__gt=now - NOTED_EVERY, address=address)
    if not fresh.exists():
        TokenUse.objects.update_or_create(token=token, defaults={"used_at": now, "address": address})
