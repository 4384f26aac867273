"""Tokens: find the one that a program shows, and list all."""

from datetime import datetime

from django.contrib.auth.models import User

from readiness.core.canonical import digest_bytes
from readiness.models import AccessToken


def find_token(secret: str, now: datetime) -> AccessToken | None:
    """Give the token of a secret while it counts: not taken back, not run out, and its person may still sign in."""
    digest = digest_bytes(secret.encode("utf-8", "surrogatepass"))
    token = AccessToken.objects.filter(digest=digest, revoked_at=None, expires_at__gt=now).first()
    if token is None or not User.objects.filter(pk=token.person_id.removeprefix("u:"), is_active=True).exists():
        return None
    return token


def load_tokens(person: str = "") -> list[AccessToken]:
    """Give every token, or those of a person, with its last use, the newest first."""
    rows = AccessToken.objects.select_related("use").order_by("-made_at", "-pk")
    return list(rows.filter(person_id=person) if person else rows)


def find_token_by_number(pk: int) -> AccessToken | None:
    """Give a token by its number, whether it counts or not, with its last use."""
    return AccessToken.objects.select_related("use").filter(pk=pk).first()
