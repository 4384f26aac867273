"""Give a role of PostgreSQL what the application needs and nothing that could change the log."""

from django.db import connection, transaction

from readiness.services.audit_functions import WAYS
from readiness.services.audit_guards import CHECKPOINTS, ENTRIES, HEAD


class NoRoles(Exception):
    """The database here has no roles, no such role, or the role is the owner itself."""


def restrict_role(role: str) -> None:
    """Let a role read and write everything but the log, which it reads and adds to through its two functions."""
    if connection.vendor != "postgresql":
        raise NoRoles("SQLite has no roles: whoever may write the file may write all of it.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(current_schema()), current_user, rolsuper FROM pg_roles WHERE rolname = %s", [role]
        )
        found = cursor.fetchone()
        if found is None:
            raise NoRoles(f"There is no role {role}. Create it first: CREATE ROLE {role} LOGIN PASSWORD '…'.")
        schema, owner, is_super = found
        if role == owner or is_super:
            raise NoRoles(f"{role} owns the tables or is a superuser, so nothing restricts it. Take another role.")
        for statement in _grants(schema, connection.ops.quote_name(role)):
            cursor.execute(statement)


def _grants(schema: str, role: str) -> list[str]:
    every = "SELECT, INSERT, UPDATE, DELETE"
    log = ", ".join(f"{schema}.{table}" for table in (ENTRIES, HEAD))
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT {every} ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {every} ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        f"REVOKE ALL ON {log} FROM {role}",
        f"GRANT SELECT ON {log} TO {role}",
        f"REVOKE ALL ON {schema}.{CHECKPOINTS} FROM {role}",
        f"GRANT SELECT, INSERT ON {schema}.{CHECKPOINTS} TO {role}",
        *(f"GRANT EXECUTE ON FUNCTION {schema}.{way.signature} TO {role}" for way in WAYS),
    ]
