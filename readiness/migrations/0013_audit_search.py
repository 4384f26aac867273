"""An index of the words of entries: SQLite's FTS5, and PostgreSQL's own. It holds copies for search and nothing else."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from readiness.core.entries import parse_entry
from readiness.core.replay import RowKey
from readiness.core.search import entry_phase, search_words

TABLES = {
    "sqlite": (
        "CREATE VIRTUAL TABLE readiness_auditsearch USING fts5"
        "(words, content='', columnsize=0, detail=none, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
    ),
    "postgresql": (
        "CREATE TABLE readiness_auditsearch (seq bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX audit_search_words ON readiness_auditsearch USING gin (words)",
    ),
}


def make_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the table of this database, and fill it with the words of the entries that there are."""
    for statement in TABLES[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
    phases: dict[RowKey, str] = {}
    rows = _read(schema_editor.connection, -1)
    while rows:
        _add(schema_editor.connection, rows, phases)
        rows = _read(schema_editor.connection, rows[-1][0])


def _read(connection: BaseDatabaseWrapper, after: int) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, body FROM readiness_auditentry WHERE seq > %s ORDER BY seq LIMIT 1000", [after])
        return [(seq, bytes(body)) for seq, body in cursor.fetchall()]


def _add(connection: BaseDatabaseWrapper, rows: list[tuple[int, bytes]], phases: dict[RowKey, str]) -> None:
    bodies = [(seq, parse_entry(data)) for seq, data in rows]
    words = [(seq, search_words(body, entry_phase(body, phases))) for seq, body in bodies]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            add = "INSERT INTO readiness_auditsearch (rowid, words) VALUES (%s, %s)"
            cursor.executemany(add, [(seq, " ".join(each)) for seq, each in words])
        else:
            add = "INSERT INTO readiness_auditsearch (seq, words) VALUES (%s, array_to_tsvector(%s))"
            cursor.executemany(add, [(seq, list(each)) for seq, each in words])


def drop_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop it; nothing is lost that the entries do not have."""
    schema_editor.execute("DROP TABLE readiness_auditsearch")


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0012_checkpoint"),
    ]

    operations = [
        migrations.RunPython(make_table, drop_table),
    ]
