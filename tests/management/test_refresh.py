"""`manage.py refresh` from a shell that lacks what the sources need."""

import pytest
from django.core.management import CommandError, call_command

from readiness.models import Observation
from tests.factories import make_rollout

pytestmark = pytest.mark.django_db


def test_a_shell_without_the_sources_variables_collects_nothing(monkeypatch):
    for name in ("PROMETHEUS_URL", "SERVICE_CHECKOUT", "SERVICE_URL"):
        monkeypatch.delenv(name, raising=False)
    make_rollout()
    with pytest.raises(CommandError, match="PROMETHEUS_URL") as refused:
        call_command("refresh")
    assert refused.value.returncode == 2
    assert "not set in this shell" in str(refused.value)
    assert not Observation.objects.exclude(collected_at=None).exists()
