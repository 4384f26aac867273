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


def load_tokens() -> list[AccessToken]:
    """Give every token with its last use, the newest first."""
    return list(AccessToken.objects.select_related("use").order_by("-made_at", "-pk"))
