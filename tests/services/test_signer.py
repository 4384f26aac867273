"""The signer: what it signs, what it refuses to sign over, and what it needs."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import override_settings

from readiness.core.checkpoint import open_checkpoint, parse_checkpoint, parse_note, parse_verifier_key
from readiness.core.signatures import is_signed
from readiness.models import AuditEntry, AuditHead, Checkpoint, Rollout, SignerKey, SignerState
from readiness.queries.audit import load_record_head
from readiness.queries.rows import load_record_facts
from readiness.queries.verification import verify_record
from readiness.services.audit_guards import drop_guards
from readiness.services.record_checks import check_record
from readiness.services.signer import ask_signer, sign_record
from readiness.services.signer_files import fresh_key, keys_text, write_private
from readiness.services.signer_keys import begin_epoch, rotate_key
from tests.services.helpers import NOW, make_rollout
from tests.services.signer_files import OPERATOR, files_in, grow, mode_of, signer_with_key

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ORIGIN = "localhost/audit/1"
SECOND = timedelta(seconds=1)


@pytest.fixture
def files(tmp_path):
    return signer_with_key(tmp_path)


@pytest.fixture
def signed(files):
    """Five entries and their checkpoint."""
    grow(4)
    sign_record(files, NOW)
    return files


def sizes():
    return list(Checkpoint.objects.order_by("pk").values_list("size", flat=True))


def state():
    return SignerState.objects.get()


def cut_to(size):
    """Take the log back to an earlier size by the hand of somebody who owns the database."""
    drop_guards(connection)
    kept = {row.seq: row for row in AuditEntry.objects.filter(seq__lt=size)}
    AuditEntry.objects.all().delete()
    AuditHead.objects.update(size=0, frontier=b"", last_at=None)
    return kept


def write_again(count):
    """Make another log, by the right way, of so many entries."""
    cut_to(0)
    grow(count)


# --- what it signs


def test_a_checkpoint_is_of_the_whole_record_and_verifies_with_the_recorded_key(signed):
    head, row = load_record_head(), Checkpoint.objects.get()
    key = parse_verifier_key(SignerKey.objects.get().text)
    found = open_checkpoint(bytes(row.note), ORIGIN, [key], is_signed)
    assert (found.size, found.root.hex()) == (head.size, head.root) == (row.size, head.root)
    assert (row.origin, row.signed_at) == (ORIGIN, NOW)
    assert signed.head.read_bytes() == bytes(row.note)
    assert mode_of(signed.head) == 0o600
    assert (state().problem, state().trouble, state().answered_at) == ("", "", NOW)


def test_nothing_is_signed_twice(signed):
    sign_record(signed, NOW + SECOND)
    assert sizes() == [5]
    grow()
    sign_record(signed, NOW + SECOND)
    assert sizes() == [5, 6]


def test_all_checkpoints_are_kept_and_verified_with_the_record(signed):
    for _ in range(3):
        grow()
        sign_record(signed, NOW)
    assert sizes() == [5, 6, 7, 8]
    assert verify_record().verified


def test_what_the_disk_has_and_the_database_lost_in_a_crash_is_added(signed):
    grow()
    sign_record(signed, NOW)
    drop_guards(connection)
    Checkpoint.objects.filter(size=6).delete()
    sign_record(signed, NOW)
    assert sizes() == [5, 6]


def test_the_overlap_of_two_keys_is_signed_by_both(signed):
    rotate_key(signed, OPERATOR, NOW)
    sign_record(signed, NOW)
    note = Checkpoint.objects.get(size=6).note
    keys = [parse_verifier_key(text) for text in SignerKey.objects.values_list("text", flat=True)]
    assert len(parse_note(bytes(note)).signatures) == len(keys) == 2
    for key in keys:
        open_checkpoint(bytes(note), ORIGIN, [key], is_signed)


# --- what it refuses


def test_a_record_that_lost_its_end_is_not_signed_and_is_no_go(signed):
    rollout = make_rollout()
    Rollout.objects.update(dirty_at=None, dirty_changes=0)
    grow()
    sign_record(signed, NOW)
    size = AuditHead.objects.get().size
    write_again(3)
    sign_record(signed, NOW + SECOND)
    assert state().problem.startswith(f"rollback: the record has 3 entries, and checkpoint {size} was signed.")
    assert "audit_epoch" in state().problem
    assert len(sizes()) == 2
    assert Rollout.objects.get().dirty_at == NOW + SECOND
    check_record(NOW)
    assert load_record_facts(rollout.key).problem


def test_a_record_that_was_written_again_is_not_signed(signed):
    write_again(8)
    sign_record(signed, NOW)
    assert state().problem == "forked: the first 5 entries contradict checkpoint 5"
    assert sizes() == [5]


def test_a_record_whose_new_entries_do_not_verify_is_not_signed(signed):
    seq = grow()
    drop_guards(connection)
    AuditEntry.objects.filter(pk=seq).update(body=b"{}")
    sign_record(signed, NOW)
    assert state().problem.startswith("altered: Entry 5")
    assert sizes() == [5]


def test_a_refusal_ends_when_the_record_is_as_it_was(signed):
    with transaction.atomic():
        write_again(2)
        sign_record(signed, NOW)
        assert state().problem
        transaction.set_rollback(True)
    SignerState.objects.update_or_create(pk=1, defaults={"problem": "rollback: it was short"})
    sign_record(signed, NOW)
    assert state().problem == ""


def test_another_name_is_not_signed_without_an_epoch_that_says_so(signed):
    key = fresh_key("localhost/audit/2")
    write_private(signed.keys, keys_text((key,)).encode())
    SignerKey.objects.update(origin=key.name, text=key.verifier.text)
    with override_settings(LOG_ORIGIN=key.name):
        sign_record(signed, NOW)
    assert state().problem.startswith("forked: the record is called localhost/audit/2, and the last checkpoint was of")
    assert sizes() == [5]


# --- what it needs


def test_without_a_key_nothing_is_signed_and_the_state_says_so(tmp_path, db):
    grow()
    sign_record(files_in(tmp_path), NOW)
    assert sizes() == []
    assert "Make a key: manage.py audit_key create" in state().trouble


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_may_read_is_refused(files, mode):
    grow()
    files.keys.chmod(mode)
    sign_record(files, NOW)
    assert sizes() == []
    assert f"has the permissions {mode:o}" in state().trouble
    assert f"chmod 600 {files.keys}" in state().trouble
    files.keys.chmod(0o600)
    sign_record(files, NOW)
    assert (sizes(), state().trouble) == ([2], "")


def test_a_key_of_which_the_record_does_not_tell_signs_nothing(files, tmp_path):
    grow()
    with transaction.atomic():
        other = signer_with_key(tmp_path / "other")
        transaction.set_rollback(True)
    sign_record(other, NOW)
    assert "tells of no key in the key file" in state().trouble
    assert sizes() == []


def test_a_signer_that_lost_its_memory_does_not_guess(signed):
    signed.head.unlink()
    grow()
    sign_record(signed, NOW)
    assert "checkpoint 5 is in the database" in state().trouble
    assert sizes() == [5]
    signed.head.write_bytes(bytes(Checkpoint.objects.get().note))
    sign_record(signed, NOW)
    assert sizes() == [5, 6]


def test_a_memory_that_cannot_be_read_is_said(signed):
    signed.head.write_bytes(b"what")
    sign_record(signed, NOW)
    assert str(signed.head) in state().trouble


# --- when it is called


def test_nobody_is_called_without_a_key(db):
    grow()
    assert not ask_signer(NOW)


def test_growth_is_signed_within_a_minute_and_a_sign_off_at_once(signed):
    now = AuditEntry.objects.latest("seq").at
    SignerState.objects.update(answered_at=now, asked_at=None)
    assert not ask_signer(now)
    seq = grow()
    at = AuditEntry.objects.get(pk=seq).at
    assert not ask_signer(at + timedelta(seconds=29))
    assert ask_signer(at + timedelta(seconds=30))
    SignerState.objects.update(asked_at=None)
    grow(action="sign_off.given")
    assert ask_signer(at + SECOND)


def test_who_does_not_answer_is_called_again_after_five_seconds_and_by_one_tick(signed):
    now = AuditEntry.objects.latest("seq").at
    grow(action="sign_off.given")
    SignerState.objects.update(answered_at=now - SECOND, asked_at=None)
    assert ask_signer(now)
    assert not ask_signer(now + SECOND)
    assert ask_signer(now + timedelta(seconds=5))


def test_a_record_that_does_not_grow_is_looked_at_every_five_minutes(signed):
    SignerState.objects.update(answered_at=NOW, asked_at=None)
    assert not ask_signer(NOW + timedelta(minutes=4))
    assert ask_signer(NOW + timedelta(minutes=5))


# --- epochs


def test_an_epoch_goes_on_after_a_restored_backup_and_names_what_was_signed_last(signed):
    grow(3)
    sign_record(signed, NOW)
    before = parse_checkpoint(parse_note(signed.head.read_bytes()).text)
    write_again(4)
    Checkpoint.objects.all().delete()
    sign_record(signed, NOW)
    assert state().problem.startswith("rollback")
    with override_settings(LOG_ORIGIN="localhost/audit/2"):
        begin_epoch(signed, "Restored the backup", OPERATOR, NOW)
        sign_record(signed, NOW)
        assert (state().problem, state().trouble) == ("", "")
        assert list(Checkpoint.objects.values_list("origin", "size")) == [("localhost/audit/2", 6)]
        assert verify_record().verified
    body = AuditEntry.objects.get(action="epoch.begun").body
    assert before.root.hex().encode() in bytes(body)
    assert b'"missing":[null,4]' in bytes(body)
    assert b'"reason":"Restored the backup"' in bytes(body)
