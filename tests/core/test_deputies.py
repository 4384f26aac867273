"""Deputies: by the name they were added under, and to the moment in the time zone of the plan."""

from datetime import UTC, date, datetime, timedelta

import pytest

from readiness.core.deputies import stands_in

NAMES = {"Chloe Martin"}
HOLIDAYS = ("Chloe Martin", date(2025, 12, 20), date(2026, 1, 2))
MICRO = timedelta(microseconds=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def zoneless(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "begins", "ends"),
    [
        ("UTC", "2025-12-20T00:00", "2026-01-03T00:00"),
        ("Europe/Berlin", "2025-12-19T23:00", "2026-01-02T23:00"),
        ("America/New_York", "2025-12-20T05:00", "2026-01-03T05:00"),
        ("Pacific/Auckland", "2025-12-19T11:00", "2026-01-02T11:00"),
    ],
)
def test_dates_are_whole_days_where_the_plan_is(zone, begins, ends):
    assert not stands_in(HOLIDAYS, NAMES, at(begins) - MICRO, zone)
    assert stands_in(HOLIDAYS, NAMES, at(begins), zone)
    assert stands_in(HOLIDAYS, NAMES, at(ends) - MICRO, zone)
    assert not stands_in(HOLIDAYS, NAMES, at(ends), zone)


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [
        (at("2025-12-20T09:00"), at("2026-01-02T12:00"), "2025-12-20T09:00", "2026-01-02T12:00"),
        (zoneless("2025-12-20T09:00"), zoneless("2026-01-02T12:00"), "2025-12-20T08:00", "2026-01-02T11:00"),
    ],
    ids=["with a zone", "without one, so where the plan is"],
)
def test_times_count_to_the_moment(first, last, begins, ends):
    deputy = ("Chloe Martin", first, last)
    assert not stands_in(deputy, NAMES, at(begins) - MICRO, "Europe/Berlin")
    assert stands_in(deputy, NAMES, at(begins), "Europe/Berlin")
    assert stands_in(deputy, NAMES, at(ends) - MICRO, "Europe/Berlin")
    assert not stands_in(deputy, NAMES, at(ends), "Europe/Berlin")


@pytest.mark.parametrize(
    ("first", "last", "now", "holds"),
    [
        (None, None, "2025-12-08T09:00", True),
        (None, date(2025, 12, 8), "2025-12-08T23:59", True),
        (None, date(2025, 12, 7), "2025-12-08T00:00", False),
        (date(2025, 12, 8), None, "2025-12-08T00:00", True),
        (date(2025, 12, 9), None, "2025-12-08T23:59", False),
        (date.min, date.max, "2025-12-08T09:00", True),
        (date(2025, 12, 9), date(2025, 12, 7), "2025-12-08T09:00", False),
    ],
)
def test_a_bound_that_is_left_out_is_open(first, last, now, holds):
    assert stands_in(("Chloe Martin", first, last), NAMES, at(now), "UTC") is holds


@pytest.mark.parametrize("name", ["chloe martin", "Chloe Martin ", "Chloe  Martin", "Chloe", "Сhloe Martin", ""])
def test_only_the_very_name_counts(name):
    assert not stands_in((name, None, None), NAMES, at("2025-12-08T09:00"), "UTC")
