"""Dwell: only time between two ticks counts, and a clock that jumped is in the record."""

from datetime import timedelta

import pytest

from readiness.models import DwellClock, PhaseRun
from readiness.services.dwell import count_dwell
from tests.record_fixtures import entries
from tests.services.helpers import NOW, act_of, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = act_of("readiness")


@pytest.fixture(autouse=True)
def _canary():
    start_phase(make_rollout(), "canary")


def tick(**later):
    count_dwell(NOW + timedelta(**later), MACHINE)
    return DwellClock.objects.get().counted_s


def test_what_passes_between_two_ticks_counts_in_whole_seconds():
    assert [tick(seconds=1), tick(seconds=2.5), tick(seconds=4)] == [1, 2, 4]
    assert entries() == []


def test_five_minutes_without_a_tick_still_count():
    assert tick(minutes=5) == 300
    assert entries() == []


def test_a_small_step_back_counts_nothing_and_is_no_entry():
    assert [tick(seconds=10), tick(seconds=4), tick(seconds=6)] == [10, 10, 12]
    assert entries() == []


@pytest.mark.parametrize("jump", [timedelta(minutes=-10), timedelta(minutes=5, seconds=1)])
def test_a_jump_of_the_clock_does_not_count_and_is_recorded(jump):
    count_dwell(NOW + jump, MACHINE)
    (entry,) = entries()
    assert (entry["action"], entry["object"]["label"]) == ("dwell.interrupted", "Canary")
    assert entry["change"]["fields"]["ticked_at"][0] == "2025-12-02T14:32:06.000000Z"
    count_dwell(NOW + jump + timedelta(seconds=3), MACHINE)
    assert DwellClock.objects.get().counted_s == 3
    assert len(entries()) == 1


def test_a_run_that_ended_counts_no_more():
    PhaseRun.objects.update(state="rolled_back", left_at=NOW)
    assert tick(minutes=1) == 0
