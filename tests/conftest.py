"""What all tests share: a fixed moment, a cache of their own, and the folder that static files are collected in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings
from hypothesis import settings as settings_of_hypothesis

# How long a property takes says how busy the machine is; what a test may take at most, pytest-timeout says.
settings_of_hypothesis.register_profile("house", deadline=None)
settings_of_hypothesis.load_profile("house")
MOMENT = datetime(2025, 12, 8, 9, 30, tzinfo=UTC)


@pytest.fixture
def now():
    """The moment at which a test happens."""
    return MOMENT


@pytest.fixture(scope="session", autouse=True)
def _static_folder():
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _quick_passwords():
    """Hashes that take no time; what they protect lives for one test."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _own_cache(request):
    """A cache in memory, empty; a test that is about the real one asks for `valkey_server`."""
    if "valkey_server" in request.fixturenames:
        yield
        return
    with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}):
        cache.clear()
        yield
