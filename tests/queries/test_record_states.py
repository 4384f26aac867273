"""The heading of the record and its three lines: what is unsigned or refused is said, and nothing is merged."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings

from readiness.models import AuditEntry, AuditHead, Checkpoint, RecordCheck, SignerKey, SignerState
from readiness.queries.audit import load_entry, load_record_head
from readiness.queries.proofs import prove_entry
from readiness.queries.record_states import state_of_record
from readiness.services.audit_guards import drop_guards
from readiness.services.record_checks import check_record
from readiness.services.signer import sign_record
from readiness.services.signer_keys import rotate_key
from tests.services.helpers import NOW
from tests.services.signer_files import OPERATOR, grow, signer_with_key

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def files(tmp_path):
    """A signer, and eleven entries that were verified and signed."""
    files = signer_with_key(tmp_path)
    grow(10)
    sign_record(files, NOW)
    check_record(NOW)
    return files


def shown(now=NOW):
    return state_of_record(load_record_head(), now)


def states(record):
    return [line.state for line in record.lines]


def write_again():
    """Make another log of as many entries, with nothing that contradicts itself."""
    size = AuditHead.objects.get().size
    drop_guards(connection)
    AuditEntry.objects.all().delete()
    AuditHead.objects.update(size=0, frontier=b"", last_at=None)
    grow(size)


def test_a_record_that_is_verified_and_signed_says_through_which_entry(files):
    record = shown()
    assert (record.state, record.title) == ("Valid", f"Verified through entry 10 at {NOW:%H:%M:%S} UTC")
    assert states(record) == ["Valid", "Valid", "Not due"]
    content, signature, outside = record.lines
    assert content.sentence.startswith("All 11 entries were recomputed. None altered")
    assert signature.digest == SignerKey.objects.get().fingerprint
    assert outside.sentence == "Self-verified only"


def test_entries_that_are_not_signed_yet_are_counted(files):
    grow(12)
    check_record(NOW + MINUTE)
    record = shown(NOW + MINUTE)
    assert (record.state, record.title) == ("Waits", "12 entries not yet signed")
    assert states(record) == ["Valid", "Waits", "Not due"]
    assert shown(NOW + 3 * MINUTE).state == "Stale"


def test_why_nothing_is_signed_is_said(files):
    grow()
    files.keys.chmod(0o644)
    sign_record(files, NOW)
    record = shown()
    assert (record.state, record.title) == ("Stale", "1 entry not yet signed")
    assert "chmod 600" in record.lines[1].note


def test_without_a_key_the_record_is_loudly_unsigned(db):
    grow()
    check_record(NOW)
    record = shown()
    assert (record.state, record.title) == ("Missing", "Unsigned: no key signs this record")
    assert "audit_key create" in record.lines[1].note
    assert states(record) == ["Valid", "Missing", "Not due"]


def test_a_key_that_has_not_signed_yet_waits(tmp_path, db):
    signer_with_key(tmp_path)
    check_record(NOW)
    assert (shown().state, shown().title) == ("Waits", "1 entry not yet signed")


def test_a_checkpoint_that_the_record_contradicts_is_named(files):
    write_again()
    assert shown().title == "The first 11 entries contradict checkpoint 11"
    assert shown().state == "Failing"
    RecordCheck.objects.all().delete()
    check_record(NOW)
    assert shown().title == "One of the entries 0 to 10 contradicts checkpoint 11"
    assert shown().sentence.endswith("Treat every decision as NO-GO.")


def test_the_entry_that_contradicts_a_checkpoint_is_named_when_it_is_alone(files):
    sentence = "Entry 778 contradicts checkpoint 1,666, which was signed over other bytes."
    RecordCheck.objects.update(problem=f"forked: {sentence}")
    assert shown().title == "Entry 778 contradicts checkpoint 1,666"


def test_a_signature_that_does_not_hold_is_failing(files):
    drop_guards(connection)
    note = bytes(Checkpoint.objects.get().note).decode().replace("\n11\n", "\n10\n")
    Checkpoint.objects.update(note=note.encode())
    record = shown()
    assert (record.state, record.title) == ("Failing", "Checkpoint 11 does not hold")


def test_a_refusal_of_the_signer_is_failing_with_its_words(files):
    SignerState.objects.update(problem="rollback: the record has 3 entries, and checkpoint 11 was signed")
    record = shown()
    assert (record.state, record.title) == ("Failing", "The signer refuses to sign this record")
    assert "checkpoint 11 was signed" in record.sentence


@pytest.mark.parametrize("embedded", [True, False])
def test_where_one_account_runs_everything_the_line_says_so(files, embedded):
    with override_settings(IS_EMBEDDED=embedded):
        assert ("under one account" in shown().lines[1].note) is embedded


def test_the_lines_are_never_merged(files):
    RecordCheck.objects.update(problem="altered: Entry 3 was altered: why.")
    assert states(shown()) == ["Failing", "Valid", "Not due"]


# --- one entry


def step(seq):
    return prove_entry(load_entry(seq), load_record_head())[3]


def test_an_entry_shows_the_checkpoint_that_covers_it(files):
    grow(3)
    sign_record(files, NOW)
    assert (step(4).state, step(4).sentence) == ("Valid", "Signed with checkpoint 11")
    assert step(12).sentence == "Signed with checkpoint 14"
    assert step(4).digest == SignerKey.objects.get().fingerprint


def test_an_entry_that_no_checkpoint_covers_waits(files):
    grow()
    assert (step(11).state, step(11).sentence) == ("Waits", "No checkpoint covers it yet")


def test_an_entry_of_another_past_contradicts_its_checkpoint(files):
    write_again()
    assert (step(4).state, step(4).sentence) == ("Failing", "It contradicts checkpoint 11")


def test_a_key_that_was_retired_still_verifies_what_it_signed(files):
    rotate_key(files, OPERATOR, NOW)
    SignerKey.objects.update(retired_at=NOW)
    assert step(4).state == "Valid"
