"""A trigger that automation decides ends the phase in the evaluation in which it fires, and says so in one entry."""

from datetime import timedelta

import pytest

from readiness.collectors.gates import GateCollected
from readiness.core.aborts import ARM_WITHIN
from readiness.core.types import GateObservation, Reading, SeriesValue
from readiness.models import Claim, Firing, Observation, PhaseRun, Rollback, StoredVerdict
from readiness.queries.plans import load_plan
from readiness.queries.replays import load_differences
from readiness.services.gates import refresh_rollout
from readiness.services.leases import lease_due
from readiness.services.observations import make_all_due, sync_observations
from readiness.services.verdicts import judge_rollout
from tests.record_fixtures import entries
from tests.services.everything import CANARY, PLAN, PREPARE
from tests.services.helpers import DOCUMENT, MATE, NAMES, NOW, TRIGGER, act_of, make_rollout, start_phase
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


ON_ENTRY = "canary/abort/gate:errors/<= 3/0s"


@pytest.fixture
def arming(db):
    """The second phase runs with a gate that reads what only that phase produces, decided by a person."""
    first, second = DOCUMENT["phases"]
    gate = {"gate": "errors", "expect": "<= 3", "arms": "on_entry", **TRIGGER}
    rollout = make_rollout({**DOCUMENT, "phases": [first, {**second, "abort": [gate]}]})
    start_phase(rollout, "canary")
    sync_observations(rollout, load_plan(rollout), "canary", NOW)
    return rollout


def measure(at, *values):
    make_all_due("demo", at)
    series = tuple(SeriesValue("", value) for value in values)
    seen = GateCollected(GateObservation(Reading("errors", "metrics", at, values=series, sampled_at=at)))
    refresh_rollout("demo", {leased.row: (leased, seen) for leased in lease_due("demo", at)}, MACHINE, at)


def test_a_trigger_that_never_arms_sends_the_phase_back_without_a_person(arming):
    measure(NOW + timedelta(seconds=15))
    measure(NOW + ARM_WITHIN - timedelta(seconds=1))
    assert not Rollback.objects.exists()
    measure(NOW + ARM_WITHIN)
    back = Rollback.objects.get()
    assert (back.to_phase, back.by_id) == ("prepare", "readiness")
    assert back.reason == "Error rate: not armed within 10 min of entry: metrics has no series for the query"
    assert [entry["action"] for entry in entries()].count("phase.aborted") == 1


def test_a_trigger_that_had_data_in_time_is_armed(arming):
    measure(NOW + timedelta(minutes=9), 1.0)
    row = Observation.objects.get(path=ON_ENTRY)
    assert (row.first_at, row.sound_at, row.red_at) == (row.collected_at, row.collected_at, None)
    measure(NOW + timedelta(minutes=11))
    assert not Rollback.objects.exists()
    assert Observation.objects.get(path=ON_ENTRY).sound_at == NOW + timedelta(minutes=9)


def test_when_a_gate_was_last_past_its_limit_is_kept_until_it_asks_something_else(arming):
    measure(NOW, 9.0)
    measure(NOW + timedelta(minutes=1), 1.0)
    assert Observation.objects.get(path=ON_ENTRY).red_at == NOW
    Observation.objects.update(definition="sha256:other")
    measure(NOW + timedelta(minutes=2), 1.0)
    row = Observation.objects.get(path=ON_ENTRY)
    assert (row.red_at, row.first_at) == (None, NOW + timedelta(minutes=2))
