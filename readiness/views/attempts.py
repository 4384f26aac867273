"""Wrong passwords: counted, and after some of them nobody is asked for a while."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from readiness.core.canonical import digest_bytes
from readiness.services.counters import count_up, working_cache

logger = logging.getLogger("readiness")


@dataclass(frozen=True, slots=True)
class Limit:
    """After `most` wrong passwords within a time, nobody is asked for another time."""

    name: str
    most: int
    within: timedelta
    locked_for: timedelta


SIGN_IN = Limit("sign-in", 10, timedelta(minutes=10), timedelta(minutes=15))
SIGNATURE = Limit("signature", 5, timedelta(minutes=5), timedelta(minutes=5))


def is_locked(limit: Limit, who: str) -> bool:
    """Say whether somebody has to wait."""
    return bool(working_cache().get(_key(limit, who, "locked")))


def count_wrong(limit: Limit, who: str) -> None:
    """Count a wrong password, and lock when it was one too many."""
    key, our_cache = _key(limit, who, "wrong"), working_cache()
    wrong = count_up(key, limit.within)
    if wrong >= limit.most:
        our_cache.set(_key(limit, who, "locked"), True, limit.locked_for.total_seconds())
        our_cache.delete(key)
        logger.warning("%s locked for %s after %d wrong passwords", limit.name, limit.locked_for, wrong)


def forget_wrong(limit: Limit, who: str) -> None:
    """Start counting anew after a right password."""
    our_cache = working_cache()
    our_cache.delete(_key(limit, who, "wrong"))


def _key(limit: Limit, who: str, what: str) -> str:
    return f"{limit.name}:{what}:{digest_bytes(who.encode())}"
