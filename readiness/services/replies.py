"""Replies: a call under an `Idempotency-Key` is done once, however often it is made within a day.

The reply is kept in the transaction of the act, so that neither stands without the other, and whoever makes the same
call at the same moment waits for it. A call that was refused is not kept: it may be put right and made again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from readiness.models import AccessToken, KeptReply

KEPT_FOR = timedelta(days=1)


class KeyReused(Exception):
    """The key was given to another call already."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call: whose, under which key, and the digest of all that it says. Without a key it is always done."""

    token: AccessToken
    key: str
    digest: str


def kept_reply(asked: Asked, now: datetime) -> str | None:
    """Give what was replied to this very call before; None when it was not made. Raises KeyReused."""
    fresh = KeptReply.objects.filter(token=asked.token, key=asked.key, at__gt=now - KEPT_FOR)
    row = fresh.first() if asked.key else None
    if row is not None and row.asked != asked.digest:
        raise KeyReused(f"The key {asked.key} was given to another call within the last day. Choose a new one.")
    return row.body if row is not None else None


def reply_once(asked: Asked, now: datetime, do: Callable[[], str]) -> tuple[str, bool]:
    """Do it and keep its reply, or give the reply of whoever did it meanwhile; say whether it was done now."""
    if not asked.key:
        return do(), True
    try:
        with transaction.atomic():
            KeptReply.objects.filter(token=asked.token, at__lte=now - KEPT_FOR).delete()
            row = KeptReply(token=asked.token, key=asked.key, asked=asked.digest, at=now)
            row.save(force_insert=True)
            row.body = do()
            row.save(update_fields=["body"])
            return row.body, True
    except IntegrityError:
        body = kept_reply(asked, now)
        if body is None:
            raise
        return body, False
