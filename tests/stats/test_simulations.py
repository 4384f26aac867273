"""How often a whole experiment errs, by simulation: short runs of `tests/benchmarks/experiments.py`."""

from math import log

import pytest

from readiness.stats.rulings import Call
from readiness.stats.tables import Kind
from tests.stats.worlds import BOUNDS, bucket_blocks, design, error_blocks, mean_blocks, seeded, shares_of, split_finds
from tests.stats.worlds import widest as with_infinity

RUNS = 100


def latency(effect, phi, sd=0.1):
    return lambda random: mean_blocks(random, 168, effect, sd, phi)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_a_canary_as_bad_as_the_margin_is_seldom_go_however_blocks_depend_on_each_other(phi):
    shares = shares_of(latency(log(1.05), phi, 0.2), design(), RUNS, "margin")
    assert shares[Call.GO] <= 0.065


def test_an_equal_canary_is_mostly_go_when_there_is_enough_traffic():
    shares = shares_of(latency(0.0, 0.3), design(), RUNS, "equal")
    assert shares[Call.GO] >= 0.85
    assert shares[Call.NO_GO] <= 0.01


def test_a_canary_twice_as_bad_as_the_margin_is_never_go():
    shares = shares_of(latency(log(1.1), 0.3), design(), RUNS, "twice")
    assert shares[Call.GO] == 0
    assert shares[Call.NO_GO] >= 0.8


@pytest.mark.parametrize("burst", [(0.0, 0.0), (0.7, 0.5)])
def test_errors_as_many_as_the_margin_are_seldom_go_in_bursts_or_not(burst):
    asked = design(Kind.ERRORS, margin=0.001, relative=False)
    shares = shares_of(lambda random: error_blocks(random, 168, (0.002, 0.001), burst=burst), asked, RUNS, "errors")
    assert shares[Call.GO] <= 0.065


def test_a_quantile_as_slow_as_the_margin_is_not_go():
    asked, bounds = design(Kind.QUANTILE), with_infinity(BOUNDS)
    shares = shares_of(lambda random: bucket_blocks(random, 168, log(1.05)), asked, 12, "p99", bounds=bounds)
    assert shares[Call.GO] == 0


def test_a_wrong_split_is_found_and_a_right_one_is_not():
    assert split_finds(seeded(1), 100_000, 0.05, 0.05, 500) <= 0.004
    assert split_finds(seeded(2), 100_000, 0.055, 0.05, 500) >= 0.99
