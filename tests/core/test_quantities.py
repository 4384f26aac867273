"""Quantities: what a plan writes is what is meant, exactly, and what people read says the same."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readiness.core.quantities import (
    UnitsDiffer,
    UnreadableQuantity,
    compact_duration,
    convert,
    format_apart,
    format_duration,
    format_number,
    parse_duration,
    parse_duration_range,
    parse_estimate,
    parse_score,
    parse_share,
    parse_size,
    readable_unit,
    unit_measure,
)

UNITS = ["", "ratio", "%", "s", "ms", "h", "d", "bytes", "MB", "MiB", "bytes/h", "MB/s", "req/s", "req/min", "cores"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("0s", timedelta(0)),
        (" 5m ", timedelta(minutes=5)),
    ],
)
def test_a_duration_is_read(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "5min", "-5m", "5m?", "1e3s", "5M", "101y", "40000d", "phase"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(UnreadableQuantity, match="write one such as 30s"):
        parse_duration(text)


@given(st.integers(0, 10**9) | st.integers(0, 10**15).map(lambda micro: micro / 10**6))
@example(1_000_001)
def test_a_duration_is_written_as_it_is_read(seconds):
    duration = timedelta(seconds=seconds)
    assert parse_duration(compact_duration(duration)) == duration


def test_a_duration_is_always_written_alike():
    written = [
        compact_duration(parse_duration(text)) for text in ("60s", "1m", "24h", "1d", "48h", "2d", "1500ms", "0m")
    ]
    assert written == ["1m", "1m", "24h", "24h", "2d", "2d", "1.5s", "0s"]


@pytest.mark.parametrize(
    ("text", "ends"), [("3-5d", (3, 5)), ("7d", (7, 7)), ("24h-2d", (1, 2)), ("1-1d", (1, 1)), ("1w-10d", (7, 10))]
)
def test_a_range_of_durations_has_two_ends(text, ends):
    assert parse_duration_range(text) == tuple(timedelta(days=end) for end in ends)


@pytest.mark.parametrize(
    ("text", "days"),
    [("1d", (1, 1)), ("2-3d", (2, 3)), ("4h", (0.5, 0.5)), ("1w", (5, 5)), ("4h-2d", (0.5, 2)), ("0.5-1d", (0.5, 1))],
)
def test_an_estimate_is_in_working_days_of_eight_hours(text, days):
    assert parse_estimate(text) == days


@pytest.mark.parametrize("parse", [parse_duration_range, parse_estimate])
def test_a_range_that_ends_before_it_begins_is_refused(parse):
    with pytest.raises(UnreadableQuantity, match="ends before it begins"):
        parse("5-3d")


@pytest.mark.parametrize("text", ["", "d", "2", "2-d", "-2d", "2m", "two days", "2--3d", "1-2-3d"])
def test_what_is_no_estimate_is_refused(text):
    with pytest.raises(UnreadableQuantity):
        parse_estimate(text)


@given(st.integers(0, 10_000))
def test_a_share_is_the_nearest_number(hundredths):
    assert parse_share(f"{hundredths // 100}.{hundredths % 100:02}%") == float(Fraction(hundredths, 10_000))


@pytest.mark.parametrize("text", ["5", "101%", "-1%", "%", "5 percent", "on", "100.01%"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(UnreadableQuantity, match="0% to 100%"):
        parse_share(text)


@pytest.mark.parametrize(
    ("text", "size"), [("500MB", 500_000_000), ("500MiB", 524_288_000), ("2GiB", 2**31), ("1kB", 1000), ("7B", 7)]
)
def test_a_size_tells_powers_of_ten_from_powers_of_two(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["500", "500 mb", "MB", "-1MB", "500MiBs"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(UnreadableQuantity, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize(("text", "score"), [("8", 8), ("6.5", 6.5), ("6.5/10", 6.5), ("0", 0), ("10/10", 10)])
def test_a_score_is_out_of_ten(text, score):
    assert parse_score(text) == score


@pytest.mark.parametrize("text", ["11", "10.1", "-1", "6/5", "65%", ""])
def test_what_is_no_score_is_refused(text):
    with pytest.raises(UnreadableQuantity, match="from 0 to 10"):
        parse_score(text)


@pytest.mark.parametrize(
    ("value", "unit", "to_unit", "found"),
    [
        (15, "ms", "s", 0.015),
        (24, "h", "s", 86_400),
        (500, "MB/h", "bytes/h", 5e8),
        (500, "MB/h", "bytes/s", 5e8 / 3600),
        (0.1, "%", "ratio", 0.001),
        (1, "MiB", "kB", 1048.576),
        (60, "req/min", "req/s", 1),
        (450, "s", "s", 450),
        (3, "µs", "us", 3),
    ],
)
def test_a_quantity_converts(value, unit, to_unit, found):
    assert convert(Fraction(str(value)), unit, to_unit) == pytest.approx(found, rel=1e-15)


@given(st.integers(0, 10**9), st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_a_quantity_converts_there_and_back_or_not_at_all(value, unit, to_unit):
    if unit_measure(unit)[0] != unit_measure(to_unit)[0]:
        with pytest.raises(UnitsDiffer, match="cannot be compared"):
            convert(value, unit, to_unit)
    else:
        assert convert(convert(value, unit, to_unit), to_unit, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("unit", ["Req", "5s", "s/s/s", "req/lap", "m s", "/s/", "%%", "s/"])
def test_what_is_no_unit_is_refused(unit):
    with pytest.raises(UnreadableQuantity):
        unit_measure(unit)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (18.2345, "18.2"),
        (1234567.0, "1234567"),
        (0.000123456, "0.000123"),
        (0.0, "0"),
        (-3.14159, "-3.14"),
        (0.5, "0.5"),
    ],
)
def test_a_number_has_three_digits_and_no_exponent(value, text):
    assert format_number(value) == text


@given(
    st.floats(-1e9, 1e9, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-9),
    st.lists(st.integers(-100, 100), max_size=3),
)
def test_a_number_is_shown_on_its_side_of_every_mark(value, marks):
    shown = float(format_apart(value, marks))
    assert [(shown > mark) - (shown < mark) for mark in marks] == [(value > mark) - (value < mark) for mark in marks]


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=48), "48 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=108), "1 min 48 s"),
        (timedelta(seconds=489), "8 min 9 s"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(minutes=90), "90 min"),
        (timedelta(hours=2, minutes=30), "2 h 30 min"),
        (timedelta(seconds=59.9), "1 min"),
        (timedelta(hours=48), "2 days"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=3), "3 days"),
        (timedelta(milliseconds=5), "5 ms"),
        (timedelta(0), "0 s"),
    ],
)
def test_a_duration_is_said_in_words(duration, words):
    assert format_duration(duration) == words


@pytest.mark.parametrize(
    ("value", "unit", "found"),
    [(0.018, "s", "ms"), (0.00002, "s", "µs"), (4.1e8, "bytes", "MB"), (4.1e8, "bytes/h", "MB/h"), (0.5, "ratio", "%"),
     (3, "cores", "cores"), (7200 * 5, "s", "h")],
)  # fmt: skip
def test_a_value_is_read_in_the_unit_that_suits_it(value, unit, found):
    assert readable_unit(value, unit) == found
