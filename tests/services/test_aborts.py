"""Answering an abort trigger that fired."""

from datetime import timedelta

import pytest

from readiness.models import Firing
from readiness.services.aborts import NothingToAnswer, UntilUnfit, answer_firing
from readiness.services.gaps import ReasonRequired
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, make_rollout, only_entry, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
UNTIL = NOW + timedelta(minutes=30)


@pytest.fixture
def firing():
    run = start_phase(make_rollout(), "canary")
    return Firing.objects.create(run=run, path="canary/abort/item:complaints", found="3 complaints", fired_at=NOW)


def answer(firing, person=OWNER, until=UNTIL, reason="they were about the old path"):
    return answer_firing("demo", firing.pk, act_of(person), NOW, continue_until=until, reason=reason)


def test_its_decider_lets_it_go_on_for_a_while_with_a_reason(firing):
    entry = only_entry(answer(firing))
    firing.refresh_from_db()
    assert (firing.answer, firing.continue_until, firing.by_id) == (Firing.CONTINUE, UNTIL, OWNER)
    assert (entry["action"], entry["object"]["label"]) == ("trigger.continued", "Complaints")
    assert entry["reason"] == "they were about the old path"


@pytest.mark.parametrize("person", [MATE, LEAD, STRANGER])
def test_nobody_else_does(firing, person):
    with pytest.raises(NotAllowed, match="SRE lead"):
        answer(firing, person)
    firing.refresh_from_db()
    assert firing.answer == ""
    assert entries() == []


def test_nobody_continues_over_what_automation_decides(firing):
    firing.path = "canary/abort/item:outage"
    firing.save()
    with pytest.raises(NotAllowed, match="Automation decides"):
        answer(firing)


def test_it_needs_a_reason(firing):
    with pytest.raises(ReasonRequired, match="Say why it may go on"):
        answer(firing, reason=" ")
    assert entries() == []


DAY = timedelta(days=1)


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(hours=1), NOW + DAY + timedelta(seconds=1), NOW + 40 * DAY])
def test_it_ends_ahead_and_within_a_day(firing, until):
    with pytest.raises(UntilUnfit, match="must lie ahead, and by 2025-12-03 14:32 UTC, a day from now"):
        answer(firing, until=until)
    firing.refresh_from_db()
    assert firing.answer == ""
    assert entries() == []


def test_it_may_last_a_whole_day(firing):
    only_entry(answer(firing, until=NOW + DAY))
    firing.refresh_from_db()
    assert firing.continue_until == NOW + DAY


def test_it_is_answered_once(firing):
    answer(firing)
    with pytest.raises(NothingToAnswer):
        answer(firing)
    assert len(entries()) == 1
