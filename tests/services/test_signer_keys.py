"""Keys of the signer and epochs: each change is a row and one entry, and an interrupted one is finished by the next."""

import json

import pytest
from django.test import override_settings

from readiness.core.canonical import digest_of
from readiness.core.checkpoint import parse_note
from readiness.core.signing import parse_signing_key
from readiness.models import AuditEntry, AuditHead, Checkpoint, SignerKey
from readiness.queries.replays import load_differences
from readiness.queries.states import row_state
from readiness.queries.verification import verify_record
from readiness.services.signer import sign_record
from readiness.services.signer_files import SignerTrouble, fresh_key, keys_text, read_signing_keys, write_private
from readiness.services.signer_keys import KeyUnfit, begin_epoch, create_key, retire_key, rotate_key
from tests.record_fixtures import entries
from tests.services.helpers import NOW
from tests.services.signer_files import OPERATOR, files_in, grow, mode_of, signer_with_key

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
NEXT = "localhost/audit/2"


@pytest.fixture
def files(tmp_path):
    return signer_with_key(tmp_path)


def actions():
    return [entry["action"] for entry in entries()]


def test_a_key_is_a_private_file_a_row_and_one_entry(files):
    (key,) = read_signing_keys(files.keys)
    row, (entry,) = SignerKey.objects.get(), entries()
    assert (mode_of(files.keys), mode_of(files.keys.parent)) == (0o600, 0o700)
    assert (row.text, row.fingerprint, row.origin) == (key.verifier.text, key.verifier.fingerprint, key.name)
    assert (entry["action"], entry["object"]["label"]) == ("key.added", row.fingerprint)
    assert entry["change"]["after"] == digest_of(row_state(row))
    assert load_differences() == ()
    assert not files.next_keys.exists()


def test_the_secret_is_in_no_entry_and_no_row(files):
    secret = parse_signing_key(files.keys.read_text())
    line = files.keys.read_text().strip().rsplit("+", 1)[1]
    everything = json.dumps(entries()) + str(list(SignerKey.objects.values_list()))
    assert line not in everything
    assert secret.seed.hex() not in everything


def test_a_second_call_makes_no_second_key(files):
    before = files.keys.read_bytes()
    again = create_key(files, OPERATOR, NOW)
    assert (again.is_new, again.text) == (False, SignerKey.objects.get().text)
    assert (actions(), files.keys.read_bytes()) == (["key.added"], before)


def test_a_key_that_was_made_elsewhere_is_told_to_the_record(tmp_path, db):
    files = files_in(tmp_path)
    key = fresh_key("localhost/audit/1")
    write_private(files.keys, keys_text((key,)).encode())
    assert create_key(files, OPERATOR, NOW).is_new
    assert SignerKey.objects.get().text == key.verifier.text


@pytest.mark.parametrize("told", [False, True])
def test_an_interrupted_creation_is_finished_with_the_same_key(tmp_path, told, db):
    files = signer_with_key(tmp_path)
    files.keys.rename(files.next_keys)
    if not told:
        SignerKey.objects.all().delete()
    create_key(files, OPERATOR, NOW)
    assert SignerKey.objects.get().text == read_signing_keys(files.keys)[0].verifier.text
    assert actions() == ["key.added"] * (1 if told else 2)


def test_rotation_adds_a_key_that_signs_beside_the_older_one(files):
    (old,) = read_signing_keys(files.keys)
    new = rotate_key(files, OPERATOR, NOW)
    assert [key.verifier.text for key in read_signing_keys(files.keys)] == [new.text, old.verifier.text]
    assert actions() == ["key.added", "key.rotated"]
    assert load_differences() == ()
    with pytest.raises(KeyUnfit, match="audit_key retire"):
        rotate_key(files, OPERATOR, NOW)


def test_an_interrupted_rotation_is_finished_with_the_same_key(files):
    (old,) = read_signing_keys(files.keys)
    new = rotate_key(files, OPERATOR, NOW)
    files.keys.rename(files.next_keys)
    write_private(files.keys, keys_text((old,)).encode())
    assert rotate_key(files, OPERATOR, NOW).text == new.text
    assert len(read_signing_keys(files.keys)) == 2
    assert actions() == ["key.added", "key.rotated"]


def test_retiring_ends_the_overlap(files):
    (old,) = read_signing_keys(files.keys)
    rotate_key(files, OPERATOR, NOW)
    assert retire_key(files, OPERATOR, NOW) == old.verifier.fingerprint
    assert SignerKey.objects.get(text=old.verifier.text).retired_at == NOW
    assert old not in read_signing_keys(files.keys)
    assert actions() == ["key.added", "key.rotated", "key.retired"]
    assert load_differences() == ()
    sign_record(files, NOW)
    assert len(parse_note(bytes(Checkpoint.objects.get().note)).signatures) == 1


def test_a_retired_key_signs_no_more_though_its_file_was_not_rewritten(files):
    rotate_key(files, OPERATOR, NOW)
    both = files.keys.read_bytes()
    retire_key(files, OPERATOR, NOW)
    write_private(files.keys, both)
    sign_record(files, NOW)
    assert len(parse_note(bytes(Checkpoint.objects.get().note)).signatures) == 1
    retire_key(files, OPERATOR, NOW)
    assert actions() == ["key.added", "key.rotated", "key.retired"]


def test_the_only_key_is_not_retired(files):
    with pytest.raises(KeyUnfit, match="audit_key rotate"):
        retire_key(files, OPERATOR, NOW)


@pytest.mark.parametrize("act", [create_key, rotate_key, retire_key])
def test_no_key_is_changed_while_others_may_read_the_file(files, act):
    files.keys.chmod(0o644)
    with pytest.raises(SignerTrouble, match="chmod 600"):
        act(files, OPERATOR, NOW)


def test_an_epoch_is_one_entry_and_a_new_key(files):
    grow(3)
    sign_record(files, NOW)
    with override_settings(LOG_ORIGIN=NEXT):
        last = begin_epoch(files, "The key was copied", OPERATOR, NOW)
        assert verify_record().verified
    begun, added = entries()[-2:]
    assert (begun["action"], begun["log"], begun["reason"]) == ("epoch.begun", NEXT, "The key was copied")
    assert begun["change"]["fields"]["previous"] == [None, "localhost/audit/1"]
    assert begun["change"]["fields"]["note"] == [None, bytes(Checkpoint.objects.get().note).decode()]
    assert (last.size, begun["change"]["fields"]["missing"]) == (4, [None, 0])
    assert (added["action"], read_signing_keys(files.keys)[0].name) == ("key.added", NEXT)
    assert SignerKey.objects.get(retired_at=None).origin == NEXT
    assert load_differences() == ()


def test_an_interrupted_epoch_is_finished(files):
    sign_record(files, NOW)
    old = files.keys.read_bytes()
    with override_settings(LOG_ORIGIN=NEXT):
        begin_epoch(files, "why", OPERATOR, NOW)
        files.keys.rename(files.next_keys)
        write_private(files.keys, old)
        begin_epoch(files, "why", OPERATOR, NOW)
        sign_record(files, NOW)
    assert actions() == ["key.added", "epoch.begun", "key.added"]
    assert list(Checkpoint.objects.values_list("origin", flat=True)) == ["localhost/audit/1", NEXT]


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("localhost/audit/1", "Set READINESS_LOG_ORIGIN=localhost/audit/2"),
        ("localhost/audit/3", "its next epoch is localhost/audit/2, and READINESS_LOG_ORIGIN says localhost/audit/3"),
        ("elsewhere/audit/2", "its next epoch is localhost/audit/2"),
    ],
)
def test_an_epoch_under_another_name_than_the_next_is_refused(files, origin, words):
    sign_record(files, NOW)
    with override_settings(LOG_ORIGIN=origin), pytest.raises(KeyUnfit, match=words):
        begin_epoch(files, "why", OPERATOR, NOW)
    assert AuditHead.objects.get().size == AuditEntry.objects.count() == 1


def test_where_nothing_was_signed_there_is_no_epoch_to_end(tmp_path, db):
    with override_settings(LOG_ORIGIN=NEXT), pytest.raises(KeyUnfit, match="Nothing was ever signed"):
        begin_epoch(files_in(tmp_path), "why", OPERATOR, NOW)


def test_a_key_of_another_name_asks_for_an_epoch(files):
    with override_settings(LOG_ORIGIN=NEXT), pytest.raises(KeyUnfit, match="audit_epoch"):
        create_key(files, OPERATOR, NOW)
