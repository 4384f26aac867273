import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from readiness.core.audit import KEPT, Act, Actor, ActorType, Change, Channel, ChannelKind, EntryTooLarge, ObjectRef
from readiness.core.canonical import canonical_bytes, digest_of
from readiness.core.merkle import leaf_hash, split_hashes
from readiness.models import AuditEntry, AuditHead, Blob
from readiness.queries.audit import load_record_head
from readiness.queries.blobs import load_blob
from readiness.queries.verification import verify_record
from readiness.services.audit import AppendOutsideTransaction, append
from tests.record_fixtures import _emptiable_record, committed_record, entries  # noqa: F401 (fixtures)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ACT = Act(Actor(ActorType.USER, "u:7", "Zoë", ("release-manager",)), Channel(ChannelKind.WEB))


def claim(number=1, rollout="dual-memory", **changes):
    return Change("claim.made", ObjectRef("claim", str(number), "Runbook written", rollout), **changes)


def test_entries_are_numbered_from_zero_without_a_gap():
    assert [append(claim(number), ACT) for number in range(5)] == [0, 1, 2, 3, 4]
    assert [entry["seq"] for entry in entries()] == [0, 1, 2, 3, 4]
    assert load_record_head().size == 5


def test_the_row_holds_the_exact_bytes_their_hashes_and_copies_of_what_they_say():
    append(claim(), ACT)
    append(claim(2, after={"verdict": "GO"}), ACT)
    row = AuditEntry.objects.get(seq=1)
    assert bytes(row.body) == canonical_bytes(json.loads(bytes(row.body)))
    assert split_hashes(bytes(row.nodes))[0] == leaf_hash(bytes(row.body))
    assert len(bytes(row.nodes)) == 64
    assert (row.actor, row.action, row.object) == ("u:7", "claim.made", "claim:2")
    assert (row.rollout, row.verdict) == ("dual-memory", "GO")
    assert json.loads(bytes(row.body))["time"] == row.at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_the_entry_names_the_log_of_the_settings():
    append(claim(), ACT)
    assert entries()[0]["log"] == settings.LOG_ORIGIN


def test_entries_can_be_read_for_one_rollout():
    append(claim(1), ACT)
    append(claim(2, rollout="other"), ACT)
    assert [entry["object"]["id"] for entry in entries("other")] == ["2"]


def test_the_time_is_the_databases_and_not_the_applications():
    with time_machine.travel(datetime(1999, 1, 1, tzinfo=UTC)):
        append(claim(), ACT)
    at = AuditEntry.objects.get().at
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert AuditHead.objects.get().last_at == at


def test_times_do_not_decrease():
    for number in range(20):
        append(claim(number), ACT)
    times = [entry["time"] for entry in entries()]
    assert times == sorted(times)


def test_a_large_value_is_kept_once_and_the_entry_names_it():
    note = "long " * 1000
    append(claim(1, after={"note": note}), ACT)
    append(claim(2, after={"note": note}), ACT)
    assert entries()[0]["change"]["fields"] == {"note": [None, {KEPT: digest_of(note)}]}
    assert load_blob(digest_of(note)) == canonical_bytes(note)
    assert Blob.objects.count() == 1


def make_a_change(reason):
    with transaction.atomic():
        Blob.objects.create(digest="sha256:the-change", data=b"", size_bytes=0, media_type="")
        append(claim(2, reason=reason), ACT)
        raise ChangedMind


class ChangedMind(Exception):
    """The use case stops after its entry was appended."""


def test_a_change_whose_entry_cannot_be_written_does_not_happen():
    with pytest.raises(EntryTooLarge):
        make_a_change(reason="x" * 70_000)
    assert not Blob.objects.exists()
    assert entries() == []
    assert load_record_head().size == 0


def test_a_change_that_rolls_back_leaves_no_entry_and_no_gap():
    append(claim(1), ACT)
    with pytest.raises(ChangedMind):
        make_a_change(reason="short")
    assert append(claim(3), ACT) == 1
    assert [entry["object"]["id"] for entry in entries()] == ["1", "3"]
    assert verify_record().verified


def test_an_entry_outside_a_transaction_is_refused(committed_record):  # noqa: F811
    with pytest.raises(AppendOutsideTransaction, match=r"transaction.atomic\(\) around claim.made"):
        append(claim(), ACT)
    assert entries() == []


def test_an_append_costs_as_many_queries_at_any_size(django_assert_num_queries):
    for number in range(9):
        append(claim(number), ACT)
    postgresql = connection.vendor == "postgresql"  # a function takes the head and the clock, another stores both
    with django_assert_num_queries(3 if postgresql else 5):  # the head, the clock, the entry, the head again, its words
        append(claim(9), ACT)
