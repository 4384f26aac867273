import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import CharField

from readiness.checks import check_log
from readiness.models import AuditEntry, AuditHead, Checkpoint
from readiness.queries.verification import verify_record
from readiness.services.audit import append
from readiness.services.audit_guards import drop_guards, expected_guards, install_guards, missing_guards
from tests.record_fixtures import _emptiable_record, committed_record  # noqa: F401 (fixtures)
from tests.services.helpers import NOW
from tests.services.test_audit import ACT, claim

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

ROW = "readiness_auditentry (seq, body, nodes, at, actor, action, object, rollout, verdict)"
COPY = "body, nodes, at, actor, action, object, rollout, verdict FROM readiness_auditentry WHERE seq = 3"
APPENDED = f"INSERT INTO {ROW} SELECT 5, {COPY}"
HEAD_AT_7 = "UPDATE readiness_audithead SET size = 7"
ANYWHERE = {
    "change a body": "UPDATE readiness_auditentry SET body = nodes WHERE seq = 2",
    "change a column": "UPDATE readiness_auditentry SET actor = 'u:8' WHERE seq = 2",
    "change a number": "UPDATE readiness_auditentry SET seq = 9 WHERE seq = 4",
    "delete one": "DELETE FROM readiness_auditentry WHERE seq = 2",
    "delete the last": "DELETE FROM readiness_auditentry WHERE seq = 4",
    "delete all": "DELETE FROM readiness_auditentry",
    "write over": f"INSERT INTO {ROW} SELECT 2, {COPY} ON CONFLICT (seq) DO UPDATE SET body = excluded.nodes",
    "a second one": f"INSERT INTO {ROW} SELECT 2, {COPY}",
    "a gap": f"INSERT INTO {ROW} SELECT 6, {COPY}",
    "two at once": f"INSERT INTO {ROW} SELECT 5, {COPY} UNION ALL SELECT 6, {COPY}",
    "below zero": f"INSERT INTO {ROW} SELECT -1, {COPY}",
    "head back": "UPDATE readiness_audithead SET size = 4",
    "head forward": "UPDATE readiness_audithead SET size = 6",
    "head too far": HEAD_AT_7,
    "head over one": "; ".join([APPENDED, HEAD_AT_7]),
    "head to nowhere": "UPDATE readiness_audithead SET size = NULL",
    "frontier": "UPDATE readiness_audithead SET frontier = frontier",
    "another id": "UPDATE readiness_audithead SET id = 2",
    "no head": "DELETE FROM readiness_audithead",
    "a second head": "INSERT INTO readiness_audithead (id, size, frontier) "
    "SELECT 2, 0, frontier FROM readiness_audithead",
}
SQLITE = {
    "replace one": f"INSERT OR REPLACE INTO {ROW} SELECT 2, {COPY}",
    "replace into": f"REPLACE INTO {ROW} SELECT 2, {COPY}",
    "ignore a second one": f"INSERT OR IGNORE INTO {ROW} SELECT 2, {COPY}",
    "update or ignore": "UPDATE OR IGNORE readiness_auditentry SET actor = 'u:8'",
    "update or replace": "UPDATE OR REPLACE readiness_auditentry SET seq = 1 WHERE seq = 2",
    "update or ignore the head": "UPDATE OR IGNORE readiness_audithead SET size = 4",
    "update or replace the head": "UPDATE OR REPLACE readiness_audithead SET size = 9",
    "with recursive triggers": "PRAGMA recursive_triggers = 0; "
    f"INSERT OR REPLACE INTO {ROW} SELECT 4, {COPY}; PRAGMA recursive_triggers = 1",
    "behind a temporary head": "CREATE TEMP TABLE readiness_audithead AS SELECT 1 AS id, 9 AS size; "
    f"INSERT INTO {ROW} SELECT 9, {COPY}; DROP TABLE temp.readiness_audithead",
    "update from": "UPDATE readiness_auditentry SET body = h.frontier FROM readiness_audithead h WHERE seq = 2",
    "replace the head": "REPLACE INTO readiness_audithead (id, size, frontier) VALUES (1, 0, x'')",
}
POSTGRESQL = {
    "truncate": "TRUNCATE readiness_auditentry",
    "truncate the head": "TRUNCATE readiness_audithead",
    "merge": "MERGE INTO readiness_auditentry e USING readiness_audithead h ON e.seq < h.size "
    "WHEN MATCHED THEN UPDATE SET actor = 'u:8'",
    "merge to delete": "MERGE INTO readiness_auditentry e USING readiness_audithead h ON e.seq < h.size "
    "WHEN MATCHED THEN DELETE",
    "delete within a query": "WITH gone AS (DELETE FROM readiness_auditentry WHERE seq = 2 RETURNING seq) "
    "SELECT * FROM gone",
    "truncate along": "TRUNCATE readiness_auditentry, readiness_audithead CASCADE",
    "the head as a replica": "SET LOCAL session_replication_role = replica; UPDATE readiness_audithead SET size = 4",
    "as a replica": "SET LOCAL session_replication_role = replica; UPDATE readiness_auditentry SET actor = 'u:8'",
    "with another hash": f"INSERT INTO {ROW} SELECT 5, {COPY.replace('body', 'nodes')}",
    "behind a temporary head": "CREATE TEMP TABLE readiness_audithead AS SELECT 1 AS id, 9 AS size; "
    f"INSERT INTO {ROW} SELECT 9, {COPY}; DROP TABLE pg_temp.readiness_audithead",
}
SIGNED = "readiness_checkpoint (origin, size, note, signed_at)"
SAME = "origin, size, note, signed_at FROM readiness_checkpoint WHERE size = 4"
ON_CHECKPOINTS = {
    "change a checkpoint": "UPDATE readiness_checkpoint SET size = 5 WHERE size = 4",
    "delete a checkpoint": "DELETE FROM readiness_checkpoint WHERE size = 2",
    "delete all checkpoints": "DELETE FROM readiness_checkpoint",
    "the same size again": f"INSERT INTO {SIGNED} SELECT {SAME}",
    "a smaller checkpoint": f"INSERT INTO {SIGNED} SELECT {SAME.replace('size,', '3,', 1)}",
    "more than there is": f"INSERT INTO {SIGNED} SELECT {SAME.replace('size,', '6,', 1)}",
    "write over a checkpoint": f"INSERT INTO {SIGNED} SELECT {SAME} ON CONFLICT (origin, size) DO UPDATE SET note = ''",
}
ON_SQLITE = {
    "replace a checkpoint": f"REPLACE INTO {SIGNED} SELECT {SAME}",
    "replace by its id": "REPLACE INTO readiness_checkpoint (id, origin, size, note, signed_at) "
    "SELECT id, 'other/audit/1', size, note, signed_at FROM readiness_checkpoint WHERE size = 2",
    "ignore the same size": f"INSERT OR IGNORE INTO {SIGNED} SELECT {SAME}",
}
ON_POSTGRESQL = {
    "truncate the checkpoints": "TRUNCATE readiness_checkpoint",
    "behind a temporary table": "CREATE TEMP TABLE readiness_checkpoint AS SELECT * FROM readiness_checkpoint; "
    "DELETE FROM pg_temp.readiness_checkpoint; INSERT INTO public.readiness_checkpoint (origin, size, note, signed_at) "
    "SELECT origin, 3, note, signed_at FROM public.readiness_checkpoint WHERE size = 4",
}
ATTACKS = ANYWHERE | {"sqlite": SQLITE, "postgresql": POSTGRESQL}[connection.vendor]
CHECKPOINT_ATTACKS = ON_CHECKPOINTS | {"sqlite": ON_SQLITE, "postgresql": ON_POSTGRESQL}[connection.vendor]


@pytest.fixture
def five_entries(db):
    for number in range(5):
        append(claim(number), ACT)
    return bytes(AuditHead.objects.get().frontier)


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def attempt(attack, attacks=ATTACKS):
    for statement in attacks[attack].split("; "):
        execute(statement)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_to(attack, five_entries):
    with pytest.raises(DatabaseError), transaction.atomic():
        attempt(attack)
    report = verify_record()
    assert report.verified
    assert (report.size, b"".join(report.frontier)) == (5, five_entries)


@pytest.mark.parametrize("attack", ATTACKS)
def test_without_its_guards_the_database_does_not_refuse_to(attack, five_entries):
    """The attacks are real: each one changes something, or the key or a constraint stops it, once no guard does."""
    stopped_by_the_schema = {
        "a second one",
        "below zero",
        "another id",
        "a second head",
        "ignore a second one",
        "head to nowhere",
    }
    before = state()
    drop_guards(connection)
    if attack in stopped_by_the_schema:
        return
    with transaction.atomic():
        attempt(attack)
    assert state() != before or attack == "frontier"


@pytest.fixture
def two_checkpoints(five_entries):
    for size in (2, 4):
        Checkpoint.objects.create(origin="localhost/audit/1", size=size, note=b"note", signed_at=NOW)


@pytest.mark.parametrize("attack", CHECKPOINT_ATTACKS)
def test_the_database_keeps_its_checkpoints_against(attack, two_checkpoints):
    before = list(Checkpoint.objects.order_by("pk").values_list())
    with pytest.raises(DatabaseError), transaction.atomic():
        attempt(attack, CHECKPOINT_ATTACKS)
    assert list(Checkpoint.objects.order_by("pk").values_list()) == before


@pytest.mark.parametrize("attack", CHECKPOINT_ATTACKS)
def test_without_its_guards_the_database_does_not_keep_its_checkpoints_against(attack, two_checkpoints):
    if attack in {"the same size again", "ignore the same size"}:  # the constraint refuses them too
        return
    before = list(Checkpoint.objects.order_by("pk").values_list())
    drop_guards(connection)
    with transaction.atomic():
        attempt(attack, CHECKPOINT_ATTACKS)
    if attack == "behind a temporary table":
        execute("DROP TABLE pg_temp.readiness_checkpoint")
    assert list(Checkpoint.objects.order_by("pk").values_list()) != before


def test_the_next_checkpoint_is_taken(two_checkpoints):
    Checkpoint.objects.create(origin="localhost/audit/1", size=5, note=b"note", signed_at=NOW)
    Checkpoint.objects.create(origin="localhost/audit/2", size=1, note=b"note", signed_at=NOW)
    assert Checkpoint.objects.count() == 4


def state():
    return list(AuditEntry.objects.order_by("seq").values_list()), list(AuditHead.objects.values_list())


def test_every_attack_is_still_refused_after_migrations_that_alter_both_tables(committed_record):  # noqa: F811
    drop_guards(connection)
    for model, name in ((AuditEntry, "actor"), (AuditHead, "last_at")):
        remake(model, name)
    call_command("migrate", verbosity=0)
    for number in range(5):
        with transaction.atomic():
            append(claim(number), ACT)
    before = state()
    for attack in ATTACKS:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt(attack)
    assert state() == before
    assert verify_record().verified


def remake(model, name):
    """Alter a column there and back: SQLite makes the table again for it, PostgreSQL rewrites it in place."""
    field = model._meta.get_field(name)
    other = CharField(max_length=500, null=field.null)
    other.set_attributes_from_name(name)
    other.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, field, other)
        editor.alter_field(model, other, field)


def test_the_orm_is_refused_too(five_entries):
    row = AuditEntry.objects.get(seq=2)
    row.actor = "u:8"
    writes = [row.save, row.delete, AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(actor="u:8")]
    for write in writes:
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    assert verify_record().verified


def test_the_log_goes_on_after_an_attack(five_entries):
    with pytest.raises(DatabaseError), transaction.atomic():
        execute(ANYWHERE["delete all"])
    assert append(claim(5), ACT) == 5


def test_all_guards_are_installed(db):
    assert missing_guards(connection) == []
    assert check_log([connection.alias]) == []


@pytest.mark.parametrize("name", expected_guards(connection.vendor))
def test_a_guard_that_is_gone_is_named_and_comes_back(name, db):
    guard = expected_guards(connection.vendor)[name]
    on_table = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on_table}")
    assert missing_guards(connection) == [name]
    (error,) = check_log([connection.alias])
    assert (error.id, name in error.msg) == ("readiness.E001", True)
    install_guards(connection)
    assert missing_guards(connection) == []


def test_a_guard_that_was_weakened_is_named_and_comes_back(db):
    if connection.vendor == "postgresql":
        execute("ALTER TABLE readiness_auditentry DISABLE TRIGGER audit_entry_insert")
    else:
        execute("DROP TRIGGER audit_entry_insert")
        execute("CREATE TRIGGER audit_entry_insert BEFORE INSERT ON readiness_auditentry BEGIN SELECT 1; END")
    assert missing_guards(connection) == ["audit_entry_insert"]
    install_guards(connection)
    assert missing_guards(connection) == []


def test_a_trigger_that_is_not_ours_is_named(db):
    if connection.vendor == "postgresql":
        execute("CREATE TRIGGER extra BEFORE INSERT ON readiness_auditentry EXECUTE FUNCTION audit_entry_refuse()")
    else:
        execute("CREATE TRIGGER extra AFTER INSERT ON readiness_auditentry BEGIN SELECT 1; END")
    install_guards(connection)
    assert missing_guards(connection) == ["extra"]


def test_a_log_called_otherwise_than_the_settings_say_stops_the_start(five_entries, settings):
    settings.LOG_ORIGIN = "elsewhere.example/audit/1"
    (error,) = check_log([connection.alias])
    assert error.id == "readiness.E002"
    assert "READINESS_LOG_ORIGIN=localhost/audit/1" in error.hint


def test_a_migration_that_remakes_the_table_ends_with_all_guards(committed_record):  # noqa: F811
    drop_guards(connection)
    with connection.schema_editor() as editor:
        if connection.vendor == "sqlite":
            editor._remake_table(AuditEntry)
    assert len(missing_guards(connection)) == len(expected_guards(connection.vendor))
    call_command("migrate", verbosity=0)
    assert missing_guards(connection) == []
    assert check_log([connection.alias]) == []


if connection.vendor == "sqlite":  # PostgreSQL alters tables in place

    def test_a_migration_that_forgets_to_drop_the_guards_first_fails_loudly(committed_record):
        with pytest.raises(OperationalError, match="audit_head"), connection.schema_editor() as editor:
            editor._remake_table(AuditEntry)
        assert missing_guards(connection) == []


def test_a_log_without_entries_gets_its_head_again_and_one_with_entries_does_not(five_entries):
    drop_guards(connection)
    execute("DELETE FROM readiness_audithead")
    install_guards(connection)
    assert not AuditHead.objects.exists()
    drop_guards(connection)
    execute("DELETE FROM readiness_auditentry")
    install_guards(connection)
    assert append(claim(), ACT) == 0
