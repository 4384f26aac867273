"""Triggers that keep the log and its checkpoints append-only: no update, no delete, nothing out of sequence.

They stand between the application's own mistakes (or its stolen connection) and the log. Whoever may drop a trigger
can still rewrite rows; that is what the tree is for. SQLite drops triggers silently when it remakes a table, so every
`migrate` ends by installing them (`apps.py`) and a system check compares them (`checks.py`). This module knows tables
by name only, so that it can be imported before models are.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from readiness.services.audit_functions import install_ways, missing_ways

ENTRIES = "readiness_auditentry"
HEAD = "readiness_audithead"
CHECKPOINTS = "readiness_checkpoint"


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: `installed` is what the catalogue says of it, `statements` what creates it."""

    table: str
    installed: str
    statements: tuple[str, ...]


def _sqlite(name: str, event: str, table: str, message: str, when: str = "") -> Guard:
    condition = f"WHEN {when} " if when else ""
    sql = f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}BEGIN SELECT RAISE(ABORT, '{message}'); END"
    return Guard(table, sql, (sql,))


# Without the trigger on INSERT, `INSERT OR REPLACE` would walk through: it deletes without firing delete triggers.
_SQLITE = {
    "audit_entry_update": _sqlite("audit_entry_update", "UPDATE", ENTRIES, "Entries of the log are never changed"),
    "audit_entry_delete": _sqlite("audit_entry_delete", "DELETE", ENTRIES, "Entries of the log are never deleted"),
    "audit_entry_insert": _sqlite(
        "audit_entry_insert",
        "INSERT",
        ENTRIES,
        "The next entry of the log has the number its head says",
        "NEW.seq IS NOT (SELECT size FROM readiness_audithead WHERE id = 1)",
    ),
    "audit_head_insert": _sqlite(
        "audit_head_insert",
        "INSERT",
        HEAD,
        "The log has one head, made before its first entry",
        "NEW.size IS NOT 0 OR EXISTS (SELECT 1 FROM readiness_audithead) "
        "OR EXISTS (SELECT 1 FROM readiness_auditentry)",
    ),
    "audit_head_delete": _sqlite("audit_head_delete", "DELETE", HEAD, "The head of the log is never deleted"),
    "audit_head_update": _sqlite(
        "audit_head_update",
        "UPDATE",
        HEAD,
        "The head of the log moves by one, after its entry",
        "NEW.size IS NOT OLD.size + 1 OR NOT EXISTS (SELECT 1 FROM readiness_auditentry WHERE seq = OLD.size)",
    ),
    "checkpoint_update": _sqlite("checkpoint_update", "UPDATE", CHECKPOINTS, "Checkpoints are never changed"),
    "checkpoint_delete": _sqlite("checkpoint_delete", "DELETE", CHECKPOINTS, "Checkpoints are never deleted"),
    "checkpoint_insert": _sqlite(
        "checkpoint_insert",
        "INSERT",
        CHECKPOINTS,
        "A checkpoint covers more than those before it, and no more than there is",
        "EXISTS (SELECT 1 FROM readiness_checkpoint WHERE id = NEW.id OR origin = NEW.origin AND size >= NEW.size) "
        "OR NEW.size > (SELECT size FROM readiness_audithead WHERE id = 1)",
    ),
}

_REFUSE = """
BEGIN
  RAISE EXCEPTION 'The log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END
"""
# Tables are named with the trigger's own schema: a temporary table of the same name must not answer for the head.
_ENTRY_INSERT = """
DECLARE
  next_seq bigint;
BEGIN
  EXECUTE format('SELECT size FROM %I.readiness_audithead WHERE id = 1', TG_TABLE_SCHEMA) INTO next_seq;
  IF NEW.seq IS DISTINCT FROM next_seq THEN
    RAISE EXCEPTION 'The next entry of the log has number %, not %', next_seq, NEW.seq;
  END IF;
  IF substring(NEW.nodes FROM 1 FOR 32) IS DISTINCT FROM sha256('\\x00'::bytea || NEW.body) THEN
    RAISE EXCEPTION 'Entry % does not carry the hash of its own bytes', NEW.seq;
  END IF;
  RETURN NEW;
END
"""
_HEAD_UPDATE = """
DECLARE
  entered boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.readiness_auditentry WHERE seq = $1)', TG_TABLE_SCHEMA)
    INTO entered USING OLD.size;
  IF NEW.size <> OLD.size + 1 OR NOT entered THEN
    RAISE EXCEPTION 'The head of the log moves by one, after its entry';
  END IF;
  RETURN NEW;
END
"""
_CHECKPOINT_INSERT = """
DECLARE
  refused boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.readiness_checkpoint WHERE origin = $1 AND size >= $2) '
    'OR $2 > (SELECT size FROM %I.readiness_audithead WHERE id = 1)', TG_TABLE_SCHEMA, TG_TABLE_SCHEMA)
    INTO refused USING NEW.origin, NEW.size;
  IF refused THEN
    RAISE EXCEPTION 'A checkpoint covers more than those before it, and no more than there is';
  END IF;
  RETURN NEW;
END
"""
# The catalogue's bits for when a trigger fires (pg_trigger.tgtype).
_ROW, _BEFORE, _BITS = 1, 2, {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


def _postgresql(name: str, table: str, events: tuple[str, ...], each: str, body: str) -> Guard:
    kind = _BEFORE + (_ROW if each == "ROW" else 0) + sum(_BITS[event] for event in events)
    return Guard(
        table,
        f"{table} {kind} A {body}",
        (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
            f"CREATE TRIGGER {name} BEFORE {' OR '.join(events)} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ),
    )


# A second head needs no trigger here: the row's key and its constraint refuse it, and there is no `INSERT OR REPLACE`.
_POSTGRESQL = {
    "audit_entry_refuse": _postgresql(
        "audit_entry_refuse", ENTRIES, ("UPDATE", "DELETE", "TRUNCATE"), "STATEMENT", _REFUSE
    ),
    "audit_entry_insert": _postgresql("audit_entry_insert", ENTRIES, ("INSERT",), "ROW", _ENTRY_INSERT),
    "audit_head_refuse": _postgresql("audit_head_refuse", HEAD, ("DELETE", "TRUNCATE"), "STATEMENT", _REFUSE),
    "audit_head_update": _postgresql("audit_head_update", HEAD, ("UPDATE",), "ROW", _HEAD_UPDATE),
    "checkpoint_refuse": _postgresql(
        "checkpoint_refuse", CHECKPOINTS, ("UPDATE", "DELETE", "TRUNCATE"), "STATEMENT", _REFUSE
    ),
    "checkpoint_insert": _postgresql("checkpoint_insert", CHECKPOINTS, ("INSERT",), "ROW", _CHECKPOINT_INSERT),
}
_GUARDS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_INSTALLED = {
    "sqlite": """
        SELECT name, sql FROM sqlite_master
        WHERE type = 'trigger'
          AND tbl_name IN ('readiness_auditentry', 'readiness_audithead', 'readiness_checkpoint')
    """,
    "postgresql": """
        SELECT t.tgname, concat_ws(' ', c.relname, t.tgtype, t.tgenabled, p.prosrc, pg_get_expr(t.tgqual, t.tgrelid))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE c.oid IN (to_regclass('readiness_auditentry'), to_regclass('readiness_audithead'),
          to_regclass('readiness_checkpoint')) AND NOT t.tgisinternal
    """,
}
_FIRST_HEAD = {
    "sqlite": """
        INSERT INTO readiness_audithead (id, size, frontier) SELECT 1, 0, x'' WHERE NOT EXISTS
        (SELECT 1 FROM readiness_audithead) AND NOT EXISTS (SELECT 1 FROM readiness_auditentry)
    """,
    "postgresql": """
        INSERT INTO readiness_audithead (id, size, frontier) SELECT 1, 0, ''::bytea WHERE NOT EXISTS
        (SELECT 1 FROM readiness_audithead) AND NOT EXISTS (SELECT 1 FROM readiness_auditentry)
    """,
}


def expected_guards(vendor: str) -> dict[str, Guard]:
    """Return the triggers that a database of this vendor ("sqlite", "postgresql") must have, by name."""
    return _GUARDS[vendor]


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers and functions of the log that are missing, switched off, changed, or not ours."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED[connection.vendor])
        found = dict(cursor.fetchall())
    wanted = {name: guard.installed for name, guard in expected_guards(connection.vendor).items()}
    differ = {name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)}
    return sorted(differ | set(missing_ways(connection)))


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """Install what is missing, and make the head when the log is new. Does nothing without the log's tables."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if {ENTRIES, HEAD, CHECKPOINTS} - set(connection.introspection.table_names(cursor)):
            return
        for name in missing_guards(connection):
            if guard := expected_guards(connection.vendor).get(name):
                _drop(connection, name, guard)
                for statement in guard.statements:
                    cursor.execute(statement)
        install_ways(connection)
        cursor.execute(_FIRST_HEAD[connection.vendor])


def drop_guards(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: for a migration that remakes the log's tables, and for tests that empty the database."""
    for name, guard in expected_guards(connection.vendor).items():
        _drop(connection, name, guard)


def _drop(connection: BaseDatabaseWrapper, name: str, guard: Guard) -> None:
    on_table = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
