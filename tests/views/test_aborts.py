"""Answering an abort trigger in the browser."""

from datetime import timedelta

import pytest
import time_machine

from readiness.models import Firing
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, start_phase
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
CONTINUE = {"answer": "continue", "until": "30", "reason": "they were about the old path"}


@pytest.fixture(autouse=True)
def url():
    with time_machine.travel(NOW, tick=False):
        run = start_phase(make_demo(), "canary")
        firing = Firing.objects.create(run=run, path="canary/abort/item:complaints", found="3 complaints", fired_at=NOW)
        yield f"/rollouts/demo/aborts/{firing.pk}/"


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (LEAD, 403), (STRANGER, 403)])
def test_its_decider_lets_it_go_on_for_a_while(url, person, status):
    answer = browser(person).post(url, CONTINUE)
    firing = Firing.objects.get()
    assert answer.status_code == status
    assert (firing.answer == "continue") == (status == 303)
    if status == 303:
        assert firing.continue_until == NOW + timedelta(minutes=30)
        assert answer["Location"] == "/rollouts/demo/now/"
        assert "trigger.continued" in actions()
    else:
        assert "Who may: SRE lead" in text_of(answer)


def test_the_sheet_says_what_fired_and_who_decides(url):
    said = text_of(browser(OWNER).get(url))
    assert "3 complaints" in said
    assert "SRE lead decides" in said
    assert "in 30 min, 15:02 UTC" in said
    assert "A day from now at most. Then it is asked again." in said


def test_rolling_back_instead_opens_the_way_that_the_plan_names(url):
    answer = browser(OWNER).post(url, {"answer": "roll-back"})
    assert (answer.status_code, answer["Location"]) == (303, "/rollouts/demo/roll-back/?level=off")
    assert Firing.objects.get().answer == ""
    answer = browser(OWNER, htmx=True).post(url, {"answer": "roll-back"})
    assert answer["HX-Redirect"] == "/rollouts/demo/roll-back/?level=off"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"answer": ""}, "Choose whether it may go on"),
        ({"until": ""}, "the time must lie ahead"),
        ({"until": "1441"}, "Choose a time of at most a day from now"),
        ({"until": "100000"}, "at most a day from now"),
        ({"reason": " "}, "Say why it may go on"),
    ],
)
def test_an_answer_is_complete_or_none(url, said, sentence):
    answer = browser(OWNER).post(url, CONTINUE | said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Firing.objects.get().answer == ""


def test_a_whole_day_is_taken(url):
    assert browser(OWNER).post(url, CONTINUE | {"until": "1440"}).status_code == 303
    assert Firing.objects.get().continue_until == NOW + timedelta(days=1)


def test_it_is_answered_once(url):
    browser(OWNER).post(url, CONTINUE)
    answer = browser(OWNER).post(url, CONTINUE)
    assert answer.status_code == 409
    assert "Olga Owner has answered already: continue" in text_of(answer)
    assert browser(OWNER).get("/rollouts/demo/aborts/99/").status_code == 404


def test_nobody_continues_over_automation(url):
    Firing.objects.update(path="canary/abort/item:outage")
    assert "Automation decides this trigger" in text_of(browser(OWNER).get(url))
    assert browser(OWNER).post(url, CONTINUE).status_code == 403
