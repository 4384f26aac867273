"""A row that differs, on the audit page and its sheet: who may ask, who may accept, and who is refused."""

import pytest
import time_machine
from django.contrib.auth.models import User

from readiness.core.canonical import digest_of
from readiness.models import Acceptance, Hold, RecordCheck
from readiness.queries.states import load_state
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
    assert "the record has it as it is here. One person who answers last accepts it, and one administrator" in words


def test_one_asks_another_accepts_and_it_no_longer_differs():
    assert give(LEAD).status_code == 303
    assert (Acceptance.objects.get().by_id, actions()[-1]) == (LEAD, "difference.asked")
    assert "Accept it as the second person" in text_of(browser(ADMIN).get(url()))
    assert give(ADMIN).status_code == 303
    assert (Acceptance.objects.get().accepted_by_id, actions()[-1]) == (ADMIN, "difference.accepted")
    assert browser(LEAD).get(AUDIT).context["page"].differences == ()


def here():
    """What a sheet shows of the row as it is, also where somebody may not act on it."""
    return digest_of(load_state(Hold, Hold.objects.get().pk))


def test_one_on_the_team_who_may_not_is_refused_before_and_after_they_try():
    assert "You may not accept this. One person who answers last" in text_of(browser(MATE).get(url()))
    answer = give(MATE, seen=here())
    assert answer.status_code == 403
    assert "You may not accept this." in text_of(answer)
    assert "difference.asked" not in actions()


def test_a_stranger_is_refused():
    User.objects.filter(pk=9).update(is_staff=False)
    assert give(STRANGER, seen=here()).status_code == 403
    assert not Acceptance.objects.exists()


def test_who_asked_is_shown_why_they_cannot_accept():
    give(LEAD)
    seen = Acceptance.objects.get().found
    answer = browser(LEAD).get(url())
    assert "You asked to accept this row" in text_of(answer)
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


# ------------------------------------------------------------------------------------- what was asked ends


def end_url():
    return f"{AUDIT}acceptances/{Acceptance.objects.get().pk}/end/"


def end(person, reason="Nobody knows how it came"):
    return browser(person).post(end_url(), {"reason": reason})


def test_who_asked_is_led_to_taking_it_back_and_needs_no_reason():
    give(LEAD)
    assert f'href="{end_url()}"' in browser(LEAD).get(url()).content.decode()
    assert "Take your request back" in text_of(browser(LEAD).get(end_url()))
    assert end(LEAD, "").status_code == 303
    assert (Acceptance.objects.get().end, actions()[-1]) == ("withdrawn", "difference.withdrawn")
    assert "Taken back by Lea Lead" in text_of(browser(LEAD).get(url()))


def test_the_second_person_declines_with_a_reason_that_the_first_one_reads():
    give(LEAD)
    html = browser(ADMIN).get(url()).content.decode()
    assert f'href="{end_url()}"' in html
    assert "Decline it" in html
    assert "Lea Lead asked: “A migration by hand”" in text_of(browser(ADMIN).get(end_url()))
    assert end(ADMIN, "").status_code == 422
    assert end(ADMIN).status_code == 303
    assert (Acceptance.objects.get().end, actions()[-1]) == ("declined", "difference.declined")
    words = text_of(browser(LEAD).get(url()))
    assert "Declined by Stan Stranger" in words
    assert "Nobody knows how it came" in words
    assert browser(LEAD).get(AUDIT).context["page"].differences != ()


@pytest.mark.parametrize("person", [MATE, STRANGER])
def test_one_on_the_team_who_may_not_and_a_stranger_end_nothing(person):
    give(LEAD)
    User.objects.filter(pk=9).update(is_staff=False)
    assert f'href="{end_url()}"' not in browser(person).get(url()).content.decode()
    assert "You may not decline this." in text_of(browser(person).get(end_url()))
    assert end(person).status_code == 403
    assert Acceptance.objects.get().ended_at is None


def test_what_has_ended_is_said_and_ends_once():
    give(LEAD)
    assert end(ADMIN).status_code == 303
    assert "This is no longer asked for." in text_of(browser(ADMIN).get(end_url()))
    assert end(ADMIN).status_code == 409
    assert actions().count("difference.declined") == 1


def test_what_nobody_asked_for_has_no_end():
    assert browser(LEAD).get(f"{AUDIT}acceptances/99/end/").status_code == 404


def test_the_audit_page_names_who_asks():
    give(LEAD)
    assert "Lea Lead asks to accept it" in text_of(browser(MATE).get(AUDIT))


def test_a_row_that_is_gone_and_one_that_nobody_recorded_say_so():
    Hold.objects.all().delete()
    check = RecordCheck.objects.get()
    check.differences = [{**each, "digest": ""} for each in check.differences]
    check.save()
    key = check.differences[0]["row"]
    assert "and here it is gone" in text_of(browser(LEAD).get(f"{AUDIT}differences/hold/{key}/"))
