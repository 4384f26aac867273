"""A trigger that automation decides ends the phase in the evaluation in which it fires, and says so in one entry."""

from datetime import timedelta

import pytest

from readiness.models import Claim, Firing, PhaseRun, Rollback, StoredVerdict
from readiness.queries.replays import load_differences
from readiness.services.verdicts import judge_rollout
from tests.record_fixtures import entries
from tests.services.everything import CANARY, PLAN, PREPARE
from tests.services.helpers import MATE, NAMES, NOW, act_of
from tests.services.test_stateful import Everything

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = act_of("readiness")
OUTAGE = {"item": "outage", "title": "Outage", "reported": True, "decided_by": "automation", "roll_back": "off"}
PATH = "canary/abort/item:outage"


@pytest.fixture
def plans(monkeypatch):
    """Let automation decide on an outage in both phases."""
    phases = [{**phase, "abort": [*phase.get("abort", []), OUTAGE]} for phase in (PREPARE, CANARY)]
    said = {**PLAN, "phases": phases}
    monkeypatch.setattr("tests.services.everything.PLANS", (said, said, said))


@pytest.fixture
def running(plans):
    """Give what lets a phase run, in a story that ends with the test."""
    told = []

    def begin(phase):
        told.append(Everything())
        return _until(told[-1], phase)

    yield begin
    for machine in reversed(told):
        machine.teardown()


def _until(machine, phase):
    for each in ("prepare", "canary")[: ("prepare", "canary").index(phase) + 1]:
        machine.go_the_way()
        machine.do("enter", "u:3", each)
    return machine.world


def report(world, phase):
    world.claim(f"{phase}/abort/item:outage", MATE, None)
    before = len(entries())
    judge_rollout("demo", MACHINE, world.now)
    return entries()[before:]


def test_the_phase_is_aborted_and_the_one_its_way_back_leads_to_runs(running):
    world = running("canary")
    aborted, judged = report(world, "canary")
    ended, begun = PhaseRun.objects.order_by("pk")[1:]
    assert (ended.phase, ended.state, ended.left_at) == ("canary", "aborted", world.now)
    assert (begun.phase, begun.number, begun.state) == ("prepare", 2, "running")
    back = Rollback.objects.get()
    assert (back.level, back.to_phase, back.by_id) == ("off", "prepare", "readiness")
    assert back.reason == "Outage: reported by Mia Mate"
    assert (aborted["action"], aborted["reason"]) == ("phase.aborted", back.reason)
    assert aborted["actor"]["type"] == "service"
    assert judged["action"] == "verdict.changed"
    assert load_differences() == ()


def test_what_fired_is_kept_as_answered_by_the_way_back(running):
    world = running("canary")
    report(world, "canary")
    firing = Firing.objects.get()
    assert (firing.path, firing.answer, firing.answered_at) == (PATH, Firing.ROLLED_BACK, world.now)
    assert Claim.objects.get(path=PATH).withdrawn_by == "the end of the run"


def test_the_answers_are_those_of_the_phase_that_runs_now(running):
    world = running("canary")
    report(world, "canary")
    stored = {row.question: row for row in StoredVerdict.objects.all()}
    assert (stored["continue"].phase, stored["enter"].phase) == ("prepare", "canary")


def test_the_same_is_not_done_twice(running):
    world = running("canary")
    report(world, "canary")
    judge_rollout("demo", MACHINE, world.now + timedelta(seconds=2))
    assert PhaseRun.objects.filter(state="aborted").count() == 1


def test_where_the_way_leads_nowhere_else_the_trigger_blocks_and_waits_for_people(running):
    world = running("prepare")
    report(world, "prepare")
    assert PhaseRun.objects.get(state="running").number == 1
    assert not Rollback.objects.exists()
    assert StoredVerdict.objects.get(question="continue").stage == "ABORT"


def test_a_trigger_that_people_decide_ends_nothing(running):
    world = running("canary")
    Claim.objects.create(
        rollout_id=PhaseRun.objects.first().rollout_id,
        path="canary/abort/item:complaints",
        claimed_at=NOW,
        by_id=MATE,
        by_name=NAMES[MATE],
    )
    judge_rollout("demo", MACHINE, world.now)
    assert PhaseRun.objects.get(state="running").phase == "canary"
