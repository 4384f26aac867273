"""Waivers, by their sheets: asking, granting, declining, ending; each with who may, who may not, and a stranger."""

from datetime import timedelta

import pytest
import time_machine

from readiness.models import StoredVerdict, Waiver
from readiness.services.waivers import Terms, ask_waiver, grant_waiver
from tests.record_fixtures import entries
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NOW, OWNER, STRANGER, act_of, adopt, document
from tests.views.acting import PASSWORD, actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
WORD = "prepare/enter/item:word"
ASK = f"/rollouts/demo/waive/{WORD}"
ENDS = NOW + timedelta(days=2)
SAID = {"reason": "The reader is away", "measure": "Two others have read it", "expires_at": "2025-12-04 14:32"}
PLAN = {**document(**EMPTY_PHASE), "authority": {"waive": ["lead"]}}


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo(PLAN)


def asked(person=MATE):
    ask_waiver("demo", WORD, Terms(SAID["reason"], SAID["measure"], ENDS), act_of(person), NOW)
    return Waiver.objects.latest("pk")


def granted():
    row = asked()
    grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    return row


def url_of(row, end=False):
    return f"/rollouts/demo/waivers/{row.pk}/{'end/' if end else ''}"


def grant_words(password=PASSWORD):
    return {"answer": "grant", "password": password}


def test_the_sheet_shows_what_would_be_waived_and_who_could_grant_it():
    words = text_of(browser(MATE).get(ASK))
    assert "Ask for a waiver" in words
    assert "I have read it" in words
    assert "Unclaimed" in words
    assert "Who can grant it: Lea Lead" in words
    assert "At most until <time" not in words
    assert "1 Jan 2026" in words


@pytest.mark.parametrize(("person", "status"), [(MATE, 303), (OWNER, 303), (STRANGER, 403)])
def test_any_member_asks_and_no_stranger(person, status):
    answer = browser(person).post(ASK, SAID)
    assert answer.status_code == status
    assert Waiver.objects.count() == (status == 303)
    assert actions() == ["waiver.asked"] * (status == 303)
    if status == 303:
        row = Waiver.objects.get()
        assert (row.reason, row.measure, row.by_id) == (SAID["reason"], SAID["measure"], person)
        assert row.expires_at == NOW.replace(day=4, second=0)


def test_after_asking_one_is_back_at_the_condition():
    client = browser(MATE)
    answer = client.post(ASK, SAID)
    assert answer["Location"].startswith("/rollouts/demo/phases/prepare/#item-")
    assert "Nothing is waived until somebody else grants it" in text_of(client.get(answer["Location"]))


@pytest.mark.parametrize(
    ("over", "answered"),
    [
        ("/rollouts/demo/phases/prepare/", {"HX-Refresh": "true"}),
        ("/rollouts/demo/phases/prepare/#item-1", {"HX-Refresh": "true"}),
        ("/rollouts/demo/phases/prepare/?show=open", {"HX-Refresh": None}),
        ("/rollouts/demo/", {"HX-Refresh": None}),
    ],
)
def test_over_the_page_it_leads_to_a_sheet_ends_by_loading_that_page_again(over, answered):
    headers = {"HX-Current-URL": f"http://testserver{over}"}
    answer = browser(MATE, htmx=True).post(ASK, SAID, headers={"HX-Request": "true", **headers})
    assert answer.get("HX-Refresh") == answered["HX-Refresh"]
    assert ("HX-Redirect" in answer) == (answered["HX-Refresh"] is None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": ""}, "Say why this can’t be met in time."),
        ({"measure": " "}, "Say what you do instead while it is waived."),
        ({"expires_at": ""}, "Say until when"),
        ({"expires_at": "soon"}, "“soon” is no time."),
        ({"expires_at": "2025-12-02 14:00"}, "It must end in the future."),
        ({"expires_at": "2026-02-01"}, "A waiver lasts at most 30 days."),
    ],
)
def test_what_does_not_do_is_said_at_its_field_and_what_was_typed_is_kept(change, words):
    answer = browser(MATE).post(ASK, {**SAID, **change})
    assert answer.status_code == 422
    assert "Nothing is asked for" in text_of(answer)
    assert words in text_of(answer)
    assert answer.content.decode().count('aria-invalid="true"') == 1
    assert (SAID["measure"] in text_of(answer)) == ("measure" not in change)
    assert not Waiver.objects.exists()


def test_asking_twice_says_who_asked_first():
    asked(OWNER)
    answer = browser(MATE).post(ASK, SAID)
    assert answer.status_code == 409
    assert "Olga Owner asked for this already" in text_of(answer)
    assert Waiver.objects.count() == 1


def test_an_abort_trigger_offers_no_form():
    answer = browser(MATE).get("/rollouts/demo/waive/canary/abort/item:outage")
    assert "Abort triggers are never waived" in text_of(answer)
    assert "<textarea" not in answer.content.decode()
    answer = browser(MATE).post("/rollouts/demo/waive/canary/abort/item:outage", SAID)
    assert answer.status_code == 409
    assert not Waiver.objects.exists()


def test_nobody_is_asked_where_the_plan_names_nobody(demo):
    adopt(demo, document(**EMPTY_PHASE))
    assert "names nobody under authority: waive" in text_of(browser(MATE).get(ASK))


@pytest.mark.parametrize(
    "url",
    ["/rollouts/demo/waive/prepare/enter/item:none", "/rollouts/demo/waivers/9/", "/rollouts/demo/waivers/9/end/"],
)
def test_what_does_not_exist_is_not_found(url):
    assert browser(LEAD).get(url).status_code == 404


@pytest.mark.parametrize(("person", "status"), [(LEAD, 303), (OWNER, 403), (MATE, 403), (STRANGER, 403)])
def test_whoever_may_waive_grants_and_nobody_else(person, status):
    row = asked()
    answer = browser(person).post(url_of(row), grant_words())
    row.refresh_from_db()
    assert answer.status_code == status
    assert (row.granted_by_id == person) == (status == 303)
    assert actions() == ["waiver.asked"] + ["waiver.granted"] * (status == 303)
    if person == OWNER:
        assert "Who may: Release lead" in text_of(answer)


def test_nobody_grants_what_they_asked_for():
    row = asked(LEAD)
    client = browser(LEAD)
    assert "You asked for this yourself" in text_of(client.get(url_of(row)))
    assert client.post(url_of(row), grant_words()).status_code == 403
    assert actions() == ["waiver.asked"]


def test_the_sheet_to_decide_shows_the_condition_and_what_was_asked():
    words = text_of(browser(LEAD).get(url_of(asked())))
    for said in ("Unclaimed", "not claimed", "A person's word", "Mia Mate", *list(SAID.values())[:2], "4 Dec 2025"):
        assert said in words


def test_no_answer_is_preselected_and_one_is_needed():
    row = asked()
    assert "checked" not in browser(LEAD).get(url_of(row)).content.decode()
    answer = browser(LEAD).post(url_of(row), {"password": PASSWORD})
    assert answer.status_code == 422
    assert "Choose whether it is waived" in text_of(answer)


@pytest.mark.parametrize(
    ("password", "words"), [("", "Type your password"), ("wrong", "That isn’t your password. Type it again.")]
)
def test_granting_needs_the_password(password, words):
    row = asked()
    answer = browser(LEAD).post(url_of(row), grant_words(password))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "wrong" not in answer.content.decode()
    assert actions() == ["waiver.asked"]


@pytest.mark.parametrize(("person", "status"), [(LEAD, 303), (OWNER, 403), (STRANGER, 403)])
def test_whoever_may_waive_declines_with_a_reason_and_no_password(person, status):
    row = asked()
    answer = browser(person).post(url_of(row), {"answer": "decline", "reason": "Wait for her"})
    row.refresh_from_db()
    assert answer.status_code == status
    assert row.end == ("declined" if status == 303 else "")
    assert actions() == ["waiver.asked"] + ["waiver.declined"] * (status == 303)


def test_declining_needs_a_reason():
    answer = browser(LEAD).post(url_of(asked()), {"answer": "decline"})
    assert answer.status_code == 422
    assert "Say why you decline it" in text_of(answer)


def test_what_was_decided_meanwhile_says_by_whom():
    row = granted()
    answer = browser(LEAD).post(url_of(row), grant_words())
    assert answer.status_code == 409
    assert "Lea Lead granted it already" in text_of(answer)
    assert len(actions()) == 2


@pytest.mark.parametrize(("person", "status"), [(MATE, 303), (LEAD, 303), (OWNER, 403), (STRANGER, 403)])
@pytest.mark.parametrize("make", [asked, granted])
def test_who_asked_and_who_may_waive_end_it_and_nobody_else(make, person, status):
    row = make()
    answer = browser(person).post(url_of(row, end=True), {"reason": "Read after all"})
    row.refresh_from_db()
    assert answer.status_code == status
    assert (row.ended_at == NOW) == (status == 303)
    ended = "waiver.revoked" if make is granted else "waiver.withdrawn"
    assert [a for a in actions() if a not in ("waiver.asked", "waiver.granted")] == [ended] * (status == 303)


def test_ending_needs_a_reason_and_happens_once():
    row = granted()
    client = browser(LEAD)
    answer = client.post(url_of(row, end=True), {"reason": ""})
    assert answer.status_code == 422
    assert "The waiver still stands" in text_of(answer)
    client.post(url_of(row, end=True), {"reason": "Read after all"})
    answer = client.post(url_of(row, end=True), {"reason": "Again"})
    assert answer.status_code == 409
    assert "Lea Lead ended it: “Read after all”" in text_of(answer)


def test_granting_is_judged_before_the_next_page():
    row = asked()
    browser(LEAD).post(url_of(row), grant_words())
    (found,) = [a for a in StoredVerdict.objects.get().payload["assessments"] if a["path"] == WORD]
    assert (found["outcome"], found["expires_at"]) == ("WAIVED", "2025-12-04T14:32:06.000000Z")


def test_the_password_is_nowhere_in_the_record():
    browser(LEAD).post(url_of(asked()), grant_words())
    assert PASSWORD not in str(entries())
