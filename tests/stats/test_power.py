"""How much data it takes: the published table, and that what is said is true."""

from math import log

import pytest

from readiness.stats.power import (
    MOST_NEEDED,
    blocks_needed,
    chance_if_equal,
    chance_of_go,
    power_of_each,
    quantile_variance,
    requests_needed,
    smallest_shown,
    whole,
)
from readiness.stats.special import normal_quantile
from tests.stats.worlds import seeded

SHARES = (0.05, 0.25, 0.50, 0.75)
TABLE = [
    (0.001 * 0.999, 0.005, (361, 457, 685, 1369)),
    (0.001 * 0.999, 0.001, (9006, 11408, 17111, 34222)),
    (0.001 * 0.999, 0.0005, (36023, 45629, 68443, 136885)),
    (quantile_variance(0.99, 0.5), log(1.05), (13195, 16713, 25070, 50139)),
    (quantile_variance(0.99, 0.5), log(1.10), (3458, 4380, 6570, 13139)),
    (0.53**2, log(1.05), (1064, 1348, 2022, 4043)),
]


@pytest.mark.parametrize(("variance", "margin", "needed"), TABLE)
def test_the_requests_of_a_phase_are_those_of_the_table(variance, margin, needed):
    found = [whole(requests_needed(variance, margin, share, 0.05, 0.9)) for share in SHARES]
    assert found == pytest.approx(needed, rel=0.004)


def test_the_smallest_margin_that_can_be_shown_is_the_one_that_just_takes_all_blocks():
    margin = smallest_shown(0.2, 168, 0.05, 0.9)
    assert blocks_needed(0.2, margin, 0.05, 0.9) == pytest.approx(168)


def test_several_comparisons_need_more_power_each():
    assert power_of_each(1) == pytest.approx(0.9)
    assert power_of_each(6) == pytest.approx(0.98333, abs=1e-5)


def test_what_can_never_be_had_is_still_a_whole_number():
    assert whole(float("inf")) == MOST_NEEDED


def test_the_chance_of_go_is_about_how_often_it_happens():
    random, alpha, margin, sd = seeded(3), 0.05, 0.05, 0.25
    shown, happened = 0.0, 0
    for _ in range(2000):
        truth = random.gauss(0.02, 0.03)
        values = [random.gauss(truth, sd) for _ in range(168)]
        shown += chance_of_go(72, 168, sum(values[:72]) / 72, sd, (margin, alpha))
        happened += sum(values) / 168 + normal_quantile(1 - alpha) * sd / 168**0.5 < margin
    assert shown / 2000 == pytest.approx(happened / 2000, abs=0.03)


def test_nothing_is_likely_where_nothing_is_known():
    assert chance_of_go(0, 168, 0.0, 0.1, (0.05, 0.05)) == 0
    assert chance_of_go(24, 168, 0.0, 0.0, (0.05, 0.05)) == 0
    assert chance_of_go(168, 168, 0.0, 0.1, (0.05, 0.05)) == 1
    assert chance_if_equal(168, 168, 0.2, 0.1, (0.05, 0.05)) == 0
