"""The tables against the record: what somebody changed by hand is NO-GO, once it was found twice."""

from datetime import timedelta

import pytest

from readiness.core.types import Question
from readiness.models import Hold, RecordCheck, RoleGrant, Rollout, RowDigest, StoredVerdict
from readiness.queries.facts import load_facts
from readiness.queries.states import row_state
from readiness.services.holds import call_hold, lift_hold
from readiness.services.reconciliation import fold_again, reconcile_tables
from readiness.services.record_checks import check_record
from readiness.services.verdicts import judge_rollout
from tests.services.everything import World
from tests.services.helpers import LEAD, MATE, act_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def world():
    made = World()
    made.hold(MATE)
    reconcile_tables(made.now)
    return made


def look(world, seconds):
    """Compare after some seconds; give what stands in the way because of it."""
    world.now += timedelta(seconds=seconds)
    reconcile_tables(world.now)
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    return [(row.row, row.found) for row in facts.record.differences]


def test_what_every_service_wrote_does_not_differ(world):
    assert look(world, 60) == []
    assert RowDigest.objects.exists()


def test_a_row_that_was_changed_by_hand_counts_when_it_is_found_twice(world):
    Hold.objects.update(reason="nothing")
    assert look(world, 60) == []
    assert look(world, 4) == []
    key = f"hold:{Hold.objects.get().pk}"
    assert look(world, 1) == [(key, "reason is 'nothing', recorded 'the backup fails'")]


def test_it_stands_until_the_row_is_as_recorded_again(world):
    Hold.objects.update(reason="nothing")
    look(world, 60)
    assert len(look(world, 5)) == len(look(world, 60)) == 1
    Hold.objects.update(reason="the backup fails")
    assert look(world, 60) == []


def test_a_row_that_is_gone_and_one_that_no_entry_tells_of_are_named(world):
    Hold.objects.all().delete()
    grant = RoleGrant.objects.first()
    grant.pk, grant.key, grant.person_id = None, "lead", MATE
    grant.save()
    look(world, 60)
    assert sorted(found for _, found in look(world, 5)) == ["it is gone", "no entry tells of it"]


def test_the_verdict_is_no_go_and_says_what_was_changed(world):
    lift_hold("demo", Hold.objects.get().pk, act_of(LEAD), world.now, reason="it works again")
    RoleGrant.objects.filter(person_id=LEAD).update(person_name="Somebody Else")
    look(world, 60)
    look(world, 5)
    assert Rollout.objects.get().dirty_at is not None
    judge_rollout("demo", act_of("readiness"), world.now)
    reasons = StoredVerdict.objects.get().payload["reasons"]
    (reason,) = [r for r in reasons if r["code"] == "STATE_DIFFERS_FROM_RECORD"]
    assert reason["title"] == f"Role grant {RoleGrant.objects.get(person_id=LEAD).pk}"
    assert reason["found"] == "person_name is 'Somebody Else', recorded 'Lea Lead'"


def lift(world):
    return lift_hold("demo", Hold.objects.get().pk, act_of(LEAD), world.now, reason="it works again")


def test_an_act_on_a_row_that_was_changed_by_hand_does_not_make_it_good(world):
    Hold.objects.update(reason="nothing")
    look(world, 60)
    look(world, 5)
    seq = lift(world)
    ((row, found),) = look(world, 60)
    assert row == f"hold:{Hold.objects.get().pk}"
    assert found.startswith(f"entry {seq} changed it while it was not as recorded; lift_reason is 'it works again', ")
    assert len(look(world, 60)) == 1


def test_an_act_between_two_looks_hides_nothing(world):
    Hold.objects.update(reason="nothing")
    lift(world)
    assert look(world, 60) == []
    assert len(look(world, 5)) == 1
    fold_again()
    assert len(look(world, 60)) == 1


def test_a_row_on_which_an_act_rested_is_not_made_good_by_restoring_it(world):
    Hold.objects.update(reason="nothing")
    lift(world)
    Hold.objects.update(reason="the backup fails")
    look(world, 60)
    assert len(look(world, 5)) == 1


def test_acts_on_other_rows_are_sound(world):
    Hold.objects.update(reason="nothing")
    lift(world)
    world.hold(MATE)
    world.lift(LEAD)
    look(world, 60)
    assert len(look(world, 5)) == 1


def test_another_rollout_does_not_wait_for_it(world):
    Rollout.objects.create(key="other", title="Other", plan=Rollout.objects.get().plan, created_at=world.now)
    Hold.objects.update(reason="nothing")
    look_only = world.now + timedelta(seconds=60)
    reconcile_tables(look_only)
    reconcile_tables(look_only + timedelta(seconds=5))
    other = Rollout.objects.select_related("plan").get(key="other")
    assert load_facts(other, Question.ENTER).record.differences == ()


def test_a_digest_that_was_changed_along_with_the_row_is_found_by_folding_again(world):
    Hold.objects.update(reason="nothing")
    look(world, 60)
    forged = RecordCheck.objects.get().differences[0]["digest"]
    RowDigest.objects.filter(type="hold").update(digest=forged)
    assert look(world, 60) == []
    fold_again()
    look(world, 60)
    assert len(look(world, 5)) == 1


def test_the_record_is_not_verified_while_nobody_compares_the_tables(world):
    RecordCheck.objects.update(verified_at=world.now, tables_at=None)
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    assert facts.record.verified_at is None


def test_nothing_is_compared_before_it_is_due(world):
    Hold.objects.update(reason="nothing")
    assert reconcile_tables(world.now + timedelta(seconds=59)).differences == []


def test_what_is_written_between_two_looks_is_no_difference(world):
    call_hold("demo", act_of(MATE), world.now, reason="and another")
    assert look(world, 60) == []
    assert look(world, 60) == []


def test_verifying_all_of_the_record_forgets_no_row_for_good(world):
    """Each look at a small record is a full one, which takes the digests of the rows anew."""
    for minute in range(3):
        world.now += timedelta(seconds=60)
        check_record(world.now)
        reconcile_tables(world.now)
        assert RecordCheck.objects.get().differences == [], minute
    assert RowDigest.objects.exists()


def test_a_column_that_came_later_is_no_difference_while_nobody_has_touched_it(world, monkeypatch):
    """Entries of an earlier version do not know the columns of a later one."""
    monkeypatch.setattr("readiness.services.holds.row_state", _before_lift_reasons)
    world.hold(MATE)
    monkeypatch.undo()
    assert look(world, 60) == look(world, 5) == []
    world.lift(LEAD)
    assert look(world, 60) == look(world, 5) == []
    Hold.objects.filter(pk=Hold.objects.latest("pk").pk).update(lift_reason="nothing")
    look(world, 60)
    assert len(look(world, 5)) == 1


def _before_lift_reasons(row):
    return {name: value for name, value in row_state(row).items() if name != "lift_reason"}


def test_a_worker_that_began_before_a_full_verification_takes_no_row_for_unknown(world):
    """Two workers tick at once: one reads that it is due, the other asks for all digests anew, the first goes on."""
    world.now += timedelta(seconds=60)
    fold_again()
    assert RowDigest.objects.exists()
    assert look(world, 0) == look(world, 5) == []
    assert RecordCheck.objects.get().differences == []
