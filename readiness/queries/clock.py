"""The database's clock: the one that several processes on several machines share."""

from datetime import UTC, datetime

from django.db import connection

_NOW = {"sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')", "postgresql": "SELECT clock_timestamp()"}


def load_database_time() -> datetime:
    """Return the database's time, in microseconds (milliseconds on SQLite)."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW[connection.vendor])
        (found,) = cursor.fetchone()
    at = datetime.fromisoformat(found) if isinstance(found, str) else found
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
