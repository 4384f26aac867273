"""A role of PostgreSQL that runs the application and cannot change the log, on a real server."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

REPOSITORY = Path(__file__).resolve().parents[2]
OWNER, APP = "log_owner", "log_app"
ROW = "(seq, body, nodes, at, actor, action, object, rollout, verdict)"
COPY = "body, nodes, at, actor, action, object, rollout, verdict FROM readiness_auditentry WHERE seq = 0"
OLD = '"time":"2025-12-08T09:30:00Z"'
ATTACKS = {
    "change an entry": "UPDATE readiness_auditentry SET actor = 'u:9'",
    "delete an entry": "DELETE FROM readiness_auditentry",
    "truncate": "TRUNCATE readiness_auditentry",
    "insert directly": f"INSERT INTO readiness_auditentry {ROW} SELECT 1, {COPY}",
    "move the head": "UPDATE readiness_audithead SET size = size + 1",
    "lock the head directly": "SELECT * FROM readiness_audithead FOR UPDATE",
    "switch a trigger off": "ALTER TABLE readiness_auditentry DISABLE TRIGGER audit_entry_refuse",
    "replace a guard": "CREATE OR REPLACE FUNCTION public.audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RETURN NULL; END$$",
    "replace the way in": "CREATE OR REPLACE FUNCTION public.audit_append(entry bytea) RETURNS bigint LANGUAGE sql AS "
    "'SELECT 1::bigint'",
    "drop the table": "DROP TABLE readiness_auditentry",
    "act as a replica": "SET session_replication_role = replica",
    "become the owner": f"SET ROLE {OWNER}",
    "change a checkpoint": "UPDATE readiness_checkpoint SET size = 0",
    "append what is no entry": "SELECT audit_append('no json')",
    "append out of sequence": f"SELECT audit_append('{{\"seq\":7,{OLD}}}')",
    "append an old time": f"SELECT audit_append('{{\"seq\":1,{OLD}}}')",
    "append twice the same": "SELECT audit_append(body) FROM readiness_auditentry WHERE seq = 0",
    "append behind a temporary head": "CREATE TEMP TABLE readiness_audithead (id int, size bigint); "
    "INSERT INTO pg_temp.readiness_audithead VALUES (1, 0); "
    "SELECT audit_append(body) FROM readiness_auditentry WHERE seq = 0",
}


@pytest.fixture(scope="module")
def addresses(postgres_server):
    """A database that its owner migrated, whose application has a role of its own; one entry is in its log."""
    with psycopg.connect(postgres_server, autocommit=True) as server:
        for role in (OWNER, APP):
            server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        server.execute(f"CREATE DATABASE roles OWNER {OWNER}")
    base = postgres_server.rsplit("/", 1)[0] + "/roles"
    found = {role: base.replace("readiness@", f"{role}@") for role in (OWNER, APP)}
    assert manage(found[OWNER], "migrate", "--verbosity", "0").returncode == 0
    restricted = manage(found[OWNER], "audit_role", APP)
    assert "adds to it through audit_lock and audit_append only" in restricted.stdout, restricted.stderr
    added = manage(found[APP], "person", "add", "ana", "--name", "Ana Ruiz")
    assert "ana signs in with" in added.stdout, added.stderr
    return found


def manage(address, *arguments):
    """Run a command of the product with a role's address."""
    environment = os.environ | {"DATABASE_URL": address}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_role_of_the_application_cannot(attack, addresses):
    with psycopg.connect(addresses[APP]) as connection, pytest.raises(psycopg.Error):
        connection.execute(ATTACKS[attack])
    with psycopg.connect(addresses[APP]) as connection:
        assert connection.execute("SELECT size FROM readiness_audithead").fetchone() == (1,)


def test_the_role_of_the_application_adds_reads_and_verifies(addresses):
    with psycopg.connect(addresses[APP]) as connection:
        (user,) = connection.execute("SELECT id FROM auth_user").fetchone()
        said = connection.execute("SELECT action, object, actor LIKE 'shell:%' FROM readiness_auditentry").fetchall()
    assert said == [("person.added", f"person:u:{user}", True)]
    verified = manage(addresses[APP], "audit_verify")
    assert verified.returncode == 0, verified.stderr
    assert "The record is whole: 1 entries recomputed." in verified.stdout


def test_the_system_check_knows_who_may_call_the_ways_in(addresses):
    assert manage(addresses[APP], "check", "--database", "default").returncode == 0
    with psycopg.connect(addresses[OWNER], autocommit=True) as connection:
        connection.execute("GRANT EXECUTE ON FUNCTION audit_append(bytea) TO PUBLIC")
    found = manage(addresses[APP], "check", "--database", "default")
    assert "audit_append" in found.stderr
    assert manage(addresses[OWNER], "migrate", "--skip-checks", "--verbosity", "0").returncode == 0
    assert manage(addresses[APP], "check", "--database", "default").returncode == 0


@pytest.mark.parametrize(
    ("role", "said"), [(OWNER, "owns the tables or is a superuser"), ("nobody", "There is no role nobody.")]
)
def test_a_role_that_nothing_restricts_is_refused(role, said, addresses):
    assert said in manage(addresses[OWNER], "audit_role", role).stderr


def test_sqlite_has_no_roles(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["READINESS_DATA"] = str(tmp_path)
    command = [sys.executable, "manage.py", "audit_role", APP]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert "SQLite has no roles" in done.stderr
