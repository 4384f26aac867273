"""Counting wrong passwords, also while the cache is away."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from readiness.views.attempts import Limit, count_wrong, forget_wrong, is_locked

LIMIT = Limit("test", 3, timedelta(minutes=1), timedelta(minutes=2))


def test_one_too_many_locks_and_fewer_do_not():
    for _ in range(2):
        count_wrong(LIMIT, "ada")
    assert not is_locked(LIMIT, "ada")
    count_wrong(LIMIT, "ada")
    assert is_locked(LIMIT, "ada")
    assert not is_locked(LIMIT, "ben")


def test_a_right_one_between_begins_anew():
    for _ in range(3):
        count_wrong(LIMIT, "ada")
        forget_wrong(LIMIT, "ada")
    assert not is_locked(LIMIT, "ada")


def test_what_is_kept_names_nobody():
    count_wrong(LIMIT, "ada")
    assert not any("ada" in key for key in cache._cache)


@pytest.mark.parametrize("person", ["ada", "ben"])
def test_while_the_cache_is_away_it_still_counts(settings, person, caplog):
    away = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": away}}
    for _ in range(3):
        count_wrong(LIMIT, f"{person} while away")
    assert is_locked(LIMIT, f"{person} while away")
    assert "counted by each web process alone" in caplog.text
