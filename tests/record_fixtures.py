"""Helpers for tests that append to the log, read it back, or need a database that can be emptied."""

import json

import pytest
from django.db import connection

from readiness.models import AuditEntry
from readiness.services.audit_guards import drop_guards
from readiness.services.audit_search import clear_search


def entries(rollout: str | None = None) -> list[dict]:
    """Return the parsed entries in order, of one rollout or of all."""
    rows = AuditEntry.objects.order_by("seq")
    rows = rows if rollout is None else rows.filter(rollout=rollout)
    return [json.loads(bytes(body)) for body in rows.values_list("body", flat=True)]


@pytest.fixture
def committed_record(transactional_db):
    """A log whose transactions commit. Its triggers go before the database is emptied; `post_migrate` restores them."""
    yield
    drop_guards(connection)
    clear_search()


@pytest.fixture(autouse=True)
def _emptiable_record(request):
    """Let any test that empties the database afterwards (transactional_db, live_server) do so."""
    marker = request.node.get_closest_marker("django_db")
    transactional = marker and (marker.kwargs.get("transaction") or (marker.args and marker.args[0]))
    if transactional or {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("committed_record")
