"""The record for programs: the newest checkpoint, and proofs that hold by the official rules."""

import pytest
import time_machine
from django.db import connection

from readiness.core.checkpoint import open_checkpoint, parse_verifier_key
from readiness.core.merkle import verify_consistency, verify_inclusion
from readiness.core.signatures import is_signed
from readiness.models import AuditHead, Checkpoint
from readiness.queries.audit import load_entry, load_record_head
from readiness.queries.proof_answers import answer_consistency, answer_inclusion
from readiness.services.audit_guards import drop_guards
from readiness.services.signer import sign_record
from tests.api.callers import Program, told
from tests.factories import make_person
from tests.services.helpers import NOW
from tests.services.signer_files import grow, signer_with_key

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
CHECKPOINT, PROOF = "/api/v1/audit/checkpoint", "/api/v1/audit/proof"


@pytest.fixture(autouse=True)
def ana():
    with time_machine.travel(NOW, tick=False):
        yield make_person("Ana Ruiz")


@pytest.fixture
def signed(tmp_path, ana):
    """Thirteen entries or more under a checkpoint, and four beyond it."""
    files = signer_with_key(tmp_path)
    grow(11)
    sign_record(files, NOW)
    grow(4)


@pytest.fixture
def program(ana):
    return Program("ana", scopes=["read"])


def test_the_newest_checkpoint_verifies_with_the_keys_beside_it(signed, program):
    said = program.get(CHECKPOINT).said
    keys = [parse_verifier_key(text) for text in said["keys"]]
    found = open_checkpoint(said["note"].encode(), said["log"], keys, is_signed)
    assert (found.size, found.root.hex()) == (said["size"], said["root"])
    assert said["size"] == Checkpoint.objects.get().size
    assert said["unsigned_entries"] == AuditHead.objects.get().size - said["size"] >= 4


def test_every_kept_checkpoint_is_given_by_its_size(signed, program):
    size = Checkpoint.objects.get().size
    assert program.get(f"{CHECKPOINT}?size={size}").said["size"] == size
    answer = program.get(f"{CHECKPOINT}?size={size + 1}")
    assert (answer.status_code, answer.said["detail"].split(".")[0]) == (404, f"No checkpoint has {size + 1} entries")


def test_where_nothing_is_signed_it_says_so(program):
    answer = program.get(CHECKPOINT)
    assert (answer.status_code, answer.said["type"]) == (404, "urn:readiness:problem:no-checkpoint")
    assert answer.said["detail"].startswith("Nothing is signed yet.")


def test_a_checkpoint_whose_signature_does_not_hold_is_not_given(signed, program):
    row = Checkpoint.objects.get()
    drop_guards(connection)
    lines = bytes(row.note).decode().split("\n")
    lines[1] = str(row.size - 1)
    Checkpoint.objects.update(note="\n".join(lines).encode(), size=row.size - 1)
    answer = program.get(CHECKPOINT)
    assert (answer.status_code, "is not of this text" in answer.said["detail"]) == (409, True)


def test_an_entry_is_proven_in_the_tree_of_the_newest_checkpoint(signed, program):
    said = program.get(f"{PROOF}?entry=3").said
    assert (said["entry"], said["size"]) == (3, Checkpoint.objects.get().size)
    assert said["leaf"] == load_entry(3).leaf
    proof = [bytes.fromhex(each) for each in said["proof"]]
    root = bytes.fromhex(said["root"])
    assert root.hex() == program.get(CHECKPOINT).said["root"]
    assert verify_inclusion(bytes.fromhex(said["leaf"]), 3, said["size"], proof, root)


def test_an_entry_that_is_not_signed_yet_is_proven_in_the_tree_as_it_is(signed, program):
    size = AuditHead.objects.get().size
    said = program.get(f"{PROOF}?entry={size - 1}").said
    assert (said["size"], said["root"]) == (size, load_record_head().root)


@pytest.mark.parametrize("old", [1, 2, 7, 8, 11])
@pytest.mark.parametrize("query", ["", "&new=12"])
def test_one_size_is_proven_to_begin_another(signed, program, old, query):
    said = program.get(f"{PROOF}?old={old}{query}").said
    assert said["new"] == (12 if query else Checkpoint.objects.get().size)
    proof, roots = [bytes.fromhex(each) for each in said["proof"]], (said["old_root"], said["new_root"])
    assert verify_consistency(old, said["new"], *map(bytes.fromhex, roots), proof)


@pytest.mark.parametrize("size", [9, 300])
def test_a_proof_reads_the_tree_once_whatever_the_size(signed, size, django_assert_num_queries):
    grow(size)
    for answer in (lambda: answer_inclusion(3, size), lambda: answer_consistency(5, size)):
        with django_assert_num_queries(2):  # the head, the nodes
            answer()


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "Ask for an entry (?entry=7"),
        ("?entry=1&old=2", 400, "Ask for an entry (?entry=7"),
        ("?entry=-1", 400, "entry is a whole number, and this is '-1'."),
        ("?entry=²", 400, "entry is a whole number"),
        ("?entry=1&size=9999999999999999", 400, "size is a whole number"),
        ("?entry=99999", 404, "Entry 99999 is not in a tree of"),
        ("?entry=3&size=3", 404, "Entry 3 is not in a tree of 3 entries."),
        ("?entry=3&size=99999", 404, "There is no tree of 99,999 entries; the record has"),
        ("?entry=3&size=0", 404, "There is no tree of 0 entries"),
        ("?old=0", 404, "0 entries cannot be the beginning of"),
        ("?old=9&new=8", 404, "9 entries cannot be the beginning of 8."),
        ("?old=99999", 404, "99999 entries cannot be the beginning of"),
    ],
)
def test_a_question_that_has_no_answer_is_said(signed, program, query, status, words):
    answer = program.get(f"{PROOF}{query}")
    assert (answer.status_code, words in answer.said["detail"]) == (status, True), answer.said


@pytest.mark.parametrize("path", [CHECKPOINT, f"{PROOF}?entry=0"])
def test_people_who_are_signed_in_and_tokens_that_read_are_served(signed, ana, client, path):
    assert told(client.get(path)).status_code == 401
    client.force_login(make_person("Ivo Marsh"))
    assert told(client.get(path)).status_code == 200
    assert "no-store" in client.get(path)["Cache-Control"]
    assert told(client.post(path)).status_code == 405
    assert told(client.get(f"{path.partition('?')[0]}?size=x&entry=x")).status_code == 400
    assert Program("ana", scopes=["read"]).get(path).status_code == 200
    assert Program("ana", scopes=["plan"]).get(path).status_code == 403
    assert told(client.get(path, headers={"Authorization": "Bearer nothing"})).status_code == 401
