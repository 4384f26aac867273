"""Tokens as the page of integrations shows them. A secret is on none of these pages but the one that gives it."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from readiness.core.permissions import Scope
from readiness.core.types import Person
from readiness.models import AccessToken, RoleGrant, Rollout
from readiness.queries.pages.integrations import (
    CLOSED,
    COUNTS,
    RUN_OUT,
    TAKEN_BACK,
    IntegrationsPage,
    MadePage,
    ScopeChoice,
    TokenPage,
    TokenRow,
)
from readiness.queries.pages.parts import Choice
from readiness.queries.tokens import load_tokens

SCOPES = {
    Scope.READ: "Read what its person may read",
    Scope.EVIDENCE: "Add evidence to claims",
    Scope.CLAIM: "Claim what its person may claim",
    Scope.PLAN: "Import plans, where its person may",
    Scope.FLAGS: "Lower flags, and never raise one",
}
EVERYWHERE = "Every rollout of its person"
MOST_ENDED = 20


def scope_words() -> list[tuple[str, str]]:
    """Give the scopes with what they let a program do."""
    return [(scope.value, words) for scope, words in SCOPES.items()]


def rollouts_of(person: Person) -> list[tuple[str, str]]:
    """Give the rollouts that somebody is on, and before them all of these at once."""
    grants = RoleGrant.objects.filter(person_id=person.id, revoked_at=None)
    rows = Rollout.objects.filter(pk__in=grants.values("rollout")).order_by("key").values_list("key", "title")
    return [("", EVERYWHERE), *((key, f"{title} ({key})") for key, title in rows)]


def fill_integrations(
    person: Person, now: datetime, *, is_admin: bool, chosen: Collection[str], rollout: str
) -> IntegrationsPage:
    """Show the tokens of the reader, and to an administrator everybody's; `chosen` is what was typed before."""
    found = load_tokens() if is_admin else load_tokens(person.id)
    mine = [token for token in found if token.person_id == person.id]
    others = [token for token in found if token.person_id != person.id] if is_admin else None
    active = _active_ids(found)
    return IntegrationsPage(
        action=reverse("integrations"),
        mine=_rows(mine, active, now),
        scopes=tuple(ScopeChoice(value, words, value in chosen) for value, words in scope_words()),
        rollouts=tuple(Choice(key, label, selected=key == rollout) for key, label in rollouts_of(person)),
        others=_rows(others, active, now) if others is not None else None,
    )


def fill_token(token: AccessToken, person: Person, now: datetime) -> TokenPage:
    """Show one token by itself."""
    row = token_row(token, _active_ids([token]), now)
    return TokenPage(row, reverse("integrations"), token.person_id == person.id)


def fill_made(token: AccessToken, secret: str, site: str, now: datetime) -> MadePage:
    """Show a secret, this once, and how a program shows it."""
    address = f"{site}{reverse('api-checkpoint')}"
    example = f'curl -H "Authorization: Bearer {secret}" {address}'
    return MadePage(token_row(token, _active_ids([token]), now), secret, example, reverse("integrations"))


def _rows(tokens: Iterable[AccessToken], active: Collection[str], now: datetime) -> tuple[TokenRow, ...]:
    """What counts, and of what no longer does the newest."""
    rows = [token_row(token, active, now) for token in tokens]
    ended = [row for row in rows if not row.counts][:MOST_ENDED]
    return (*(row for row in rows if row.counts), *ended)


def _active_ids(tokens: Iterable[AccessToken]) -> set[str]:
    """Give the people of these tokens who may still sign in."""
    numbers = {token.person_id.removeprefix("u:") for token in tokens}
    return {f"u:{pk}" for pk in User.objects.filter(pk__in=numbers, is_active=True).values_list("pk", flat=True)}


def token_row(token: AccessToken, active: Collection[str], now: datetime) -> TokenRow:
    """Show one token; `active` are the people who may still sign in."""
    use = getattr(token, "use", None)
    return TokenRow(
        key=str(token.pk),
        title=token.title,
        person=token.person_name,
        scopes=", ".join(token.scopes),
        where=token.rollout_key or EVERYWHERE,
        state=_state(token, active, now),
        made_at=token.made_at,
        expires_at=token.expires_at,
        used_at=use.used_at if use is not None else None,
        used_from=use.address if use is not None else "",
        url=reverse("integration", args=[token.pk]),
    )


def _state(token: AccessToken, active: Collection[str], now: datetime) -> str:
    if token.revoked_at is not None:
        return TAKEN_BACK
    if token.expires_at <= now:
        return RUN_OUT
    return COUNTS if token.person_id in active else CLOSED
