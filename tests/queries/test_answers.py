"""Answers: what a reader takes for one is about the phase that is asked about now."""

import pytest

from readiness.core.types import Person, Question
from readiness.models import StoredVerdict
from readiness.queries.health import load_vitals
from readiness.queries.pages.parts import Live
from readiness.queries.plans import load_plan
from readiness.queries.portfolio import load_portfolio
from readiness.queries.scenes import Address, load_scene
from readiness.services.phases import roll_back_phase
from readiness.services.runs import begin_run
from readiness.services.verdicts import judge_rollout
from tests.services.helpers import LEAD, MATE, NOW, act_of, make_rollout, start_phase

pytestmark = pytest.mark.django_db
READER = Person(LEAD, "Lea Lead")


@pytest.fixture
def rollout():
    made = make_rollout()
    judge_rollout("demo", act_of("readiness"), NOW)
    return made


def scene():
    return load_scene("demo", READER, Address("board"), NOW)


def say_go(**about):
    """Let the stored answer to entering be GO."""
    row = StoredVerdict.objects.get(question="enter")
    payload = {**row.payload, "decision": "GO", "reasons": []}
    StoredVerdict.objects.update(decision="GO", payload=payload, valid_until=payload["valid_until"], **about)


def test_an_answer_about_the_next_phase_is_one(rollout):
    assert set(scene().answers) == {Question.ENTER}
    assert set(load_vitals(NOW).verdicts) == {("demo", "enter")}


def test_an_answer_about_another_phase_is_none(rollout):
    say_go(phase="canary")
    assert scene().answers == {}
    assert load_vitals(NOW).verdicts == {}
    (row,) = load_portfolio(READER, Address("portfolio"), NOW, Live("", 0)).rollouts.rows
    assert (row.word, row.reason) == ("NO-GO", "Nothing has been judged yet")


def test_a_run_that_begins_ends_every_answer_until_it_is_judged(rollout):
    say_go()
    begin_run(rollout, load_plan(rollout).phases[0], act_of(LEAD), NOW)
    assert not StoredVerdict.objects.exists()
    assert scene().answers == {}


def test_a_rollback_ends_every_answer_until_it_is_judged(rollout):
    start_phase(rollout, "canary")
    judge_rollout("demo", act_of("readiness"), NOW)
    assert set(scene().answers) >= {Question.CONTINUE}
    roll_back_phase("demo", "off", act_of(MATE), NOW)
    assert scene().answers == {}
