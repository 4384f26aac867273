"""Holds, by their sheets; and what all sheets have in common."""

import pytest
import time_machine
from django.db import connection

from readiness.models import Hold, Rollout, StoredVerdict
from readiness.queries.audit import load_entry
from readiness.queries.personal import load_personal
from readiness.services.holds import call_hold
from readiness.services.verdicts import judge_rollout
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
URL = "/rollouts/demo/hold/"
BOARD = "/rollouts/demo/"


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo()


def call(reason="backup fails"):
    call_hold("demo", act_of(MATE), NOW, reason=reason)
    return Hold.objects.get()


def test_the_sheet_is_a_page_of_its_own_with_its_form():
    answer = browser(MATE).get(URL)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.count("<html") == 1
    assert f'action="{URL}"' in html
    assert "Call the hold" in text_of(answer)


def test_htmx_gets_the_sheet_alone():
    html = browser(MATE, htmx=True).get(URL).content.decode()
    assert "<html" not in html
    assert html.count('id="sheet"') == 1


def test_the_sheet_alone_is_what_stands_in_its_page():
    alone = browser(MATE, htmx=True).get(URL).content.decode().strip()
    page = browser(MATE).get(URL).content.decode()
    without_token = alone[: alone.index("csrfmiddlewaretoken")]
    assert without_token in page


def test_a_hold_ends_a_go_that_was_judged_just_now():
    judge_rollout("demo", act_of("readiness"), NOW)
    StoredVerdict.objects.update(decision="GO")
    browser(MATE).post(URL, {"reason": "backup fails"})
    assert StoredVerdict.objects.get().decision == "NO_GO"


def test_calling_a_hold_goes_back_to_the_board_with_a_message():
    client = browser(MATE)
    answer = client.post(URL, {"reason": "backup fails"})
    assert (answer.status_code, answer["Location"]) == (303, BOARD)
    hold = Hold.objects.get()
    assert (hold.reason, hold.by_id) == ("backup fails", MATE)
    assert "The hold is called" in text_of(client.get(URL))
    assert actions() == ["hold.called"]


def test_with_htmx_the_whole_next_page_is_opened():
    answer = browser(MATE, htmx=True).post(URL, {"reason": "backup fails"})
    assert answer["HX-Redirect"] == BOARD


def test_the_entry_says_who_through_which_session_and_with_which_roles():
    browser(OWNER).post(URL, {"reason": "backup fails"}, headers={"User-Agent": "Tester/1"})
    entry = entries()[0]
    assert entry["actor"] == {"type": "user", "id": OWNER, "name": "Olga Owner", "roles": ["sre", "member"]}
    personal = {path: opened.value for path, opened in load_personal(load_entry(entry["seq"])).items()}
    assert (entry["channel"]["kind"], personal["channel.ip"], personal["channel.ua"]) == (
        "web",
        "127.0.0.1",
        "Tester/1",
    )
    assert entry["auth"]["age_s"] == 0


def test_the_verdict_is_judged_before_the_next_page():
    browser(MATE).post(URL, {"reason": "backup fails"})
    stored = StoredVerdict.objects.get()
    assert "HOLD_CALLED" in [reason["code"] for reason in stored.payload["reasons"]]
    assert Rollout.objects.get().dirty_at is None


def test_what_follows_within_half_a_second_is_left_to_the_tick():
    browser(MATE).post(URL, {"reason": "backup fails"})
    browser(MATE).post(URL, {"reason": "backup still fails"})
    assert (Rollout.objects.get().dirty_changes, Hold.objects.count()) == (1, 2)


def test_a_failure_to_judge_does_not_fail_the_act(caplog):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER full BEFORE INSERT ON readiness_storedverdict BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    answer = browser(MATE).post(URL, {"reason": "backup fails"})
    assert answer.status_code == 303
    assert (Rollout.objects.get().dirty_at, actions()) == (NOW, ["hold.called"])
    assert "demo could not be judged" in caplog.text


def test_without_a_reason_nothing_is_called_and_the_sheet_says_so():
    answer = browser(MATE).post(URL, {"reason": "  "})
    assert answer.status_code == 422
    assert "No hold is called" in text_of(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Hold.objects.exists()


def test_a_reason_that_does_not_fit_an_entry_is_refused_and_kept():
    long = "x" * 2_001
    answer = browser(MATE).post(URL, {"reason": long})
    assert answer.status_code == 422
    assert "At most 2,000 characters fit; this has 2001" in text_of(answer)
    assert long in answer.content.decode()


def test_a_stranger_sees_why_they_may_not():
    answer = browser(STRANGER).get(URL)
    assert "Only people on this rollout may call a hold" in text_of(answer)
    assert "<textarea" not in answer.content.decode()


@pytest.mark.parametrize(("person", "status"), [(MATE, 303), (OWNER, 303), (STRANGER, 403)])
def test_any_member_calls_a_hold_and_no_stranger(person, status):
    assert browser(person).post(URL, {"reason": "backup fails"}).status_code == status
    assert Hold.objects.count() == (status == 303)


@pytest.mark.parametrize(("person", "status"), [(MATE, 303), (LEAD, 303), (OWNER, 403), (STRANGER, 403)])
def test_its_caller_or_the_authority_lifts_it(person, status):
    hold = call()
    answer = browser(person).post(f"/rollouts/demo/hold/{hold.pk}/lift/", {"reason": "it ran"})
    hold.refresh_from_db()
    assert answer.status_code == status
    assert (hold.lifted_at is not None) == (status == 303)
    assert actions() == ["hold.called"] + ["hold.lifted"] * (status == 303)
    if status == 403:
        assert "Who may: Release lead" in text_of(answer)


def test_lifting_twice_says_who_was_faster():
    hold = call()
    url = f"/rollouts/demo/hold/{hold.pk}/lift/"
    browser(LEAD).post(url, {"reason": "it ran"})
    answer = browser(MATE).post(url, {"reason": "it ran"})
    assert answer.status_code == 409
    assert "Lea Lead lifted this hold" in text_of(answer)
    assert len(actions()) == 2


@pytest.mark.parametrize("url", ["/rollouts/nothing/hold/", "/rollouts/demo/hold/99/lift/"])
def test_what_does_not_exist_is_not_found(url):
    assert browser(MATE).get(url).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "to"),
    [
        ("/rollouts/demo/gaps/", "/rollouts/demo/gaps/"),
        ("https://evil.example/", BOARD),
        ("//evil.example/", BOARD),
        ("javascript:alert(1)", BOARD),
    ],
)
def test_one_goes_on_to_a_page_of_ours_only(wanted, to):
    answer = browser(MATE).post(f"{URL}?next={wanted}", {"reason": "backup fails"})
    assert answer["Location"] == to


def test_other_methods_are_refused_and_nobody_acts_without_signing_in(client):
    assert browser(MATE).put(URL).status_code == 405
    answer = client.post(URL, {"reason": "backup fails"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert not Hold.objects.exists()


def test_no_cache_keeps_what_somebody_saw():
    answer = browser(MATE).get(URL)
    assert "no-store" in answer["Cache-Control"]
    assert "HX-Request" in answer["Vary"]
