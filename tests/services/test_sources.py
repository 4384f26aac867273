"""Sources: one that does not answer is left alone for a while, and everything of it is due when it answers again."""

from datetime import timedelta

import pytest

from readiness.models import Observation, SourceState
from readiness.queries.plans import load_plan
from readiness.queries.sources import load_struggling
from readiness.services.gates import refresh_rollout
from readiness.services.observations import sync_observations
from readiness.services.record_checks import take_tick
from readiness.services.sources import MOST_STRUGGLING, SourceTold, note_source, room_for
from tests.services.helpers import NOW, act_of, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
SECOND = timedelta(seconds=1)
SILENT = SourceTold("metrics", "Prometheus at metrics:9090 did not answer within 10 s", 10 * SECOND)
ANSWERED = SourceTold("metrics", "", SECOND / 20)


@pytest.fixture
def rollout():
    rollout = make_rollout()
    start_phase(rollout, "canary")
    sync_observations(rollout, load_plan(rollout), "canary", NOW)
    return rollout


def state():
    return SourceState.objects.get(key="metrics")


def due_at():
    return set(Observation.objects.filter(source="metrics").values_list("next_due_at", flat=True))


def test_one_that_stays_silent_is_left_alone_for_longer_each_time(rollout):
    for turn, wait in enumerate((None, None, 15, 30, 30, 30)):
        at = NOW + turn * 60 * SECOND
        note_source(rollout, SILENT, at)
        assert state().retry_at == (at + wait * SECOND if wait else None)
        if wait:
            assert min(due_at()) == at + wait * SECOND
    assert (state().failures, state().silent_since, state().message) == (6, NOW, SILENT.silence)
    assert load_struggling(rollout) == {"metrics"}


def test_what_is_due_later_anyway_stays_so(rollout):
    later = NOW + timedelta(minutes=5)
    Observation.objects.update(next_due_at=later)
    for _ in range(3):
        note_source(rollout, SILENT, NOW)
    assert due_at() == {later}


def test_when_it_answers_again_everything_of_it_is_due(rollout):
    for _ in range(3):
        note_source(rollout, SILENT, NOW)
    Observation.objects.filter(path__startswith="gates/").update(collected_at=NOW + SECOND)
    note_source(rollout, ANSWERED, NOW + SECOND)
    assert (state().failures, state().silent_since, state().retry_at, state().message) == (0, None, None, "")
    assert (state().answered_at, state().took) == (NOW + SECOND, SECOND / 20)
    fresh = Observation.objects.filter(source="metrics", collected_at=NOW + SECOND)
    assert NOW + SECOND not in fresh.values_list("next_due_at", flat=True)
    others = Observation.objects.filter(source="metrics").exclude(collected_at=NOW + SECOND)
    assert set(others.values_list("next_due_at", flat=True)) == {NOW + SECOND}
    assert load_struggling(rollout) == frozenset()


def test_a_refresh_keeps_how_its_source_behaved(rollout):
    refresh_rollout("demo", {}, act_of("readiness"), NOW, [SILENT])
    assert state().failures == 1


def test_of_sources_that_struggle_only_a_few_hold_up_a_worker():
    held = [room_for(struggling=True) for _ in range(MOST_STRUGGLING)]
    assert all(each.__enter__() for each in held)
    with room_for(struggling=True) as room:
        assert not room
    with room_for(struggling=False) as room:
        assert room
    for each in held:
        each.__exit__(None, None, None)
    with room_for(struggling=True) as room:
        assert room


def test_one_tick_a_second_counts_however_many_beats_send_it():
    taken = [take_tick(NOW + n * SECOND / 2) for n in range(6)]
    assert taken == [True, False, True, False, True, False]


def test_ticks_go_on_after_the_clock_was_set_back():
    assert take_tick(NOW)
    assert take_tick(NOW - timedelta(hours=1))
