"""The closer watch of a run: its triggers while it lasts, what fired in it afterwards, who answers."""

from datetime import timedelta

import pytest

from readiness.core.types import Question
from readiness.models import DwellClock, Firing, Observation
from readiness.queries.conditions import find_condition
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan, load_rollout
from readiness.services.aborts import answer_firing
from readiness.services.observations import sync_observations
from tests.services.helpers import EMPTY_PHASE, NOW, OWNER, act_of, document, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
PATH = "prepare/abort/gate:errors/watch"
WATCHED = {**EMPTY_PHASE, "watch": {"for": "1h", "every": "30s", "triggers": ["errors"]}}


@pytest.fixture
def rollout():
    return make_rollout(document(**WATCHED))


def triggers():
    facts = load_facts(load_rollout("demo"), Question.ENTER)
    return {t.facts.condition.path: t.running for t in facts.triggers if t.facts.condition.path.endswith("/watch")}


def test_the_closer_triggers_must_be_armed_before_the_phase_is_entered(rollout):
    assert triggers() == {PATH: False}


def test_they_speak_while_the_watch_lasts_by_the_time_that_counted(rollout):
    run = start_phase(rollout, "prepare", at=NOW - timedelta(hours=9))
    DwellClock.objects.filter(run=run).update(counted_s=3599)
    assert triggers() == {PATH: True}
    DwellClock.objects.filter(run=run).update(counted_s=3600)
    assert triggers() == {}


def test_what_fired_in_the_watch_stays_until_somebody_answers(rollout):
    run = start_phase(rollout, "prepare")
    Firing.objects.create(run=run, path=PATH, found="2", fired_at=NOW)
    DwellClock.objects.filter(run=run).update(counted_s=4000)
    assert triggers() == {PATH: True}


def test_the_owner_of_the_gate_answers(rollout):
    run = start_phase(rollout, "prepare")
    firing = Firing.objects.create(run=run, path=PATH, found="2", fired_at=NOW)
    until = NOW + timedelta(minutes=30)
    answer_firing("demo", firing.pk, act_of(OWNER), NOW, continue_until=until, reason="a known blip")
    firing.refresh_from_db()
    assert (firing.answer, firing.by_id) == (Firing.CONTINUE, OWNER)
    assert find_condition(rollout, PATH).title == "Error rate, closer watch"


def test_they_are_collected_as_often_as_the_watch_says(rollout):
    sync_observations(rollout, load_plan(rollout), "prepare", NOW)
    assert Observation.objects.filter(path=PATH, kind=Observation.GATE).exists()
