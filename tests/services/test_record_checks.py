"""Verifying the record: every minute what is new, every day all of it, and a contradiction stays until it is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from readiness.core.checkpoint import parse_checkpoint, parse_note, write_note
from readiness.core.signing import SigningKey, sign_checkpoint
from readiness.models import AuditEntry, AuditHead, Checkpoint, Heartbeat, RecordCheck, Rollout
from readiness.services import record_checks
from readiness.services.audit_guards import drop_guards
from readiness.services.holds import call_hold
from readiness.services.record_checks import beat, check_record, note_day
from readiness.services.signer import sign_record
from tests.services.helpers import MATE, NOW, act_of, make_rollout
from tests.services.signer_files import OPERATOR, grow, signer_with_key

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rollout():
    rollout = make_rollout()
    RecordCheck.objects.all().delete()
    return rollout


def test_the_first_look_is_at_everything(rollout):
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    check = check_record(NOW)
    assert (check.size, check.verified_at, check.full_at, check.problem) == (1, NOW, NOW, "")


def test_later_looks_take_what_is_new_once_a_minute(rollout):
    check_record(NOW)
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    assert check_record(NOW + timedelta(seconds=59)).size == 0
    assert check_record(NOW + MINUTE).size == 1


def test_a_small_record_is_looked_at_whole_each_time(rollout):
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    check_record(NOW)
    drop_guards(connection)
    AuditEntry.objects.filter(seq=0).update(body=b"{}")
    assert check_record(NOW + MINUTE).problem.startswith("altered")


def test_a_large_record_is_looked_at_whole_once_a_day(rollout, monkeypatch):
    monkeypatch.setattr(record_checks, "AT_ONCE", 0)
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    check_record(NOW)
    drop_guards(connection)
    AuditEntry.objects.filter(seq=0).update(body=b"{}")
    assert check_record(NOW + MINUTE).problem == ""
    assert check_record(NOW + timedelta(hours=24)).problem.startswith("altered")


def test_what_a_person_found_is_known_to_the_board_at_once(rollout):
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    check_record(NOW)
    drop_guards(connection)
    AuditEntry.objects.filter(seq=0).update(body=b"{}")
    with pytest.raises(SystemExit):
        call_command("audit_verify")
    assert RecordCheck.objects.get().problem.startswith("altered")
    assert RecordCheck.objects.get().verified_at is None


def test_a_contradiction_is_kept_and_makes_every_rollout_dirty(rollout):
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    check_record(NOW)
    drop_guards(connection)
    AuditEntry.objects.filter(seq=0).update(body=b"{}")
    check = check_record(NOW + timedelta(days=1))
    assert check.problem.startswith("altered")
    assert check.verified_at == NOW
    assert Rollout.objects.get().dirty_at == NOW + timedelta(days=1)


def test_one_entry_a_day_makes_silence_visible(rollout):
    before = AuditEntry.objects.count()
    note_day(NOW, OPERATOR)
    first = AuditEntry.objects.latest("seq")
    assert (first.action, first.object) == ("log.heartbeat", "log:localhost/audit/1")
    note_day(first.at + timedelta(hours=23), OPERATOR)
    assert AuditEntry.objects.count() == before + 1
    note_day(first.at + timedelta(hours=24), OPERATOR)
    assert AuditEntry.objects.count() == before + 2


def test_the_record_is_compared_with_every_checkpoint(rollout, tmp_path):
    files = signer_with_key(tmp_path)
    sign_record(files, NOW)
    size = grow(3) + 1
    sign_record(files, NOW)
    drop_guards(connection)
    AuditEntry.objects.all().delete()
    AuditHead.objects.update(size=0, frontier=b"", last_at=None)
    grow(size)
    RecordCheck.objects.all().delete()
    check = check_record(NOW)
    assert check.problem.startswith(f"forked: Entry 0 contradicts checkpoint {size - 3}, which was signed over")


@pytest.mark.parametrize("signer", ["nobody", "another key"])
def test_an_older_checkpoint_whose_signature_does_not_hold_is_found_though_its_root_fits(signer, rollout, tmp_path):
    files = signer_with_key(tmp_path)
    sign_record(files, NOW)
    grow(3)
    sign_record(files, NOW)
    drop_guards(connection)
    older = Checkpoint.objects.order_by("size").first()
    found = parse_note(bytes(older.note))
    turned = replace(found.signatures[0], data=bytes(64))
    note = write_note(replace(found, signatures=(turned,)))
    if signer == "another key":
        note = sign_checkpoint(parse_checkpoint(found.text), (SigningKey(older.origin, bytes(32)),))
    assert parse_note(note).text == found.text
    Checkpoint.objects.filter(pk=older.pk).update(note=note)
    RecordCheck.objects.all().delete()
    check = check_record(NOW)
    assert check.problem.startswith(f"altered: Checkpoint {older.size} was altered: ")
    Checkpoint.objects.filter(pk=older.pk).update(note=older.note)
    assert check_record(NOW).problem == ""


def test_a_record_that_lost_what_was_signed_is_found_by_its_checkpoint(rollout, tmp_path):
    files = signer_with_key(tmp_path)
    size = grow(3) + 1
    sign_record(files, NOW)
    drop_guards(connection)
    AuditEntry.objects.all().delete()
    AuditHead.objects.update(size=0, frontier=b"", last_at=None)
    RecordCheck.objects.all().delete()
    check = check_record(NOW)
    assert check.problem == f"tail-cut: Checkpoint {size} was signed over {size} more entries than there are."


def test_a_heartbeat_is_the_newest_one():
    beat("worker", NOW)
    beat("worker", NOW + MINUTE)
    assert Heartbeat.objects.get().beat_at == NOW + MINUTE
