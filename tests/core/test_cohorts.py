"""Which value of a flag somebody gets: always the same, and to more people with every larger share."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.cohorts import (
    FlagSpec,
    ResolutionReason,
    TargetingKeyMissing,
    bucket_bp,
    flag_spec,
    resolve_flag,
    targeting_key,
)
from readiness.core.plan_build import build_plan
from tests.core.documents import make_document, put

SWITCH = FlagSpec("dual-memory", "Dual memory", True, False, "", "")
IDS = [f"user-{n}" for n in range(20_000)]
VECTORS = [
    ("user-1", 9387),
    ("user-2", 7613),
    ("user-3", 8078),
    ("user-4", 2455),
    ("alice@example.com", 4830),
    ("ünï", 9653),
]
contexts = st.fixed_dictionaries({"targetingKey": st.text(min_size=1, max_size=40)})


def on(spec, share_bp, key):
    return resolve_flag(spec, share_bp, False, {"targetingKey": key}).value


@pytest.mark.parametrize(("key", "expected"), VECTORS)
def test_people_lie_where_the_published_vectors_say(key, expected):
    assert bucket_bp("dual-memory", key) == expected


@pytest.mark.parametrize("share_bp", [500, 2_500, 5_000, 7_500])
def test_the_share_of_people_is_within_half_a_point(share_bp):
    share = sum(on(SWITCH, share_bp, key) for key in IDS) / len(IDS)
    assert abs(share - share_bp / 10_000) < 0.005


def test_each_cohort_contains_the_one_before():
    cohorts = [{key for key in IDS if on(SWITCH, share, key)} for share in (0, 1, 500, 2_500, 5_000, 7_500, 10_000)]
    assert all(earlier < later for earlier, later in pairwise(cohorts))
    assert (len(cohorts[0]), len(cohorts[-1])) == (0, len(IDS))


@given(contexts, st.integers(0, 10_000), st.integers(0, 10_000))
def test_nobody_loses_the_change_as_the_share_grows(context, one, other):
    low, high = sorted((one, other))
    if resolve_flag(SWITCH, low, False, context).value:
        assert resolve_flag(SWITCH, high, False, context).value


@given(contexts, st.integers(0, 10_000))
def test_a_flag_that_was_turned_off_is_off_for_everybody(context, share):
    found = resolve_flag(SWITCH, share, True, context)
    assert (found.value, found.variant, found.reason) == (False, "off", ResolutionReason.DISABLED)


@pytest.mark.parametrize(("share", "value"), [(0, False), (10_000, True)])
def test_none_and_all_need_no_key(share, value):
    found = resolve_flag(SWITCH, share, False, {})
    assert (found.value, found.reason) == (value, ResolutionReason.STATIC)


@pytest.mark.parametrize("context", [{}, {"targetingKey": ""}, {"targetingKey": None}, {"targetingKey": ["a"]}])
def test_a_share_between_needs_a_key(context):
    with pytest.raises(TargetingKeyMissing, match="Send targetingKey in the context"):
        resolve_flag(SWITCH, 500, False, context)


def test_the_salt_takes_the_place_of_the_key():
    salted = FlagSpec("blend", "Blend", True, False, "", "42")
    same = FlagSpec("other", "Other", True, False, "", "42")
    assert [on(salted, 5_000, key) for key in IDS[:500]] == [on(same, 5_000, key) for key in IDS[:500]]
    assert bucket_bp("42", "user-1") != bucket_bp("blend", "user-1")


def test_people_are_told_apart_by_the_attribute_that_the_flag_names():
    spec = FlagSpec("new", "New", True, False, "user_id", "")
    assert targeting_key(spec, {"user_id": 7, "targetingKey": "session"}) == "7"
    assert targeting_key(spec, {"targetingKey": "session"}) == "session"
    assert targeting_key(spec, {"user_id": True, "targetingKey": "session"}) == "session"


@pytest.mark.parametrize(
    ("said", "on", "off"),
    [
        ({}, True, False),
        ({"type": "string", "values": {"on": "new", "off": "old"}}, "new", "old"),
        ({"type": "integer", "values": {"on": 8, "off": 4}}, 8, 4),
        ({"type": "float", "values": {"on": "0.5", "off": 1}}, 0.5, 1.0),
        ({"type": "object", "values": {"on": {"a": 1}, "off": {}}}, {"a": 1}, {}),
    ],
)
def test_a_flag_has_the_two_values_that_the_plan_gives_it(said, on, off):
    plan = build_plan(put(make_document(), ("flags", "new"), {"default": "off", **said}), "sha256:x")
    spec = flag_spec(plan, "new")
    assert (spec.on, spec.off) == (on, off)
    assert (type(spec.on), type(spec.off)) == (type(on), type(off))
