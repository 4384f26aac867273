"""Entering and rolling back in the browser."""

from datetime import timedelta

import pytest
import time_machine

from readiness.core.case import open_case
from readiness.core.quantities import format_duration
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Question
from readiness.models import Claim, PhaseRun, Rollback
from readiness.queries.facts import load_facts
from readiness.services.holds import call_hold
from readiness.services.phases import roll_back_phase
from readiness.services.signoffs import Answer, sign_off
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    SHA,
    STRANGER,
    act_of,
    document,
    start_phase,
)
from tests.views.acting import action_of, actions, browser, hidden_of, make_demo, text_of

pytestmark = pytest.mark.django_db
ENTER = "/rollouts/demo/phases/prepare/enter/"
BACK = "/rollouts/demo/roll-back/"


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo(document(**EMPTY_PHASE))


@pytest.fixture
def cleared(demo):
    """Everything that the first phase asks for, claimed and signed."""
    path = "prepare/enter/item:word"
    Claim.objects.create(rollout=demo, path=path, claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    for role, person in (("sre", OWNER), ("lead", LEAD)):
        facts, seen = load_facts(demo, Question.ENTER), Seen(0, SHA, NOW)
        statement = build_statement(facts, role, person, seen, open_case(facts, Question.ENTER, NOW).judged)
        sign_off("demo", Answer("prepare", role, True, "approve-go", "", statement.digest, seen), act_of(person), NOW)


def enter(person=LEAD, commands=("1.1", "1.2"), shown=None):
    client = browser(person)
    shown = shown or browser(LEAD).get(ENTER)
    return client.post(action_of(shown), {"command": commands, "digest": hidden_of(shown, "digest")})


def test_the_sheet_shows_the_verdict_the_commands_and_what_starts(cleared):
    said = text_of(browser(LEAD).get(ENTER))
    assert "Every condition is met and everyone polled says GO." in said
    assert "make ready" in said
    assert "Be sure" in said
    assert "Last measured way back never measured" in said


@pytest.mark.parametrize(("person", "status"), [(LEAD, 303), (OWNER, 403), (STRANGER, 403)])
def test_who_answers_last_enters(cleared, person, status):
    assert enter(person).status_code == status
    assert PhaseRun.objects.count() == (status == 303)
    assert ("phase.entered" in actions()) == (status == 303)


def test_every_command_is_confirmed_one_by_one(cleared):
    answer = enter(commands=["1.2"])
    assert answer.status_code == 422
    assert "Not confirmed: 1." in text_of(answer)
    assert answer.content.decode().count("checked") == 1
    assert not PhaseRun.objects.exists()


def test_a_command_that_is_not_in_the_plan_confirms_nothing(cleared):
    assert enter(commands=["1.1", "9.9"]).status_code == 422
    assert not PhaseRun.objects.exists()


def test_while_it_is_no_go_the_sheet_is_locked_and_says_why():
    shown = browser(LEAD).get(ENTER)
    assert "stand in the way of enter phase 1, prepare" in text_of(shown)
    answer = enter(shown=shown)
    assert answer.status_code == 409
    assert "nothing has started" in text_of(answer)
    assert not PhaseRun.objects.exists()


def test_when_the_verdict_changed_meanwhile_nothing_starts(cleared):
    shown = browser(LEAD).get(ENTER)
    call_hold("demo", act_of(MATE), NOW, reason="backup fails")
    answer = enter(shown=shown)
    assert answer.status_code == 409
    assert "1 fact changed while you were reading" in text_of(answer)
    assert not PhaseRun.objects.exists()


def test_a_phase_is_entered_once(cleared):
    shown = browser(LEAD).get(ENTER)
    assert enter(shown=shown).status_code == 303
    assert enter(shown=shown).status_code == 409
    assert PhaseRun.objects.count() == 1
    assert "This phase isn’t the next one" in text_of(browser(LEAD).get(ENTER))


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 303), (STRANGER, 403)])
def test_one_person_rolls_back_without_a_password(demo, person, status):
    start_phase(demo, "canary")
    answer = browser(person).post(BACK, {"level": "off", "reason": "it was slow"})
    assert answer.status_code == status
    assert Rollback.objects.count() == (status == 303)
    if status == 303:
        back = Rollback.objects.get()
        assert (back.reason, back.reason_due_at) == ("it was slow", NOW + timedelta(minutes=60))
        assert answer["Location"] == "/rollouts/demo/now/"
        assert actions() == ["phase.rolled_back"]


def test_the_sheet_says_what_each_way_back_sets_and_where_it_leads(demo):
    start_phase(demo, "canary")
    said = text_of(browser(MATE).get(BACK))
    within = format_duration(timedelta(minutes=1)).replace("\N{NO-BREAK SPACE}", " ")
    assert f"Turn it off , within {within}" in said
    assert "Sets New path to off, and 1 command. Then phase 1, Prepare, 0" in said
    assert "Never measured" in said
    assert "./rollback.sh" in said
    assert "5 % of traffic is on the new version now" in said.replace("\N{NO-BREAK SPACE}", " ")


def test_a_level_is_chosen_and_must_be_one_of_the_plan(demo):
    start_phase(demo, "canary")
    answer = browser(MATE).post(BACK, {"reason": "it was slow"})
    assert (answer.status_code, "Choose how far back" in text_of(answer)) == (422, True)
    assert "it was slow" in answer.content.decode()
    assert browser(MATE).post(BACK, {"level": "sideways"}).status_code == 404
    assert PhaseRun.objects.get(state="running").phase == "canary"


def test_two_people_roll_one_run_back_once(demo):
    start_phase(demo, "canary")
    first, second = browser(MATE), browser(OWNER)
    action = action_of(first.get(BACK))
    assert action == action_of(second.get(BACK))
    assert first.post(action, {"level": "off"}).status_code == 303
    answer = second.post(action, {"level": "off"})
    assert answer.status_code == 409
    assert "This has been rolled back already, and prepare runs now" in text_of(answer)
    assert Rollback.objects.count() == 1


def test_without_a_running_phase_there_is_nothing_to_roll_back():
    assert "nothing to roll back" in text_of(browser(MATE).get(BACK))
    assert browser(MATE).post(BACK, {"level": "off"}).status_code == 409


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 303), (STRANGER, 403)])
def test_the_reason_follows(demo, person, status):
    start_phase(demo, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW)
    url = f"{BACK}{Rollback.objects.get().pk}/reason/"
    assert "The reason is due by 15:32 UTC" in text_of(browser(OWNER).get(url))
    assert browser(person).post(url, {"reason": "it was slow"}).status_code == status
    assert Rollback.objects.get().reason == ("it was slow" if status == 303 else "")
    assert browser(person).post(url, {"reason": ""}).status_code == 422


def test_unknown_phases_and_rollbacks_are_not_found():
    assert browser(LEAD).get("/rollouts/demo/phases/nothing/enter/").status_code == 404
    assert browser(LEAD).get(f"{BACK}99/reason/").status_code == 404
