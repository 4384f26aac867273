"""Forecasts as drawings: well-formed, with a sentence for those who don't see them, and everything inside the plot."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.queries.pages.forecasts import BurnPoint, BurnUp, ForecastDay, ForecastNote
from readiness.queries.pages.gaps import OrderCard, OrderRow
from readiness.queries.pages.parts import Region
from readiness.queries.pages.portfolio import PortfolioRow
from readiness.templatetags import _forecasts

NOW = datetime(2025, 12, 2, 14, 32, 6, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = Region("order", "/order/")
CHART = BurnUp("Criteria", "3 of 9", (BurnPoint(NOW - DAY, 3, 1, 9),), NOW, NOW + 9 * DAY)
FAN = replace(CHART, early_at=NOW + 5 * DAY, likely_at=NOW + 6 * DAY, late_at=NOW + 8 * DAY)
DAYS = tuple(ForecastDay(date(2025, 12, 9 + n), f"day {n}", f"{50 + n} %") for n in range(3))
NOTE = ForecastNote(
    HERE,
    "Closed by",
    "",
    "/",
    date(2025, 12, 2),
    DAYS,
    (date(2025, 12, 8), date(2025, 12, 15)),
    (DAYS[0].day, DAYS[2].day),
)
ORDER = OrderCard(HERE, (), now=NOW, starts_at=NOW - 3 * DAY, ends_at=NOW + 7 * DAY)
ROW = OrderRow("Flags", "Ana", "Open", "Fri 5 Dec", "95 % by Mon 8 Dec", "", False, NOW, NOW + 2 * DAY, NOW + 4 * DAY)


def well_formed(svg):
    expat.ParserCreate().Parse(svg, True)
    return svg


def percents(svg):
    return [float(number) for number in re.findall(r'(?:x|y|cx|cy|x1|x2)="(-?[\d.]+)%"', svg)]


def paths(svg):
    return [float(number) for d in re.findall(r' d="([^"]+)"', svg) for number in re.findall(r"-?\d+", d)]


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=20),
    st.none() | st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)),
)
def test_any_burn_up_is_drawn_within_its_plot(counts, ends):
    at, points = NOW - timedelta(hours=20_000), []
    for hours, claimed, proven in counts:
        at += timedelta(hours=hours)
        points.append(BurnPoint(at, max(claimed, proven), proven, 60))
    early, likely, late = (NOW + timedelta(hours=h) for h in sorted(ends)) if ends else (None, None, None)
    chart = BurnUp("a < b", "c & d", tuple(points), NOW, NOW + 20 * DAY, early, likely, late)
    svg = well_formed(_forecasts.burn_up(chart))
    assert 'role="img"' in svg
    assert "c &amp; d" in svg
    assert all(0 <= place <= 100.01 for place in percents(svg))
    assert all(0 <= place <= 1000 for place in paths(svg))


def test_the_fan_is_drawn_only_where_dates_are_known_and_something_is_left():
    assert "c-fan2" not in _forecasts.burn_up(CHART)
    assert "c-fan2" in _forecasts.burn_up(FAN)
    assert "c-fan2" not in _forecasts.burn_up(replace(FAN, points=(BurnPoint(NOW - DAY, 9, 9, 9),)))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_labels_of_a_burn_up_meet_neither_each_other_nor_the_days(claimed, attested, proven):
    counted = BurnPoint(NOW - DAY, claimed + attested + proven, proven, 120, attested)
    svg = _forecasts.burn_up(replace(CHART, points=(counted,)))
    found = re.findall(r'y="([\d.]+)%" dy="4"[^>]*>(\d+) ([a-z ]+)<', svg)
    places = [float(place) for place, _, _ in found]
    assert all(low - high >= 6.9 for low, high in pairwise(places)), "one label above the other"
    assert places[0] <= 96.5, "above the days"
    kept = [("proven", proven), ("attested", attested), ("only claimed", claimed)]
    assert [(word, int(number)) for _, number, word in found] == [kept[0], *(k for k in kept[1:] if k[1])]


@pytest.mark.parametrize(
    ("row", "drawn"),
    [
        (ROW, ["f-p90", "f-p50"]),
        (replace(ROW, begins_at=None, closed_at=NOW - DAY), ["c-dotgo"]),
        (replace(ROW, begins_at=None), []),
        (replace(ROW, begins_at=None, closed_at=NOW - 90 * DAY), ["c-dotgo"]),
    ],
)
def test_work_is_a_bar_and_what_is_closed_a_mark(row, drawn):
    svg = well_formed(_forecasts.order_bar(row, ORDER))
    assert re.findall(r'class="(f-p90|f-p50|c-dotgo)"', svg) == drawn
    assert 'aria-label="Flags: open, Fri 5 Dec, 95 % by Mon 8 Dec"' in svg
    assert all(0 <= place <= 100 for place in percents(svg))


def test_without_an_axis_no_work_is_drawn():
    assert _forecasts.order_bar(ROW, OrderCard(HERE, ())) == _forecasts.order_axis(OrderCard(HERE, ())) == ""


@pytest.mark.parametrize("length", [1, 6, 30, 400, 4000])
def test_the_axis_has_room_for_its_days(length):
    svg = well_formed(_forecasts.order_axis(replace(ORDER, ends_at=ORDER.starts_at + length * DAY)))
    assert 1 <= svg.count("<text") <= 9


def test_the_small_axis_names_every_day_and_marks_the_first_and_the_last():
    svg = well_formed(_forecasts.forecast_line(NOTE))
    assert 'aria-label="Closed by day 0: 50 %, day 1: 51 %, day 2: 52 %"' in svg
    assert re.findall(r">(day \d)<", svg) == ["day 0", "day 2"]
    assert all(0 <= place <= 100 for place in percents(svg))
    assert _forecasts.forecast_line(replace(NOTE, days=())) == ""


def test_two_days_that_stand_near_each_other_share_one_label():
    near = replace(NOTE, today=date(2025, 11, 1))
    svg = well_formed(_forecasts.forecast_line(near))
    assert re.findall(r">([^<]*day \d[^<]*)<", svg) == ["day 0 and day 2"]
    assert (svg.count("<circle"), svg.count("<text")) == (2, 3)


def test_a_day_that_is_all_three_is_marked_once():
    today = replace(NOTE, days=DAYS[:1], wide=(NOTE.today, NOTE.today), narrow=(NOTE.today, NOTE.today))
    assert well_formed(_forecasts.forecast_line(today)).count("<circle") == 1


def test_a_rollout_without_a_date_has_no_line():
    row = PortfolioRow("a", "A <b>", "/", "NO-GO", "", "", "Open", (), 0, 0)
    assert _forecasts.ready_line(row) == ""
    svg = well_formed(_forecasts.ready_line(replace(row, ready="Wed 10 Dec", ready_line=(10, 20, 30))))
    assert "A &lt;b&gt;: next phase by Wed 10 Dec" in svg
