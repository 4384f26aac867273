"""System checks: what is unsafe or does not fit together stops the start (`manage.py check --database default`)."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from readiness.core.canonical import NotCanonical
from readiness.core.entries import parse_entry
from readiness.services.audit_guards import ENTRIES, missing_guards


def check_log(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Say when the log's triggers are not as installed, or the log carries another name than the settings."""
    found: list[CheckMessage] = []
    for connection in (connections[alias] for alias in databases or ()):
        if ENTRIES in connection.introspection.table_names():
            found += [*_check_guards(connection), *_check_origin(connection)]
    return found


def _check_guards(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    missing = missing_guards(connection)
    hint = "Run manage.py migrate --skip-checks, which installs them; a trigger that is not ours is dropped by hand."
    message = f"The log is not protected as it should be; these triggers or functions differ: {', '.join(missing)}."
    return [Error(message, hint=hint, id="readiness.E001")] if missing else []


def _check_origin(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM readiness_auditentry ORDER BY seq DESC LIMIT 1")
        last = cursor.fetchone()
    name = _origin(bytes(last[0])) if last else settings.LOG_ORIGIN
    hint = f"Set READINESS_LOG_ORIGIN={name}. Only a new epoch has another: manage.py audit_epoch"
    message = f"The log is called {name}, but READINESS_LOG_ORIGIN says {settings.LOG_ORIGIN}."
    return [Error(message, hint=hint, id="readiness.E002")] if name != settings.LOG_ORIGIN else []


def _origin(body: bytes) -> str:
    try:
        return str(parse_entry(body).get("log"))
    except NotCanonical:
        return "unreadable"
