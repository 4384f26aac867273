from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef
from readiness.core.merkle import verify_inclusion
from readiness.models import AuditEntry
from readiness.queries.audit import EntryFilter, load_entries, load_entry, load_inclusion_proof, load_record_head
from readiness.queries.verification import verify_record, verify_since
from readiness.services.audit import append
from readiness.services.audit_guards import drop_guards
from readiness.services.audit_search import clear_search
from tests.services.helpers import make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def act(person, name="Zoë Ünal"):
    return Act(Actor(ActorType.USER, person, name), Channel(ChannelKind.WEB, ua="Firefox"))


def made(action, number, label="Runbook", rollout="dual-memory", **changes):
    return Change(action, ObjectRef(action.split(".")[0], str(number), label, rollout), **changes)


@pytest.fixture
def a_day(db):
    append(made("claim.made", 1), act("u:1"))
    append(made("claim.withdrawn", 1, reason='Nobody tried "restore" yet'), act("u:2", "Ada"))
    append(made("claimant.added", 2), act("u:1"))
    append(made("verdict.changed", 3, after={"verdict": "NO_GO"}), act("u:1"))
    append(made("claim.made", 4, rollout="other", label="100 % loaded"), act("u:1"))


def seqs(before_seq=None, limit=50, **wanted):
    return [entry.seq for entry in load_entries(EntryFilter(**wanted), before_seq, limit)]


def test_entries_come_newest_first(a_day):
    assert seqs() == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("by_index", [False, True])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"rollout": "other"}, [4]),
        ({"action": "claim."}, [4, 1, 0]),
        ({"action": "claim.made"}, [4, 0]),
        ({"actor": "u:2"}, [1]),
        ({"object": "claim:1"}, [1, 0]),
        ({"object": "claim:"}, [4, 1, 0]),
        ({"with_verdict": True}, [3]),
        ({"rollout": "dual-memory", "action": "claim.", "actor": "u:1"}, [0]),
        ({"rollout": "nowhere"}, []),
        ({"action": "%"}, []),
    ],
)
def test_filters_narrow(wanted, expected, by_index, a_day):
    assert seqs(**wanted, by_index=by_index) == expected


def test_what_only_the_index_of_words_forgot_is_there_without_it(a_day):
    clear_search()
    assert seqs(action="claim.") == [4, 1, 0]
    assert seqs(action="claim.", by_index=True) == []


@pytest.mark.parametrize(
    ("wanted", "index"),
    [({"with_verdict": True}, "audit_verdict"), ({"with_verdict": True, "rollout": "other"}, "audit_rollout_verdict")],
)
def test_entries_with_a_verdict_have_an_index_of_their_own(wanted, index, db):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    with CaptureQueriesContext(connection) as asked:
        seqs(**wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{asked[0]['sql']}")
        assert any(index in str(line) for line in cursor.fetchall())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada", [1]),
        ("RUNBOOK", [3, 2, 1, 0]),
        ("ünal", [4, 3, 2, 0]),
        ("ÜNAL", [4, 3, 2, 0]),
        ('tried "restore"', [1]),
        ("100 %", [4]),
        ("no_go", [3]),
        ("restore nob", [1]),
        ("claim", [4, 1, 0]),
        ("claima", [2]),
        ("tried ünal", []),
        ("unbook", []),
        ("%", []),
        ("' OR 1=1 --", []),
        ('"a" * NEAR(', []),
        ("k_claim_made", []),
        ("firefox", []),
        ("actor", []),
        ("sha256", []),
    ],
)
def test_text_is_searched_in_the_words_and_not_in_the_format(text, expected, a_day):
    assert seqs(text=text) == expected


def test_pages_follow_each_other_without_gap_or_overlap(a_day):
    assert seqs(limit=2) == [4, 3]
    assert seqs(before_seq=3, limit=2) == [2, 1]
    assert seqs(before_seq=1, limit=2) == [0]
    assert seqs(before_seq=0, limit=2) == []
    assert seqs(text="runbook", before_seq=3, limit=2) == [2, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_entries_is_one_query(count, django_assert_num_queries):
    for number in range(count):
        append(made("claim.made", number), act("u:1"))
    with django_assert_num_queries(1):
        assert len(load_entries()) == count
    with django_assert_num_queries(3):  # is the word known, the index, the entries
        assert len(load_entries(EntryFilter(text="claim"))) == count


def test_an_entry_is_its_exact_bytes_and_what_they_say(a_day):
    entry = load_entry(1)
    assert entry.data == bytes(AuditEntry.objects.get(seq=1).body)
    assert entry.body["reason"] == 'Nobody tried "restore" yet'
    assert (entry.seq, entry.actor, entry.rollout) == (1, "u:2", "dual-memory")
    assert load_entry(5) is None


def test_the_head_says_how_far_the_log_goes(a_day):
    head = load_record_head()
    assert (head.size, head.root) == (5, verify_record().root)
    assert head.last_at == load_entry(4).at


def test_a_new_log_is_empty_and_whole(db):
    assert (load_record_head().size, load_record_head().last_at) == (0, None)
    assert verify_record().verified


# --- proofs


def test_every_entry_is_proven_with_one_query(a_day, django_assert_num_queries):
    root = bytes.fromhex(load_record_head().root)
    for seq in range(5):
        with django_assert_num_queries(1):
            proof = load_inclusion_proof(seq, 5)
        assert verify_inclusion(bytes.fromhex(load_entry(seq).leaf), seq, 5, proof, root)


# --- verification


def tamper(sql):
    drop_guards(connection)
    with connection.cursor() as cursor:
        for statement in sql.split("; "):
            cursor.execute(statement)


TAMPERINGS = {
    "a body": (
        "UPDATE readiness_auditentry SET body = (SELECT nodes FROM readiness_auditentry WHERE seq = 0) WHERE seq = 2",
        2,
        "altered",
    ),
    "hashes": ("UPDATE readiness_auditentry SET nodes = body WHERE seq = 3", 3, "altered"),
    "a column": ("UPDATE readiness_auditentry SET actor = 'u:9' WHERE seq = 2", 2, "altered"),
    "a time": ("UPDATE readiness_auditentry SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 1", 1, "altered"),
    "a deletion": ("DELETE FROM readiness_auditentry WHERE seq = 2", 2, "missing"),
    "a deletion closed up": (
        "DELETE FROM readiness_auditentry WHERE seq = 2; UPDATE readiness_auditentry SET seq = 2 WHERE seq = 3; "
        "UPDATE readiness_auditentry SET seq = 3 WHERE seq = 4",
        2,
        "missing",
    ),
    "an exchange": (
        "UPDATE readiness_auditentry SET seq = 9 WHERE seq = 1; UPDATE readiness_auditentry SET seq = 1 WHERE seq = 2; "
        "UPDATE readiness_auditentry SET seq = 2 WHERE seq = 9",
        1,
        "out-of-order",
    ),
    "a tail cut": ("DELETE FROM readiness_auditentry WHERE seq >= 3", 3, "tail-cut"),
    "everything": ("DELETE FROM readiness_auditentry", 0, "tail-cut"),
    "the head back": ("UPDATE readiness_audithead SET size = 4", 4, "rollback"),
    "the frontier": (
        "UPDATE readiness_audithead SET frontier = (SELECT nodes FROM readiness_auditentry WHERE seq = 0)",
        None,
        "altered",
    ),
    "the head": ("DELETE FROM readiness_audithead", None, "missing"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_and_called_by_its_name(name, a_day):
    sql, seq, word = TAMPERINGS[name]
    assert verify_record().verified
    tamper(sql)
    found = verify_record().contradiction
    assert (found.seq, found.word) == (seq, word)


def test_a_page_can_still_be_read_when_an_entry_cannot(a_day):
    tamper("UPDATE readiness_auditentry SET body = nodes WHERE seq = 2")
    assert [(entry.seq, bool(entry.body)) for entry in load_entries(limit=3)] == [(4, True), (3, True), (2, False)]
    assert seqs(text="runbook", action="claim") == [1, 0]


def test_verification_goes_on_from_an_earlier_one_and_reads_only_what_is_new(a_day, django_assert_num_queries):
    earlier = verify_record()
    for number in range(3):
        append(made("claim.made", number), act("u:1"))
    with django_assert_num_queries(4):  # the time of the last entry known, the newest checkpoint, the head, the rows
        later = verify_since(earlier.size, earlier.frontier_hex)
    assert later == verify_record()
    assert later.size == 8


def test_verification_with_nothing_new_is_whole(a_day):
    report = verify_record()
    assert verify_since(report.size, report.frontier_hex) == report
    assert verify_since(0, "") == report


def test_a_log_that_lost_what_was_verified_is_a_rollback(a_day):
    earlier = verify_record()
    tamper("DELETE FROM readiness_auditentry; UPDATE readiness_audithead SET size = 0")
    found = verify_since(earlier.size, earlier.frontier_hex).contradiction
    assert (found.seq, found.word) == (0, "rollback")


def test_entries_appended_while_verification_reads_do_not_disturb_it(a_day):
    statements = []

    def append_between(execute, sql, params, many, context):
        statements.append(sql)
        if len(statements) == 3:  # the newest checkpoint and the head were read, the rows come next
            append(made("claim.made", 9), act("u:1"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(append_between):
        report = verify_record()
    assert (report.verified, report.size) == (True, 5)
    assert load_record_head().size == 6


# --- the command


def run(*arguments):
    out, code = StringIO(), 0
    try:
        call_command("audit_verify", *arguments, stdout=out)
    except SystemExit as leave:
        code = leave.code
    return code, out.getvalue()


def test_the_command_says_that_the_record_is_whole(a_day):
    code, said = run()
    assert code == 0
    assert said.splitlines() == [
        "The record is whole: 5 entries recomputed.",
        f"Root: {load_record_head().root}",
        "5 personal values open; none is erased.",
        "The tables are what the record says.",
    ]


def test_the_command_names_a_row_that_differs_and_leaves_with_one(a_day):
    make_rollout()
    code, said = run()
    assert code == 1
    assert "Role grant" in said
    assert "differs from the record: no entry tells of it." in said


def test_the_command_proves_one_entry(a_day):
    code, said = run("--entry", "2")
    assert code == 0
    assert "Entry 2 (claimant.added) is in the record: 3 hashes lead from its leaf" in said


def test_the_command_says_when_there_is_no_such_entry(a_day):
    code, said = run("--entry", "5")
    assert code == 1
    assert "There is no entry 5; the record has 5 entries, from 0." in said


def test_the_command_names_the_first_contradiction_and_leaves_with_one(a_day):
    tamper("UPDATE readiness_auditentry SET actor = 'u:9' WHERE seq = 2")
    code, said = run("--entry", "0")
    assert code == 1
    assert said.splitlines()[:2] == [
        "Entry 2 contradicts the record: altered.",
        "Entry 2 was altered: the columns beside it do not say what its bytes say.",
    ]
    assert said.splitlines()[2].startswith("2 entries before it fit, with root ")
