"""Counters that all web processes share, in the cache.

While the cache is away each process counts for itself, because a limit that is looser for a while is better than
nobody being let in.
"""

import logging
from datetime import timedelta

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

logger = logging.getLogger("readiness")
_OWN = LocMemCache("attempts", {})


def working_cache() -> BaseCache:
    """Give the cache that all processes share, or this process's own while that one is away."""
    try:
        cache.get("attempts")
    except RedisError:
        logger.warning("The cache does not answer; tries are counted by each web process alone")
        return _OWN
    return cache


def count_up(key: str, within: timedelta) -> int:
    """Count one more, and give how many there were since the first, which is forgotten after `within`."""
    counts = working_cache()
    counts.add(key, 0, within.total_seconds())
    try:
        return counts.incr(key)
    except ValueError:
        return 1
