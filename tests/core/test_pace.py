"""Pace: everything of a source on one grid, grids shifted against each other, and waits that grow and end."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from readiness.core.pace import LEFT_ALONE_AFTER, next_look, wait_after

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=7300)).map(lambda gone: BEGIN + gone)
STEPS = st.timedeltas(timedelta(seconds=1), timedelta(hours=1))
SECOND = timedelta(seconds=1)


@given(MOMENTS, STEPS, st.text())
def test_the_next_look_lies_ahead_and_at_most_one_step(now, every, about):
    assert now < next_look(now, every, about) <= now + every


@given(MOMENTS, MOMENTS, STEPS, st.text())
def test_all_looks_of_a_source_lie_on_one_grid(now, later, every, about):
    apart = next_look(later, every, about) - next_look(now, every, about)
    assert apart % every == timedelta(0)


@given(MOMENTS, st.integers(1, 6), st.text())
def test_what_is_looked_at_more_rarely_is_looked_at_together_with_the_rest(now, times, about):
    rare = next_look(now, times * 15 * SECOND, about)
    assert next_look(rare - SECOND / 1000, 15 * SECOND, about) == rare


def test_sources_are_spread_over_the_step():
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    seconds = Counter((next_look(now, 15 * SECOND, f"rollout-{n} metrics") - now) // SECOND for n in range(300))
    assert len(seconds) == 15
    assert max(seconds.values()) < 60


def test_a_source_is_left_alone_for_longer_each_time_and_never_for_more_than_half_a_minute():
    waits = [wait_after(failures) for failures in range(LEFT_ALONE_AFTER + 100)]
    assert waits[:LEFT_ALONE_AFTER] == [None] * LEFT_ALONE_AFTER
    told = waits[LEFT_ALONE_AFTER:]
    assert [wait / SECOND for wait in told[:4]] == [15, 30, 30, 30]
    assert told[-1] == 30 * SECOND
