"""Counts of gaps: kept by every verdict, only where they change, and nothing of it in the record."""

from datetime import timedelta

import pytest

from readiness.models import AuditEntry, GapCount
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.items import claim_item
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from tests.factories import NOW, PLANS, act_as, judge, make_person, make_rollout, observe_check, shell_act

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
ITEM = "gap:way-back/closed_when/item:way-back-known"


@pytest.fixture
def rollout():
    return make_rollout()


def counts(gap="way-back"):
    rows = GapCount.objects.filter(gap=gap).order_by("pk")
    return [(c.claimed, c.attested, c.proven, c.total, c.closed, c.counted_at, c.ended_at) for c in rows]


def test_the_first_verdict_counts_every_gap_of_the_plan():
    judge(make_rollout((PLANS / "dual-memory.yaml").read_text()))
    assert GapCount.objects.count() == 8
    assert counts("runtime-flags") == [(0, 0, 0, 6, False, NOW, None)]
    assert counts("property-tests") == [(0, 0, 0, 1, False, NOW, None)]


def test_a_verdict_that_changes_nothing_keeps_nothing(rollout):
    judge(rollout)
    judge(rollout, NOW + MINUTE)
    assert counts() == [(0, 0, 0, 2, False, NOW, None)]


def test_a_change_ends_the_count_before_it(rollout):
    judge(rollout)
    act = act_as(make_person("Elif Kaya"))
    close_gap_task(rollout.key, "way-back", "1", act, NOW)
    judge(rollout, NOW + MINUTE)
    observe_check(rollout, "checks/check:rollback-script", now=NOW + 2 * MINUTE)
    claim_item(rollout.key, ITEM, act, NOW)
    judge(rollout, NOW + 2 * MINUTE)
    reopen_gap_task(rollout.key, "way-back", "1", act, NOW, reason="not yet")
    judge(rollout, NOW + 3 * MINUTE)
    assert counts() == [
        (0, 0, 0, 2, False, NOW, NOW + MINUTE),
        (2, 0, 0, 2, False, NOW + MINUTE, NOW + 2 * MINUTE),
        (2, 1, 1, 2, True, NOW + 2 * MINUTE, NOW + 3 * MINUTE),
        (2, 1, 1, 2, False, NOW + 3 * MINUTE, None),
    ]


def test_a_gap_that_a_new_plan_has_lost_ends(rollout):
    judge(rollout)
    text = (PLANS / "quickstart.yaml").read_text().replace("key: way-back\n", "key: other-way\n")
    import_plan(read_plan(text), text, shell_act(), NOW + MINUTE)
    judge(rollout, NOW + MINUTE)
    assert counts()[-1][-1] == NOW + MINUTE
    assert counts("other-way") == [(0, 0, 0, 2, False, NOW + MINUTE, None)]


def test_counting_writes_nothing_into_the_record(rollout):
    judge(rollout)
    before = AuditEntry.objects.count()
    GapCount.objects.all().delete()
    judge(rollout, NOW + MINUTE)
    assert GapCount.objects.exists()
    assert AuditEntry.objects.count() == before
