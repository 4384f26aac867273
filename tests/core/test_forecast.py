"""The forecast: what moves its dates and what never does, the calendar it keeps, and what it says it can't know."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.canonical import canonical_bytes
from readiness.core.codec import from_plain, to_plain
from readiness.core.forecast import RUNS as SHIPPED_RUNS
from readiness.core.forecast import simulate_forecast
from readiness.core.forecast_types import Doubt, Forecast, ForecastInputs, GapWork, RunningLeg, Trial, Unknown
from readiness.core.workdays import Calendar
from tests.core.forecasts import DAY, MONDAY, RUNS, closing, drawn_inputs, gap, leg, task, with_gaps, work

SHARES = (0.01, 0.5, 0.8, 0.95, 1.0)


def dates(forecast):
    """Each milestone's days at every share."""
    return {each.key: [each.day_by(share) for share in SHARES] for each in forecast.milestones}


def never_later(sooner, later):
    """No milestone of the first forecast is later than in the second; one that is reached has none."""
    before, after = dates(sooner), dates(later)
    return all(
        day <= other for key in before if key in after for day, other in zip(before[key], after[key], strict=True)
    )


def days(inputs, key=""):
    return [str(simulate_forecast(inputs, RUNS).milestone(key).day_by(share)) for share in (0.5, 0.95)]


# ------------------------------------------------------------------------------------- what is always true


@given(drawn_inputs(), st.data())
@settings(max_examples=200, deadline=None)
def test_closing_a_task_never_makes_a_date_later(inputs, data):
    tasks = [(g.key, t.key) for g in inputs.gaps for t in g.tasks]
    if tasks:
        closed = closing(inputs, *data.draw(st.sampled_from(tasks)))
        assert never_later(simulate_forecast(closed, RUNS), simulate_forecast(inputs, RUNS))


@given(drawn_inputs(), st.data())
@settings(max_examples=200, deadline=None)
def test_adding_a_task_never_makes_a_date_earlier(inputs, data):
    where = data.draw(st.sampled_from(inputs.gaps))
    before = data.draw(st.lists(st.sampled_from([t.key for t in where.tasks]), unique=True)) if where.tasks else []
    new = task(
        data.draw(st.sampled_from(["a", "t1x", "z"])),
        data.draw(st.sampled_from(["ana", "ben", ""])),
        after=tuple(before),
    )
    grown = [replace(g, tasks=(*g.tasks, new), closed=False) if g is where else g for g in inputs.gaps]
    assert never_later(simulate_forecast(inputs, RUNS), simulate_forecast(with_gaps(inputs, grown), RUNS))


@given(drawn_inputs(), st.data())
@settings(max_examples=100, deadline=None)
def test_adding_a_gap_never_makes_a_date_earlier(inputs, data):
    after = tuple(data.draw(st.lists(st.sampled_from([g.key for g in inputs.gaps]), unique=True)))
    new = gap(
        data.draw(st.sampled_from(["aa", "gm", "zz"])),
        task(owner="ana"),
        after=after,
        weight=data.draw(st.integers(0, 3)),
    )
    legs = (replace(inputs.legs[0], gaps=(*inputs.legs[0].gaps, new.key)), *inputs.legs[1:])
    grown = replace(inputs, gaps=(*inputs.gaps, new), legs=legs)
    assert never_later(simulate_forecast(inputs, RUNS), simulate_forecast(grown, RUNS))


@given(drawn_inputs(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_things_are_written_changes_nothing(inputs, shuffle):
    def mixed(parts):
        found = list(parts)
        shuffle.shuffle(found)
        return tuple(found)

    gaps = mixed(replace(g, tasks=mixed(g.tasks), after=mixed(g.after)) for g in inputs.gaps)
    other = replace(inputs, gaps=gaps, legs=tuple(replace(each, gaps=mixed(each.gaps)) for each in inputs.legs))
    assert simulate_forecast(other, RUNS) == simulate_forecast(inputs, RUNS)


@given(drawn_inputs())
@settings(max_examples=100, deadline=None)
def test_the_same_inputs_give_the_same_bytes_and_come_back_from_them(inputs):
    first, again = (simulate_forecast(from_plain(ForecastInputs, to_plain(inputs)), RUNS) for _ in range(2))
    assert canonical_bytes(to_plain(first)) == canonical_bytes(to_plain(again))
    assert from_plain(Forecast, to_plain(first)) == first


@given(drawn_inputs())
@settings(max_examples=150, deadline=None)
def test_nothing_happens_on_a_day_that_is_no_working_day(inputs):
    forecast = simulate_forecast(inputs, RUNS)
    found = [day for each in forecast.milestones for day, _ in each.odds]
    found += [inputs.calendar.day_of(at) for s in forecast.spans for at in (s.begins_at, s.ends_at, s.ends_late_at)]
    assert [day for day in found if not inputs.calendar.is_working(day)] == []
    hours = [s.begins_at.astimezone(inputs.calendar.zone).hour for s in forecast.spans]
    assert [hour for hour in hours if not 9 <= hour < 17] == []


@given(drawn_inputs())
@settings(max_examples=150, deadline=None)
def test_dates_are_in_order(inputs):
    forecast = simulate_forecast(inputs, RUNS)
    for found in dates(forecast).values():
        assert found == sorted(found)
    phases = [dates(forecast)[each.phase] for each in inputs.legs]
    for earlier, later in pairwise(phases):
        assert all(day <= other for day, other in zip(earlier, later, strict=True))
    assert all(s.begins_at <= s.ends_at <= s.ends_late_at for s in forecast.spans)
    assert all(0 <= each.share_by(day) <= 1 for each in forecast.milestones for day, _ in each.odds)


# ------------------------------------------------------------------------------------- work


def test_one_owner_does_one_thing_at_a_time_and_two_owners_do_two():
    two = [gap("a", task(estimate=(2, 2))), gap("b", task(owner="ben", estimate=(2, 2)))]
    assert days(work(*two)) == ["2025-12-09"] * 2
    two[1] = gap("b", task(estimate=(2, 2)))
    assert days(work(*two)) == ["2025-12-11"] * 2


def test_work_waits_for_the_gaps_and_tasks_that_it_comes_after():
    first, second = task("1", estimate=(1, 1)), task("2", "ben", (1, 1), after=("1",))
    assert days(work(gap("a", first, second))) == ["2025-12-09"] * 2
    assert days(work(gap("a", first), gap("b", task("2", "ben", (1, 1)), after=("a",)))) == ["2025-12-09"] * 2


def test_a_closed_task_takes_no_time_and_holds_nothing_up():
    done = task("1", estimate=(5, 5), closed=True)
    assert days(work(gap("a", done, task("2", "ben", (1, 1), after=("1",))))) == ["2025-12-08"] * 2


def test_lengths_are_drawn_from_the_triangle_of_the_estimate():
    odds = simulate_forecast(work(gap("a", task(estimate=(2, 4)))), SHIPPED_RUNS).milestone("")
    assert odds.share_by(date(2025, 12, 9)) == 0
    assert odds.share_by(date(2025, 12, 10)) == pytest.approx(0.5, abs=0.02), "half of it is below the middle"
    assert odds.share_by(date(2025, 12, 11)) == 1
    quarter = simulate_forecast(work(gap("a", task(estimate=(0.5, 2.5)))), SHIPPED_RUNS).milestone("")
    assert quarter.share_by(date(2025, 12, 8)) == pytest.approx(0.125, abs=0.015), "an eighth is in the first quarter"


def test_an_edit_of_the_plan_that_changes_no_estimate_moves_no_date():
    inputs = work(gap("a", task(estimate=(1, 9))), gap("b", task(owner="ben", estimate=(1, 9))))
    retitled = replace(inputs, gaps=tuple(replace(g, weight=3) for g in inputs.gaps))
    assert simulate_forecast(inputs, RUNS).milestones == simulate_forecast(retitled, RUNS).milestones
    other = simulate_forecast(replace(inputs, seed="other"), RUNS)
    assert simulate_forecast(inputs, RUNS).milestones != other.milestones


def test_the_critical_path_is_told_in_order_of_work_with_how_often_a_gap_decides():
    inputs = work(
        gap("flags", task(estimate=(2, 3))),
        gap("manifests", task(owner="ben", estimate=(2, 3)), after=("flags",)),
        gap("load", task(owner="dev", estimate=(4, 5))),
        gap("aside", task(owner="dev", estimate=(30, 40)), place=1),
        legs=(leg("pilot", "flags", "manifests", "load"), leg("full", "aside")),
    )
    forecast = simulate_forecast(inputs, 2000)
    assert forecast.path == (("flags", "t"), ("manifests", "t"))
    spans = {span.key: span for span in forecast.spans}
    assert {key for key, span in spans.items() if span.critical} == {"flags", "manifests"}
    assert 0.5 < spans["manifests"].decides < 1
    assert spans["manifests"].decides + spans["load"].decides == pytest.approx(1)
    assert (spans["flags"].decides, spans["aside"].decides) == (0, 0)


def test_the_path_goes_through_what_an_owner_does_before():
    inputs = work(gap("a", task(estimate=(3, 3))), gap("b", task(estimate=(3, 3))), gap("c", task(owner="ben")))
    assert simulate_forecast(inputs, RUNS).path == (("a", "t"), ("b", "t"))


# ------------------------------------------------------------------------------------- phases


def test_a_phase_begins_a_working_day_after_its_gaps_are_closed_and_then_dwells():
    inputs = work(gap("a", task(estimate=(2, 2))))
    assert days(inputs) == ["2025-12-09"] * 2
    assert days(inputs, "pilot") == ["2025-12-11"] * 2, "closed on Tuesday evening, polled on Wednesday"
    assert days(inputs, "full") == ["2025-12-19"] * 2, "seven days of 24 hours, and a day for its poll"
    assert days(replace(inputs, legs=(replace(inputs.legs[0], polled=False),)), "pilot") == ["2025-12-10"] * 2


def test_the_first_phase_does_not_begin_before_its_planned_start():
    inputs = work(gap("a", task(estimate=(1, 1))), planned_start=date(2025, 12, 20))
    assert days(inputs, "pilot") == ["2025-12-22"] * 2, "a Saturday is no working day"
    running = RunningLeg("before", MONDAY, DAY, DAY)
    assert days(replace(inputs, running=running), "pilot") == ["2025-12-10"] * 2


def test_dwell_that_is_over_already_takes_no_more_time():
    over = RunningLeg("before", MONDAY - 9 * DAY, 7 * DAY, 7 * DAY)
    assert days(work(legs=(leg("pilot"),), running=over), "pilot") == ["2025-12-09"] * 2
    late = replace(over, uncounted=4 * DAY)
    assert days(work(legs=(leg("pilot"),), running=late), "pilot") == ["2025-12-11"] * 2


def test_a_range_of_dwell_is_drawn_like_an_estimate():
    ranged = work(legs=(leg("pilot", dwell=3 * DAY, dwell_at_most=9 * DAY), leg("full")))
    odds = simulate_forecast(ranged, RUNS).milestone("full").odds
    assert len(odds) > 2
    assert str(odds[0][0]) >= "2025-12-15"


def test_an_experiment_is_decided_at_a_look_after_it_has_run_long_enough():
    looked = work(legs=(leg("pilot", dwell=DAY, trials=(Trial("x", 4 * DAY),)), leg("full")))
    assert days(looked, "pilot") == ["2025-12-09"] * 2
    assert days(looked, "full") == ["2025-12-16"] * 2, (
        "4 days to Saturday 9:00, looked at on Sunday night, polled on Monday"
    )


def test_the_running_phase_waits_for_the_next_look_at_what_is_undecided():
    waits = RunningLeg("before", MONDAY - 2 * DAY, DAY, DAY, trials=(Trial("x", 7 * DAY),))
    assert days(work(legs=(leg("pilot"),), running=waits), "pilot") == ["2025-12-16"] * 2
    overdue = replace(waits, entered_at=MONDAY - 20 * DAY)
    forecast = simulate_forecast(work(legs=(leg("pilot"),), running=overdue), RUNS)
    assert forecast.unknowns == (Unknown(Doubt.UNDECIDED, "x"),)
    assert [each.known for each in forecast.milestones] == [False]
    assert str(forecast.milestone("pilot").day_by(0.5)) == "2025-12-10"


def test_a_gap_that_blocks_a_later_phase_only_holds_up_that_phase():
    late = gap("late", task(owner="ben", estimate=(20, 20)), place=1)
    inputs = work(gap("a", task(estimate=(1, 1))), late, legs=(leg("pilot", "a", dwell=DAY), leg("full", "late")))
    assert days(inputs, "pilot") == ["2025-12-10"] * 2
    assert days(inputs, "full") == ["2026-01-06"] * 2


def test_holidays_and_the_time_zone_of_the_plan_count():
    at = datetime(2025, 12, 8, 20, 0, tzinfo=UTC)
    evening = work(gap("a", task(estimate=(1, 1))), at=at)
    assert days(evening) == ["2025-12-09"] * 2
    in_tokyo = replace(evening, calendar=Calendar("Asia/Tokyo", holidays=(date(2025, 12, 9),)))
    assert days(in_tokyo) == ["2025-12-10"] * 2
    in_new_york = replace(evening, calendar=Calendar("America/New_York"))
    assert days(in_new_york) == ["2025-12-09"] * 2, "it is 15:00 there: two hours today, six tomorrow"


# ------------------------------------------------------------------------------------- what it can't know


@pytest.mark.parametrize(
    ("held", "doubt"),
    [
        (gap("a", task("1", estimate=None)), Unknown(Doubt.NO_ESTIMATE, "a", "1")),
        (gap("a", task("1", owner="")), Unknown(Doubt.NO_OWNER, "a", "1")),
        (gap("a", task("1", closed=True)), Unknown(Doubt.UNPROVEN, "a")),
        (GapWork("a", ()), Unknown(Doubt.NO_ESTIMATE, "a")),
    ],
)
def test_what_nobody_has_said_leaves_no_date_known_that_rests_on_it(held, doubt):
    inputs = work(
        gap("free", task(owner="ben")), held, legs=(leg("first", "free"), leg("second", "free", "a"), leg("third"))
    )
    forecast = simulate_forecast(inputs, RUNS)
    assert forecast.unknowns == (doubt,)
    assert {each.key: each.known for each in forecast.milestones} == {
        "": True,
        "first": True,
        "second": False,
        "third": False,
    }


def test_what_waits_for_an_unknown_gap_is_unknown():
    inputs = work(gap("a", task(estimate=None)), gap("b", task(owner="ben"), after=("a",)), legs=(leg("pilot", "b"),))
    assert [each.known for each in simulate_forecast(inputs, RUNS).milestones] == [False, False]


def test_what_no_phase_waits_for_is_not_asked_about():
    inputs = work(gap("a"), gap("aside", task(estimate=None)), legs=(leg("pilot", "a"),))
    assert simulate_forecast(inputs, RUNS).unknowns == ()


def test_a_closed_gap_is_not_asked_about():
    inputs = work(gap("a", task(estimate=None, closed=True), closed=True))
    forecast = simulate_forecast(inputs, RUNS)
    assert (forecast.unknowns, forecast.milestone("")) == ((), None)


@pytest.mark.parametrize(
    "inputs",
    [
        work(gap("a", task(estimate=(1.0, 1e300)))),
        work(gap("a"), planned_start=date(9999, 12, 31)),
        work(gap("a"), legs=(leg("pilot", "a", dwell=timedelta(days=36500)), leg("full"))),
    ],
)
def test_dates_further_than_ten_years_are_not_given(inputs):
    forecast = simulate_forecast(inputs, RUNS)
    assert (forecast.milestones, forecast.unknowns) == ((), (Unknown(Doubt.TOO_FAR),))


def test_a_rollout_without_a_phase_to_come_has_no_date():
    assert simulate_forecast(work(gap("a"), legs=()), RUNS).milestones == ()
