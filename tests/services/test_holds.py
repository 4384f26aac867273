"""Calling and lifting holds."""

import pytest

from readiness.models import Hold, Rollout
from readiness.services.gaps import ReasonRequired
from readiness.services.holds import NotHeld, call_hold, lift_hold
from readiness.services.recording import NoSuchRollout
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, make_rollout, only_entry

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_any_member_calls_a_hold_with_a_reason():
    make_rollout()
    entry = only_entry(call_hold("demo", act_of(MATE), NOW, reason="backup fails", role="Member"))
    hold = Hold.objects.get()
    assert (hold.reason, hold.by_id, hold.by_role, hold.called_at, hold.lifted_at) == (
        "backup fails",
        MATE,
        "Member",
        NOW,
        None,
    )
    assert (entry["action"], entry["reason"], entry["object"]["id"]) == ("hold.called", "backup fails", str(hold.pk))
    assert Rollout.objects.get().dirty_at == NOW


def test_a_stranger_calls_no_hold():
    make_rollout()
    with pytest.raises(NotAllowed, match="Only people on this rollout"):
        call_hold("demo", act_of(STRANGER), NOW, reason="I want to")
    assert not Hold.objects.exists()
    assert entries() == []


def test_a_hold_needs_a_reason():
    make_rollout()
    with pytest.raises(ReasonRequired):
        call_hold("demo", act_of(MATE), NOW, reason=" ")
    assert not Hold.objects.exists()


def test_a_hold_is_called_on_a_rollout_that_exists():
    with pytest.raises(NoSuchRollout, match="nothing"):
        call_hold("nothing", act_of(MATE), NOW, reason="why not")


@pytest.mark.parametrize("person", [MATE, LEAD])
def test_its_caller_or_the_authority_lifts_a_hold(person):
    make_rollout()
    call_hold("demo", act_of(MATE), NOW, reason="backup fails")
    hold = Hold.objects.get()
    seq = lift_hold("demo", hold.pk, act_of(person), NOW, reason="it ran")
    hold.refresh_from_db()
    assert (hold.lifted_at, hold.lift_reason) == (NOW, "it ran")
    last = entries()[-1]
    assert (last["seq"], last["action"], last["actor"]["id"]) == (seq, "hold.lifted", person)
    assert len(entries()) == 2


@pytest.mark.parametrize("person", [OWNER, STRANGER])
def test_nobody_else_lifts_a_hold(person):
    make_rollout()
    call_hold("demo", act_of(MATE), NOW, reason="backup fails")
    with pytest.raises(NotAllowed, match="Release lead"):
        lift_hold("demo", Hold.objects.get().pk, act_of(person), NOW, reason="trust me")
    assert Hold.objects.get().lifted_at is None
    assert len(entries()) == 1


def test_a_hold_is_lifted_once_and_with_a_reason():
    make_rollout()
    call_hold("demo", act_of(MATE), NOW, reason="backup fails")
    hold = Hold.objects.get()
    with pytest.raises(ReasonRequired):
        lift_hold("demo", hold.pk, act_of(MATE), NOW, reason="")
    lift_hold("demo", hold.pk, act_of(MATE), NOW, reason="it ran")
    with pytest.raises(NotHeld):
        lift_hold("demo", hold.pk, act_of(MATE), NOW, reason="again")
    assert len(entries()) == 2
