"""Baselines: under which name a comparand is kept, and how far several of them have drifted."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.baselines import baseline_key, cumulative_drift, drift_of
from readiness.core.conditions import Against

SIZES = st.floats(min_value=1e-6, max_value=1e6)


@pytest.mark.parametrize(
    ("against", "key"),
    [
        (None, ""),
        (Against(query="up"), ""),
        (Against(baseline="phase-0"), "phase-0"),
        (Against(previous=True), "previous"),
    ],
)
def test_what_is_compared_with_is_kept_under_a_name(against, key):
    assert baseline_key(against) == key


@pytest.mark.parametrize(("before", "after", "drift"), [(10, 11, 0.1), (10, 9, -0.1), (-10, -9, 0.1), (10, 10, 0)])
def test_a_drift_is_a_share_of_the_value_before(before, after, drift):
    assert drift_of(before, after) == pytest.approx(drift)


@pytest.mark.parametrize(("before", "after"), [(0, 1), (math.inf, 1), (1, math.nan), (math.nan, 1)])
def test_nothing_is_a_share_of_nothing(before, after):
    assert drift_of(before, after) is None


def test_five_times_nine_percent_more_is_fifty_four():
    values = [100 * 1.09**n for n in range(6)]
    assert round(cumulative_drift(values) * 100) == 54
    assert cumulative_drift(values[:1]) is None


@given(SIZES, st.lists(st.floats(min_value=-0.5, max_value=0.5), min_size=1, max_size=10))
def test_what_lies_between_does_not_change_the_drift_against_the_first(first, steps):
    values = [first]
    for step in steps:
        values.append(values[-1] * (1 + step))
    assert cumulative_drift(values) == pytest.approx(cumulative_drift([values[0], values[-1]]))
