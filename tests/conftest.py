"""What all tests share: a fixed moment, a cache of their own, and the folder that static files are collected in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

MOMENT = datetime(2025, 12, 8, 9, 30, tzinfo=UTC)


@pytest.fixture
def now():
    """The moment at which a test happens."""
    return MOMENT


@pytest.fixture(scope="session", autouse=True)
def _static_folder():
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashes that take no time; what they protect lives for one test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_cache(request, settings):
    """A cache in memory, empty; a test that is about the real one asks for `valkey_server`."""
    if "valkey_server" not in request.fixturenames:
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        cache.clear()
