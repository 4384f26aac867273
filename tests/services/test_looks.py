"""From what was read of both arms to what statistics make of it."""

from datetime import timedelta
from math import inf

import pytest

from readiness.core.blocks import Arm, ArmNow, BlockRow, BlocksSeen, BlockTable
from readiness.core.experiments import read_experiment
from readiness.services.looks import design_of, look_between, table_of
from readiness.stats.rulings import Call
from tests.core.test_experiment_plans import SAID
from tests.services.helpers import NOW

HOUR = timedelta(hours=1)
NOW_BOTH = ArmNow(NOW, 3)


def experiment(**more):
    return read_experiment({**SAID, **more})


def seen(rows=(), bounds=(0.1, inf), canary=NOW_BOTH, control=NOW_BOTH, shared=True):
    return BlocksSeen(BlockTable("metrics", (), HOUR, bounds, tuple(rows)), canary, control, shared)


def test_a_design_asks_what_the_plan_says():
    design = design_of(experiment(min_duration="3d", alpha="0.1"), seen(), 5)
    assert (design.kind, design.asked, design.margin, design.relative) == ("quantile", "non_inferiority", 0.05, True)
    assert (design.planned, design.fewest, design.alpha) == (336, 58, 0.1)
    assert design.harm_alphas == (0.01,)


def test_whoever_says_how_sure_one_must_be_of_harm_shares_nothing():
    assert design_of(experiment(stop_for_harm={"p": "0.001"}), seen(), 5).harm_alphas == (0.001,)


def test_the_distance_of_samples_is_known_from_how_many_a_block_has():
    rows = [BlockRow(NOW, Arm(0, 9, (4.0, 9.0), 240), None)]
    assert design_of(experiment(), seen(rows), 1).scrape_s == 15
    assert design_of(experiment(), seen(), 1).scrape_s == 15


def test_a_table_has_what_was_read_and_the_age_of_the_older_arm():
    rows = [BlockRow(NOW, Arm(1.0, 9.0, (4.0, 9.0)), None)]
    table = table_of(seen(rows, control=ArmNow(NOW - HOUR, 2, units=90.0), canary=ArmNow(NOW, 1, units=10.0)), NOW)
    assert (table.blocks[0].canary.buckets, table.blocks[0].control) == ((4.0, 9.0), None)
    assert (table.age_s, table.units, table.pods.canary) == (3600, (10.0, 90.0), 1)


@pytest.mark.parametrize("arm", ["canary", "control"])
def test_an_arm_without_any_sample_is_invalid(arm):
    result = look_between(experiment(), seen(**{arm: ArmNow()}), 1, NOW)
    assert (result.ruling.call, result.ruling.reason) == (Call.INVALID, "stale")


def test_before_there_are_blocks_nothing_is_decided():
    result = look_between(experiment(), seen(), 1, NOW)
    assert (result.ruling.call, result.ruling.reason) == (Call.UNDECIDED, "too_few_blocks")
