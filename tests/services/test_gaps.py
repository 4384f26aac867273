"""Closing and reopening gap tasks."""

import pytest

from readiness.models import GapClosure, Rollout
from readiness.services.gaps import (
    AlreadyClosed,
    NoSuchTask,
    NotClosed,
    ReasonRequired,
    close_gap_task,
    reopen_gap_task,
)
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, make_rollout, only_entry

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def close(person=OWNER, gap="way-back", task="1", reason=""):
    return close_gap_task("demo", gap, task, act_of(person), NOW, reason=reason)


def test_closing_a_task_keeps_who_and_when_and_appends_one_entry():
    make_rollout()
    entry = only_entry(close(reason="merged"))
    row = GapClosure.objects.get()
    assert (row.gap, row.task, row.by_id, row.closed_at, row.reason) == ("way-back", "1", OWNER, NOW, "merged")
    assert (entry["action"], entry["object"]["label"], entry["reason"]) == ("gap.closed", "Write the script", "merged")
    assert entry["actor"]["id"] == OWNER


def test_closing_a_task_leaves_a_change_to_judge():
    make_rollout()
    close()
    rollout = Rollout.objects.get()
    assert (rollout.dirty_at, rollout.dirty_changes, rollout.changed) == (NOW, 1, 1)


@pytest.mark.parametrize("person", [MATE, LEAD, STRANGER])
def test_only_the_owner_closes_a_task(person):
    make_rollout()
    with pytest.raises(NotAllowed, match="SRE lead"):
        close(person)
    assert not GapClosure.objects.exists()
    assert entries() == []


def test_a_task_is_closed_once():
    make_rollout()
    close()
    with pytest.raises(AlreadyClosed):
        close()
    assert GapClosure.objects.count() == len(entries()) == 1


def test_a_gap_that_nothing_measures_is_closed_with_a_reason():
    make_rollout()
    with pytest.raises(ReasonRequired):
        close(gap="bare", task="", reason="  ")
    entry = only_entry(close(gap="bare", task="", reason="the vendor confirmed it"))
    assert entry["object"]["label"] == "Nothing measures this"
    assert GapClosure.objects.get().task == ""


def test_a_gap_with_tasks_closes_by_its_tasks_alone():
    make_rollout()
    with pytest.raises(NoSuchTask, match="closes by itself"):
        close(task="", reason="done")


@pytest.mark.parametrize(("gap", "task"), [("nothing", "1"), ("way-back", "2")])
def test_only_tasks_of_the_plan_can_be_closed(gap, task):
    make_rollout()
    with pytest.raises(NoSuchTask):
        close(gap=gap, task=task)
    assert entries() == []


def test_a_closed_task_is_reopened_and_both_stay_in_the_record():
    make_rollout()
    close()
    seq = reopen_gap_task("demo", "way-back", "1", act_of(OWNER), NOW, reason="it broke")
    assert GapClosure.objects.get().reopened_at == NOW
    assert [(e["seq"], e["action"]) for e in entries()] == [(seq - 1, "gap.closed"), (seq, "gap.reopened")]
    close()
    assert GapClosure.objects.filter(reopened_at=None).count() == 1


def test_an_open_task_cannot_be_reopened():
    make_rollout()
    with pytest.raises(NotClosed):
        reopen_gap_task("demo", "way-back", "1", act_of(OWNER), NOW)
