"""A rollback that is verified: how long it took is kept, also as a run of the drill that practises its level."""

from datetime import timedelta

import pytest

from readiness.core.codec import to_plain
from readiness.core.types import GateObservation, Reading, SeriesValue, Window
from readiness.core.watchlist import observed_definition
from readiness.models import DrillRecord, Observation, Rollback, Rollout
from readiness.queries.plans import load_plan
from readiness.queries.rows import load_rows
from readiness.services.observations import watched_by
from readiness.services.phases import roll_back_phase
from readiness.services.rollbacks import verify_rollbacks
from tests.record_fixtures import entries
from tests.services.helpers import DOCUMENT, MATE, NOW, act_of, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
VERIFY = "rollback:off/verify/gate:errors/<= 1/0s"
LATER = NOW + timedelta(seconds=50)


@pytest.fixture
def _rolled_back():
    (level,) = DOCUMENT["rollbacks"]
    said = {**DOCUMENT, "rollbacks": [{**level, "verify": {"gate": "errors"}}]}
    start_phase(make_rollout(said), "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW)


def measured(value, at):
    """Let what verifies the rollback have been measured."""
    reading = Reading("errors", "metrics", at, values=(SeriesValue("", value),), sampled_at=at)
    begin = NOW - timedelta(hours=1)
    window = Window(begin, at, begin if value <= 1 else None, None if value <= 1 else begin, 1.0)
    payload = to_plain(GateObservation(reading, window=window))
    rollout = Rollout.objects.select_related("plan").get()
    definition = observed_definition(watched_by(rollout, load_plan(rollout))[VERIFY].condition)
    Observation.objects.update_or_create(
        rollout=rollout,
        path=VERIFY,
        defaults={"kind": "gate", "definition": definition, "payload": payload, "collected_at": at, "next_due_at": at},
    )


def verify(now=LATER):
    rollout = Rollout.objects.select_related("plan").get()
    return verify_rollbacks(rollout, load_rows(rollout), act_of("readiness"), now)


@pytest.mark.usefixtures("_rolled_back")
def test_a_rollback_whose_proof_holds_is_verified_and_is_a_measured_drill_in_one_entry():
    before = len(entries())
    measured(0.5, LATER)
    assert verify() == 1
    back, drill = Rollback.objects.get(), DrillRecord.objects.get()
    assert back.verified_at == LATER
    assert (drill.drill, drill.ran_at, drill.took, drill.passed) == ("practised", NOW, LATER - NOW, True)
    assert (drill.by_id, drill.recorded_at) == (MATE, LATER)
    assert [entry["action"] for entry in entries()[before:]] == ["rollback.verified"]
    (told,) = entries()[-1]["change"]["also"]
    assert (told["type"], told["id"]) == ("drillrecord", str(drill.pk))


@pytest.mark.usefixtures("_rolled_back")
@pytest.mark.parametrize(("value", "at"), [(2.0, LATER), (0.5, NOW)])
def test_a_rollback_is_not_verified_by_what_is_not_met_or_was_measured_before(value, at):
    measured(value, at)
    assert verify() == 0
    assert Rollback.objects.get().verified_at is None
    assert not DrillRecord.objects.exists()


@pytest.mark.usefixtures("_rolled_back")
def test_a_rollback_is_verified_once():
    measured(0.5, LATER)
    assert [verify(), verify(LATER + timedelta(minutes=1))] == [1, 0]
    assert DrillRecord.objects.count() == 1
