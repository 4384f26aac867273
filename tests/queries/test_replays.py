"""The fold of the record is the tables, also after acts that change more than one row; what differs is named."""

import pytest
from django.db import connection

from readiness.collectors.baselines import LinesTold
from readiness.core.replay import DoesNotFold
from readiness.core.windows import Point
from readiness.models import AuditEntry, Baseline, Claim, Firing, Hold, PhaseRun, PlanVersion, RoleGrant
from readiness.queries import plans
from readiness.queries.plans import NoPlan, load_plan, load_rollout
from readiness.queries.replays import load_differences, load_folded
from readiness.services.audit_guards import drop_guards
from readiness.services.baselines import record_baseline
from tests.services.everything import COMPLAINTS, PLAN, PREPARE, World
from tests.services.helpers import LEAD, MATE, NOW, OWNER, act_of
from tests.services.test_stateful import Everything

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def canary():
    """The world with the canary running."""
    machine = Everything()
    for phase in ("prepare", "canary"):
        machine.go_the_way()
        machine.do("enter", LEAD, phase)
    yield machine.world
    machine.atomic.__exit__(None, None, None)


def test_rolling_back_tells_the_run_the_reports_the_firings_and_the_new_run(canary):
    canary.claim(COMPLAINTS, MATE, None)
    canary.judge()
    canary.roll_back(MATE)
    assert Claim.objects.get(path=COMPLAINTS).withdrawn_by == "the end of the run"
    assert Firing.objects.get().answer == Firing.ROLLED_BACK
    assert PhaseRun.objects.count() == 3
    assert load_differences() == ()


def test_a_trigger_that_clears_is_told(canary):
    canary.claim(COMPLAINTS, MATE, None)
    canary.judge()
    canary.withdraw(COMPLAINTS, MATE)
    canary.pass_time(5)
    canary.judge()
    assert Firing.objects.get().cleared_at is not None
    assert load_differences() == ()


def test_a_baseline_that_replaces_another_is_told(monkeypatch):
    item = {"item": "base", "title": "Base", "owner": "sre", "records": {"baseline": "before", "gates": ["errors"]}}
    said = {**PLAN, "phases": [{**PREPARE, "enter": [item]}, PLAN["phases"][1]]}
    monkeypatch.setattr("tests.services.everything.PLANS", (said,))
    world = World()
    for _ in range(2):
        record_baseline("demo", "prepare/enter/item:base", act_of(OWNER), world.now, _half_a_second)
    assert Baseline.objects.count() == Claim.objects.count() == 2
    assert load_differences() == ()


def _half_a_second(gate, now, window):
    return LinesTold({"": (Point(NOW, 0.5),)}, raw=b"{}")


def test_a_signature_that_goes_void_is_told(canary):
    canary.bring(1, LEAD)
    canary.judge()
    assert load_differences() == ()


def test_the_rows_as_they_stood_at_an_entry_come_back(canary):
    last = AuditEntry.objects.count() - 1
    canary.hold(OWNER)
    key = ("hold", str(Hold.objects.get().pk))
    assert key in load_folded().rows
    assert key not in load_folded(upto=last).rows


@pytest.mark.parametrize("what", ["changed", "removed", "added"])
def test_a_row_that_somebody_touched_by_hand_is_named_with_what_differs(canary, what):
    canary.hold(OWNER)
    if what == "changed":
        Hold.objects.update(reason="nothing")
    elif what == "removed":
        Hold.objects.all().delete()
    else:
        grant = RoleGrant.objects.first()
        grant.pk, grant.key, grant.person_id = None, "lead", MATE
        grant.save()
    (found,) = load_differences()
    assert found.key[0] == ("rolegrant" if what == "added" else "hold")
    assert (found.here is None) == (what == "removed")
    assert (found.recorded is None) == (what == "added")


def test_an_entry_that_contradicts_itself_is_refused(canary):
    canary.hold(OWNER)
    drop_guards(connection)
    last = AuditEntry.objects.order_by("-seq").first()
    last.body = bytes(last.body).replace(b"the backup fails", b"the backup holds")
    last.save()
    with pytest.raises(DoesNotFold, match=f"Entry {last.seq} says that hold"):
        load_folded()


def test_a_plan_whose_document_was_changed_is_no_plan(canary):
    PlanVersion.objects.update(document=b'{"readiness":1}')
    rollout = load_rollout("demo")
    rollout.plan.pk = PlanVersion.objects.get().pk
    plans._build.cache_clear()
    with pytest.raises(NoPlan, match="was changed"):
        load_plan(rollout)
