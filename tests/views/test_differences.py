"""A row that differs, on the audit page and its sheet: who may ask, who may accept, and who is refused."""

import pytest
import time_machine
from django.contrib.auth.models import User

from readiness.models import Acceptance, Hold, RecordCheck
from readiness.services.holds import call_hold
from readiness.services.reconciliation import reconcile_tables
from tests.services.helpers import LEAD, MATE, NOW, STRANGER, act_of
from tests.views.acting import PASSWORD, actions, browser, hidden_of, make_demo, text_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
AUDIT = "/rollouts/demo/audit/"
ADMIN, TYPED = STRANGER, {"reason": "A migration by hand", "password": PASSWORD}


@pytest.fixture(autouse=True)
def demo():
    """One hold that was changed by hand; the rows that the test made without entries are not counted."""
    with time_machine.travel(NOW, tick=False) as clock:
        made = make_demo()
        User.objects.filter(pk=9).update(is_staff=True)
        call_hold("demo", act_of(MATE), NOW, reason="the backup fails")
        Hold.objects.update(reason="nothing")
        for seconds in (60, 5):
            clock.shift(seconds)
            reconcile_tables(NOW.__class__.now(NOW.tzinfo))
        check = RecordCheck.objects.get()
        check.differences = [each for each in check.differences if each["type"] == "hold"]
        check.save()
        yield made


def url():
    return f"{AUDIT}differences/hold/{Hold.objects.get().pk}/"


def give(person, typed=TYPED, seen=None):
    client = browser(person)
    seen = hidden_of(client.get(url()), "seen") if seen is None else seen
    return client.post(url(), {**typed, "seen": seen})


def test_the_audit_page_names_what_differs_and_leads_to_it():
    answer = browser(MATE).get(AUDIT)
    assert f'href="{url()}"' in answer.content.decode()
    assert "reason is 'nothing', recorded 'the backup fails'" in text_of(answer)


def test_the_sheet_shows_both_sides_and_who_accepts():
    words = text_of(browser(LEAD).get(url()))
    assert "reason the backup fails" in words
    assert "One person who answers last accepts it, and one administrator of the site." in words


def test_one_asks_another_accepts_and_it_no_longer_differs():
    assert give(LEAD).status_code == 303
    assert (Acceptance.objects.get().by_id, actions()[-1]) == (LEAD, "difference.asked")
    assert "Accept it as the second person" in text_of(browser(ADMIN).get(url()))
    assert give(ADMIN).status_code == 303
    assert (Acceptance.objects.get().accepted_by_id, actions()[-1]) == (ADMIN, "difference.accepted")
    assert browser(LEAD).get(AUDIT).context["page"].differences == ()


def test_one_on_the_team_who_may_not_is_refused():
    answer = give(MATE)
    assert answer.status_code == 403
    assert "You may not accept this." in text_of(answer)
    assert "difference.asked" not in actions()


def test_a_stranger_is_refused():
    User.objects.filter(pk=9).update(is_staff=False)
    assert give(STRANGER).status_code == 403
    assert not Acceptance.objects.exists()


def test_who_asked_is_shown_why_they_cannot_accept():
    give(LEAD)
    seen = Acceptance.objects.get().found
    answer = browser(LEAD).get(url())
    assert "You asked for this; a second person accepts it." in text_of(answer)
    assert give(LEAD, seen=seen).status_code == 403


def test_a_wrong_password_and_no_reason_are_said_on_the_sheet():
    assert give(LEAD, {**TYPED, "password": "wrong"}).status_code == 422
    assert give(LEAD, {**TYPED, "reason": ""}).status_code == 422
    assert not Acceptance.objects.exists()


def test_what_was_shown_must_still_stand():
    answer = give(LEAD, seen="sha256:" + "0" * 64)
    assert answer.status_code == 409
    assert "The row has changed since you looked." in text_of(answer)


def test_a_row_that_is_as_recorded_has_nothing_to_accept():
    Hold.objects.update(reason="the backup fails")
    assert "This row is as recorded" in text_of(browser(LEAD).get(url()))


@pytest.mark.parametrize("path", ["differences/user/1/", "differences/auditentry/1/", "differences/nothing/1/"])
def test_what_the_record_does_not_account_for_is_not_found(path):
    assert browser(LEAD).get(AUDIT + path).status_code == 404
