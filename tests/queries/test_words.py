"""Small words: counts, ranges, lists, shares, identifiers."""

from datetime import timedelta

import pytest

from readiness.core.plan import Phase, Plan
from readiness.queries.words import (
    count_of,
    days_of_effort,
    element_key,
    join_words,
    phase_share,
    phase_takes,
    rough_length,
    size_words,
    upper_first,
)


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_long_list_is_cut_and_counted(words, joined):
    assert join_words(words) == joined


def test_one_is_not_many():
    assert (count_of(1, "gap"), count_of(0, "gap"), count_of(2, "entry", "entries")) == ("1 gap", "0 gaps", "2 entries")
    assert (days_of_effort(1, 1), days_of_effort(2, 3), days_of_effort(9, 13, " to ")) == (
        "1 day",
        "2–3 days",
        "9 to 13 days",
    )


def days(*numbers):
    return [timedelta(days=n) for n in numbers]


@pytest.mark.parametrize(
    ("phase", "takes"),
    [
        (Phase("p", "0", "P"), "no set time"),
        (Phase("p", "0", "P", dwell=timedelta(days=7)), "7 days"),
        (Phase("p", "0", "P", dwell=timedelta(days=3), late_after=timedelta(days=5)), "3–5 days"),
        (Phase("p", "0", "P", dwell=timedelta(hours=12), late_after=timedelta(days=2)), "12 h to 2 days"),
    ],
)
def test_a_phase_says_how_long_it_takes(phase, takes):
    assert phase_takes(phase) == takes


FLAGS = {"new": {"bucket_by": "user_id"}, "seen": {}}


@pytest.mark.parametrize(
    ("traffic", "flags", "share"),
    [
        ("5%", {"new": "on"}, 5),
        ("0%", {"new": "on"}, 0),
        ("", {"new": "5%", "seen": "on"}, 5),
        ("", {"new": "on"}, 100),
        ("", {"new": "off", "seen": "on"}, 0),
        ("", {}, 0),
    ],
)
def test_the_share_is_what_the_phase_says_else_what_its_flags_give_to_users(traffic, flags, share):
    plan = Plan("demo", "Demo", "sha256:0", flags=FLAGS)
    assert phase_share(plan, Phase("p", "0", "P", traffic=traffic, flags=flags)) == share
    assert phase_share(plan, None) == 0


def test_a_key_is_an_identifier_and_tells_paths_apart():
    key = element_key("gate:p99 <= 15ms", "a")
    assert key.replace("-", "").isalnum()
    assert key != element_key("gate:p99 <= 15ms", "b")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 days")]
)
def test_a_measured_length_has_whole_units(seconds, said):
    assert rough_length(timedelta(seconds=seconds)) == said


def test_a_sentence_begins_with_a_capital_but_a_path_stays_a_path():
    assert upper_first("no sample for 11 min") == "No sample for 11 min"
    assert upper_first("scripts/run.sh does not exist") == "scripts/run.sh does not exist"


def test_a_record_is_named_by_its_last_entry():
    """The entry that signs over the record through entry 46 is entry 47."""
    assert [size_words(n) for n in (0, 1, 1284)] == [
        "empty record",
        "record through entry 0",
        "record through entry 1,283",
    ]
