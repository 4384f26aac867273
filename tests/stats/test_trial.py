"""Looks at experiments: what may never be GO, and what must not make a difference."""

from dataclasses import replace
from math import inf, log, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.canonical import canonical_bytes, to_plain
from readiness.stats.rulings import Call
from readiness.stats.tables import Asked, Block, Kind, Pods, Side, Table
from readiness.stats.trial import look_at
from tests.stats.worlds import BOUNDS, bucket_blocks, design, error_blocks, mean_blocks, seeded, widest

WIDE = widest(BOUNDS)
DAY = design(planned=48)


def world(effect=0.0, seed=1, n=48, **how):
    return mean_blocks(seeded(seed), n, effect, how.pop("sd", 0.05), **how)


def look(blocks, asked=DAY, bounds=(), is_look=True, **more):
    return look_at(Table(tuple(blocks), bounds, **more), asked, (), is_look)


def ruled(blocks, asked=DAY, bounds=(), **more):
    ruling = look(blocks, asked, bounds, **more).ruling
    return ruling.call, ruling.reason


def swapped(blocks):
    return tuple(Block(block.at, block.control, block.canary) for block in blocks)


def with_canary(blocks, change, places):
    return tuple(
        replace(block, canary=change(block.canary)) if place in places else block for place, block in enumerate(blocks)
    )


def test_an_equal_canary_is_go_at_a_look_and_never_between_looks():
    assert ruled(world()) == (Call.GO, "no_worse")
    assert ruled(world(), is_look=False) == (Call.UNDECIDED, "on_track")
    assert ruled(world(log(1.06)), is_look=False) == (Call.UNDECIDED, "at_risk")


def test_a_canary_that_is_ten_percent_slower_is_harmful_at_any_time():
    assert ruled(world(log(1.15))) == (Call.NO_GO, "worse_beyond_margin")
    assert ruled(world(log(1.15)), is_look=False) == (Call.NO_GO, "worse_beyond_margin")


def test_an_early_look_needs_more_than_the_last_one():
    blocks = world(log(1.02), sd=0.06)
    early, late = look(blocks, design(planned=480)), look(blocks, design(planned=48))
    assert early.point.bound > late.point.bound
    assert early.interval.upper > late.interval.upper
    assert (early.ruling.call, late.ruling.call) == (Call.UNDECIDED, Call.GO)


def test_a_look_with_too_few_blocks_is_none_and_spends_nothing():
    result = look(world()[:23])
    assert (result.ruling.call, result.ruling.reason, result.point.look) == (Call.UNDECIDED, "too_few_blocks", 0)


def test_what_is_too_spiky_is_not_go():
    spiky = with_canary(world(sd=0.01), lambda side: replace(side, top=side.top * 1.3), {7})
    assert ruled(spiky) == (Call.UNDECIDED, "spiky")


def test_a_canary_whose_errors_are_in_half_of_its_blocks_while_the_control_has_none_is_not_go():
    asked = design(Kind.ERRORS, margin=0.0005, relative=False, planned=48)
    for blocks in (10, 24, 48):
        errors = [Block(n, Side(4.0 if n % 2 else 0.0, 300.0), Side(0.0, 5700.0)) for n in range(blocks)]
        assert ruled(errors, asked)[0] is not Call.GO
        assert ruled(errors, replace(asked, relative=True, margin=0.5))[0] is not Call.GO


def test_no_error_in_either_arm_is_go_where_enough_was_asked_and_never_by_a_ratio():
    quiet = [Block(n, Side(0.0, 3000.0), Side(0.0, 57000.0)) for n in range(48)]
    asked = design(Kind.ERRORS, margin=0.001, relative=False, planned=48)
    assert ruled(quiet, asked) == (Call.GO, "no_worse")
    assert ruled(quiet, replace(asked, margin=0.00001)) == (Call.UNDECIDED, "undecided")
    assert ruled(quiet, replace(asked, relative=True, margin=0.5)) == (Call.UNDECIDED, "no_events")


@pytest.mark.parametrize(
    ("side", "reason"),
    [
        (Side(nan, 1000.0), "not_computable"),
        (Side(-5.0, 1000.0), "not_computable"),
        (Side(5.0, -1000.0), "not_computable"),
        (Side(inf, 1000.0), "not_computable"),
        (Side(5.0, 0.0), "not_computable"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.MEAN, Kind.ERRORS])
def test_one_impossible_number_is_enough_to_say_nothing(kind, side, reason):
    assert ruled(with_canary(world(), lambda _: side, {11}), replace(DAY, kind=kind)) == (Call.INVALID, reason)


def test_more_errors_than_requests_are_invalid():
    asked = design(Kind.ERRORS, margin=0.5, relative=False, planned=48)
    errors = with_canary(error_blocks(seeded(1), 48, (0.01, 0.01)), lambda _: Side(7.0, 6.0), {3})
    assert ruled(errors, asked) == (Call.INVALID, "not_computable")


def test_an_arm_that_never_reports_is_invalid_and_says_which():
    assert ruled(replace(block, control=None) for block in world()) == (Call.INVALID, "no_control")
    assert ruled(replace(block, canary=None) for block in world()) == (Call.INVALID, "no_canary")
    assert ruled(()) == (Call.UNDECIDED, "too_few_blocks")


def test_a_fifth_of_the_blocks_may_lack_an_arm_and_no_more():
    def without(count):
        return [replace(block, control=None) if n < count else block for n, block in enumerate(world())]

    assert ruled(without(9))[0] is Call.GO
    assert ruled(without(10)) == (Call.INVALID, "blocks_missing")


@pytest.mark.parametrize("kind", [Kind.MEAN, Kind.ERRORS, Kind.GAUGE])
def test_the_same_series_twice_is_invalid(kind):
    asked = design(kind, planned=48)
    twins = [replace(block, control=block.canary) for block in error_blocks(seeded(1), 48, (0.01, 0.01))]
    assert ruled(twins, asked) == (Call.INVALID, "identical_data")


def test_the_same_errors_twice_are_invalid_also_by_points():
    asked = design(Kind.ERRORS, margin=0.01, relative=False, planned=48)
    twins = [replace(block, control=block.canary) for block in error_blocks(seeded(1), 48, (0.01, 0.01))]
    assert ruled(twins, asked) == (Call.INVALID, "identical_data")


def test_the_same_histogram_twice_is_invalid():
    twins = [replace(block, control=block.canary) for block in bucket_blocks(seeded(1), 24, 0.0)]
    assert ruled(twins, design(Kind.QUANTILE, planned=24), WIDE) == (Call.INVALID, "identical_data")


def test_a_split_that_was_not_asked_for_is_invalid():
    asked = replace(DAY, canary_share=0.05)
    assert ruled(world(), asked, units=(5500, 94500)) == (Call.INVALID, "sample_ratio_mismatch")
    assert ruled(world(), asked, units=(5040, 94960)) == (Call.GO, "no_worse")


def test_latency_of_requests_that_mostly_fail_says_nothing():
    assert ruled(world(), error_shares=(0.2, 0.0)) == (Call.INVALID, "errors_dominate")
    assert ruled(world(), error_shares=(0.05, 0.01))[0] is Call.GO


def test_old_samples_are_invalid():
    assert ruled(world(), age_s=76.0) == (Call.INVALID, "stale")
    assert ruled(world(), age_s=75.0)[0] is Call.GO
    assert ruled(world(), age_s=nan) == (Call.INVALID, "stale")


def test_a_histogram_is_compared_by_its_buckets():
    asked = design(Kind.QUANTILE, planned=24)
    assert ruled(bucket_blocks(seeded(1), 24, 0.0, 0.02), asked, WIDE) == (Call.GO, "no_worse")
    assert ruled(bucket_blocks(seeded(1), 24, log(1.2), 0.02), asked, WIDE) == (Call.NO_GO, "worse_beyond_margin")


def test_a_histogram_that_is_too_coarse_or_too_short_is_invalid():
    asked = design(Kind.QUANTILE, planned=24)
    coarse, short = BOUNDS[::8], BOUNDS[:12]
    blocks = bucket_blocks(seeded(1), 24, 0.0, bounds=coarse)
    assert ruled(blocks, asked, widest(coarse)) == (Call.INVALID, "histogram_too_coarse")
    blocks = bucket_blocks(seeded(1), 24, 0.0, bounds=short)
    assert ruled(blocks, asked, widest(short)) == (Call.INVALID, "quantile_above_last_bucket")


def test_buckets_that_moved_or_fall_are_invalid():
    asked = design(Kind.QUANTILE, planned=24)
    blocks = bucket_blocks(seeded(1), 24, 0.0)
    moved = with_canary(blocks, lambda side: replace(side, buckets=side.buckets[:-1]), {5})
    fallen = with_canary(blocks, lambda side: replace(side, buckets=(9e9, *side.buckets[1:])), {5})
    assert ruled(moved, asked, WIDE) == (Call.INVALID, "buckets_differ")
    assert ruled(fallen, asked, WIDE) == (Call.INVALID, "buckets_not_cumulative")
    assert ruled(blocks, asked, WIDE[:-1]) == (Call.INVALID, "buckets_differ")


def test_too_few_requests_beyond_the_quantile_are_not_judged():
    asked = design(Kind.QUANTILE, planned=24)
    blocks = bucket_blocks(seeded(1), 24, 0.0, requests=(1000, 40000))
    assert ruled(blocks, asked, WIDE) == (Call.UNDECIDED, "tail_too_thin")


def test_one_canary_pod_alone_is_not_go_and_pods_make_the_interval_wider():
    alone = Pods(1, 3, False, (0.0,), (0.01, -0.01, 0.0))
    several = Pods(2, 3, False, (0.03, -0.03), (0.02, -0.02, 0.0))
    assert ruled(world(), pods=alone) == (Call.UNDECIDED, "one_canary_pod")
    assert look(world(), pods=several).interval.upper > look(world()).interval.upper + 0.02
    assert ruled(world(), pods=replace(alone, shared=True))[0] is Call.GO


def test_pods_that_nobody_has_compared_keep_from_go():
    assert ruled(world(), pods=Pods(3, 3, False)) == (Call.UNDECIDED, "pod_noise_unknown")


def test_a_last_bucket_that_is_not_the_count_is_invalid():
    blocks = bucket_blocks(seeded(1), 24, 0.0)
    other = with_canary(blocks, lambda side: replace(side, bottom=side.bottom * 1.01), {5})
    assert ruled(other, design(Kind.QUANTILE, planned=24), WIDE) == (Call.INVALID, "counts_differ")


def test_better_by_what_is_needed_is_go_and_merely_no_worse_is_not():
    asked = replace(DAY, asked=Asked.SUPERIORITY, margin=0.2)
    assert ruled(world(log(0.7)), asked) == (Call.GO, "better_as_needed")
    assert ruled(world(log(0.82)), asked)[0] is Call.UNDECIDED
    assert ruled(world(), asked)[0] is Call.UNDECIDED
    assert ruled(world(log(1.2)), asked) == (Call.NO_GO, "worse_beyond_margin")


def test_more_may_be_better():
    asked = replace(DAY, asked=Asked.SUPERIORITY, margin=0.2, lower_is_better=False)
    assert ruled(world(log(1.3)), asked) == (Call.GO, "better_as_needed")
    assert ruled(world(log(0.8)), asked) == (Call.NO_GO, "worse_beyond_margin")
    assert asked.limit == pytest.approx(log(1.2))
    assert replace(asked, asked=Asked.NON_INFERIORITY).limit == pytest.approx(-log(0.8))


def test_the_same_within_a_margin_is_asked_on_both_sides():
    asked = replace(DAY, asked=Asked.EQUIVALENCE)
    assert ruled(world(), asked) == (Call.GO, "same_within_margin")
    assert ruled(world(log(0.8)), asked) == (Call.NO_GO, "worse_beyond_margin")
    assert ruled(world(log(1.2)), asked) == (Call.NO_GO, "worse_beyond_margin")


@pytest.mark.parametrize(
    "change",
    [{"margin": nan}, {"margin": -0.1}, {"planned": 0}, {"alpha": 0.0}, {"alpha": nan}, {"harm_alphas": (0.0,)}],
)
def test_a_design_that_cannot_be_asked_is_invalid(change):
    assert ruled(world(), replace(DAY, **change)) == (Call.INVALID, "not_computable")


EFFECTS = st.floats(-0.2, 0.2)
SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=40, deadline=None)


@FEW
@given(EFFECTS, SEEDS)
def test_swapping_the_arms_negates_the_interval(effect, seed):
    blocks = world(effect, seed)
    one, other = look(blocks).interval, look(swapped(blocks)).interval
    assert (one.effect, one.lower, one.upper) == pytest.approx((-other.effect, -other.upper, -other.lower))


@FEW
@given(EFFECTS, SEEDS)
def test_seconds_or_milliseconds_make_no_difference(effect, seed):
    blocks = world(effect, seed)
    in_ms = [
        Block(b.at, Side(b.canary.top * 1000, b.canary.bottom), Side(b.control.top * 1000, b.control.bottom))
        for b in blocks
    ]
    assert look(blocks).ruling == look(in_ms).ruling


@FEW
@given(EFFECTS, SEEDS, st.floats(0.01, 0.3), st.floats(1.0, 3.0))
def test_what_is_go_at_a_margin_is_go_at_a_larger_one(effect, seed, margin, times):
    blocks = world(effect, seed)
    if ruled(blocks, replace(DAY, margin=margin))[0] is Call.GO:
        assert ruled(blocks, replace(DAY, margin=margin * times))[0] is Call.GO


@FEW
@given(EFFECTS, SEEDS, st.integers(48, 500))
def test_what_is_go_at_a_look_would_be_go_if_it_were_the_only_one(effect, seed, planned):
    blocks = world(effect, seed)
    if ruled(blocks, replace(DAY, planned=planned))[0] is Call.GO:
        assert ruled(blocks)[0] is Call.GO


@FEW
@given(SEEDS, st.integers(0, 47), st.sampled_from([nan, inf, -inf, -1.0]), st.sampled_from(["top", "bottom"]))
def test_no_impossible_number_is_ever_go(seed, place, number, part):
    for kind in (Kind.MEAN, Kind.ERRORS):
        blocks = with_canary(world(0.0, seed), lambda side: replace(side, **{part: number}), {place})
        assert ruled(blocks, replace(DAY, kind=kind))[0] is Call.INVALID


@FEW
@given(SEEDS, st.integers(0, 23), st.integers(0, len(WIDE) - 1), st.sampled_from([nan, -1.0, inf]))
def test_no_impossible_bucket_is_ever_go(seed, place, bucket, number):
    def broken(side):
        return replace(side, buckets=(*side.buckets[:bucket], number, *side.buckets[bucket + 1 :]))

    blocks = with_canary(HISTOGRAM, broken, {place})
    assert ruled(blocks, design(Kind.QUANTILE, planned=24), WIDE)[0] is Call.INVALID


HISTOGRAM = bucket_blocks(seeded(1), 24, 0.0, 0.02)


@FEW
@given(EFFECTS, SEEDS)
def test_the_same_evidence_gives_the_same_bytes(effect, seed):
    blocks = world(effect, seed)
    assert canonical_bytes(to_plain(look(blocks))) == canonical_bytes(to_plain(look(tuple(blocks))))
