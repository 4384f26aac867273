"""Boundaries of looks and the sequence for harm: against tables, and by simulation."""

from math import inf, sqrt

import pytest

from readiness.stats.blocks import spread_of
from readiness.stats.looks import alpha_spent, harm_limit, look_bounds, sequence_half_width
from tests.stats.worlds import seeded


def test_the_boundaries_are_those_of_the_published_table():
    fractions = (0.2, 0.4, 0.6, 0.8, 1.0)
    assert look_bounds(fractions, 0.025) == pytest.approx((4.8769, 3.3570, 2.6803, 2.2898, 2.0310), abs=1e-4)


def test_one_look_is_an_ordinary_limit():
    assert look_bounds((1.0,), 0.05) == pytest.approx((1.6448536,))


def test_a_look_that_brings_nothing_new_lets_nothing_pass_and_spends_nothing():
    assert look_bounds((0.5, 0.5, 1.0), 0.05)[1] == inf
    assert look_bounds((0.5, 0.5, 1.0), 0.05)[2] == pytest.approx(look_bounds((0.5, 1.0), 0.05)[1])


def test_all_of_alpha_is_spent_at_the_end_and_hardly_any_at_first():
    assert alpha_spent(1.0, 0.05) == pytest.approx(0.05)
    assert alpha_spent(1.7, 0.05) == pytest.approx(0.05)
    assert alpha_spent(1 / 7, 0.05) == pytest.approx(2.1534676e-07)
    assert alpha_spent(0.0, 0.05) == 0


def test_a_walk_without_drift_crosses_as_often_as_alpha_says():
    fractions, runs = tuple((k + 1) / 7 for k in range(7)), 20_000
    bounds, random = look_bounds(fractions, 0.05), seeded(7)
    crossed = 0
    for _ in range(runs):
        score = 0.0
        for place, (fraction, bound) in enumerate(zip(fractions, bounds, strict=True)):
            score += random.gauss(0, sqrt(fraction - (fractions[place - 1] if place else 0)))
            if score / sqrt(fraction) > bound:
                crossed += 1
                break
    assert crossed / runs == pytest.approx(0.05, abs=0.005)


def test_the_sequence_is_narrowest_about_where_it_was_planned_to_be():
    ordinary = [1.645 / sqrt(n) for n in (24, 168, 2000)]
    wider = [sequence_half_width(n, 1.0, 0.05, 168) / own for n, own in zip((24, 168, 2000), ordinary, strict=True)]
    assert wider[1] < wider[0]
    assert wider[1] < wider[2]
    assert all(ratio > 1.5 for ratio in wider)


def test_harm_is_not_judged_before_there_are_24_blocks():
    values = [0.1 + 0.01 * (-1) ** n for n in range(24)]
    assert harm_limit(spread_of(values[:23]), 0.05, 168) is None
    assert harm_limit(spread_of(values), 0.05, 168) == pytest.approx(0.1, abs=0.01)
    assert harm_limit(spread_of([0.1] * 30), 0.05, 168) is None


def test_a_smaller_alpha_asks_for_more_harm():
    spread = spread_of([0.1 + 0.05 * (-1) ** n for n in range(24)])
    assert harm_limit(spread, 0.001, 168) < harm_limit(spread, 0.05, 168)
