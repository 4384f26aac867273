"""The page of flags: who gets the change, turning one off, raising it again."""

import pytest
import time_machine

from readiness.models import FlagState, Rollout
from readiness.queries.flags import load_flag_states, phase_in_force, shares_in_force
from readiness.queries.plans import load_plan
from readiness.services.flags import lower_flag
from readiness.services.holds import call_hold
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, adopt, start_phase
from tests.services.test_flags import without_triggers
from tests.views.acting import browser, make_demo, text_of

pytestmark = pytest.mark.django_db
PAGE = "/rollouts/demo/flags/"
OFF, RAISE = f"{PAGE}new/off/", f"{PAGE}new/raise/"


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        made = make_demo()
        adopt(made, without_triggers())
        start_phase(made, "canary")
        yield made


def served():
    rollout = Rollout.objects.get()
    plan = load_plan(rollout)
    return shares_in_force(plan, phase_in_force(rollout, plan), load_flag_states(rollout, plan))["new"]


def test_the_page_says_what_is_asked_served_and_observed():
    said = text_of(browser(MATE).get(PAGE))
    assert "As Canary asks, and never more than the last GO allowed" in said
    assert "New path As asked 5 % 5 % not observed Lea Lead" in said


def test_anybody_on_the_rollout_turns_it_off_without_a_reason():
    answer = browser(MATE).post(OFF, {"reason": ""})
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert (served(), entries()[0]["action"]) == (0, "flag.lowered")
    said = text_of(browser(MATE).get(PAGE))
    assert "Turned off" in said
    assert "Held at 0 % by Mia Mate since 14:32 UTC on 2 Dec" in said
    assert "Turn off" not in said.replace("Turned off", "")


@pytest.mark.parametrize(("url", "person"), [(OFF, STRANGER), (RAISE, STRANGER), (RAISE, MATE), (RAISE, OWNER)])
def test_who_may_not_is_told_who_may(url, person):
    lower_flag("demo", "new", act_of(MATE), NOW, share_bp=100)
    before = len(entries())
    answer = browser(person).post(url, {"reason": ""})
    assert answer.status_code == 403
    assert ("Only people on this rollout" if url == OFF else "Who may: Release lead") in text_of(answer)
    assert (served(), len(entries())) == (100, before)


def test_whoever_signs_last_raises_it_again():
    lower_flag("demo", "new", act_of(MATE), NOW)
    assert RAISE in browser(LEAD).get(PAGE).content.decode()
    assert RAISE not in browser(MATE).get(PAGE).content.decode()
    assert browser(LEAD).post(RAISE, {"reason": "it was the cache"}).status_code == 303
    assert (served(), FlagState.objects.get().reason) == (500, "it was the cache")


def test_it_is_not_raised_while_something_else_speaks_against_it():
    lower_flag("demo", "new", act_of(MATE), NOW)
    call_hold("demo", act_of(OWNER), NOW, reason="look first")
    answer = browser(LEAD).post(RAISE, {"reason": ""})
    assert (answer.status_code, served()) == (409, 0)
    assert "It is NO-GO at this moment, so nothing is raised. Held by Olga Owner" in text_of(answer)


def test_what_is_off_already_is_said():
    lower_flag("demo", "new", act_of(MATE), NOW)
    answer = browser(OWNER).post(OFF, {"reason": ""})
    assert answer.status_code == 409
    assert "is served to 0 % now" in text_of(answer)


@pytest.mark.parametrize("url", [OFF, RAISE])
def test_a_flag_has_to_be_in_the_plan(url):
    assert browser(LEAD).get(url.replace("new", "old")).status_code == 404
    assert browser(LEAD).get(url).status_code == 200


def test_the_reason_on_the_board_leads_to_the_page():
    lower_flag("demo", "new", act_of(MATE), NOW)
    answer = browser(MATE).get("/rollouts/demo/now/")
    assert f'href="{PAGE}"' in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_it_lists(count, demo, django_assert_num_queries):
    said = without_triggers()
    adopt(demo, {**said, "flags": {f"new{n or ''}": said["flags"]["new"] for n in range(count)}})
    client = browser(MATE)
    client.get(PAGE)
    with django_assert_num_queries(21):
        client.get(PAGE)
