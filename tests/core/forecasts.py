"""Work and phases for the tests of the forecast, and strategies that draw them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from readiness.core.forecast_types import ForecastInputs, GapWork, Leg, RunningLeg, TaskWork, Trial
from readiness.core.workdays import Calendar

MONDAY = datetime(2025, 12, 8, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RUNS = 30


def task(key="t", owner="ana", estimate=(1.0, 2.0), **more):
    return TaskWork(key, owner, estimate, **more)


def gap(key, *tasks, **more):
    return GapWork(key, tasks or (task(),), **more)


def leg(phase="pilot", *gaps, dwell=7 * DAY, **more):
    return Leg(phase, gaps, dwell=dwell, **({"dwell_at_most": dwell} | more))


def work(*gaps, at=MONDAY, legs=None, **more):
    """Inputs in which every gap blocks the first of two phases."""
    keys = tuple(gap.key for gap in gaps)
    return ForecastInputs(
        "shop", at, Calendar(), gaps, (leg("pilot", *keys), leg("full")) if legs is None else legs, **more
    )


def with_gaps(inputs, gaps):
    return replace(inputs, gaps=tuple(gaps))


def closing(inputs, gap_key, task_key):
    """The same work with one task closed."""
    return with_gaps(
        inputs,
        [
            replace(each, tasks=tuple(replace(t, closed=t.closed or t.key == task_key) for t in each.tasks))
            if each.key == gap_key
            else each
            for each in inputs.gaps
        ],
    )


# ------------------------------------------------------------------------------------- anything that can be drawn

_ENDS = st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda ends: (min(ends) / 8, max(ends) / 8))
_OWNERS = st.sampled_from(["ana", "ben"] * 4 + ["chloe", ""])
_RARELY = st.sampled_from([False] * 5 + [True])
_MOMENTS = st.integers(0, 50 * 24 * 60).map(lambda minutes: MONDAY - 20 * DAY + timedelta(minutes=minutes))
_DAYS = st.dates(date(2025, 11, 20), date(2026, 2, 10))
_ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"])
_WORKDAYS = st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, unique=True)


@st.composite
def drawn_tasks(draw, names):
    """Tasks that wait only for those before them."""
    found = []
    for name in names:
        before = draw(st.lists(st.sampled_from([t.key for t in found]), unique=True)) if found else []
        estimate = None if draw(_RARELY) else draw(_ENDS)
        found.append(TaskWork(name, draw(_OWNERS), estimate, tuple(before), draw(_RARELY)))
    return tuple(found)


@st.composite
def drawn_gaps(draw):
    found = []
    for number in range(draw(st.integers(1, 5))):
        key = f"g{draw(st.sampled_from('abcxyz'))}{number}"
        before = draw(st.lists(st.sampled_from([g.key for g in found]), unique=True, max_size=2)) if found else []
        tasks = draw(
            drawn_tasks([f"t{n}" for n in range(draw(st.integers(1, 3) if draw(st.booleans()) else st.integers(0, 1)))])
        )
        closed = bool(tasks) and all(t.closed for t in tasks) and draw(st.booleans())
        place, weight = draw(st.integers(0, 2)), draw(st.integers(0, 3))
        found.append(GapWork(key, tasks, tuple(before), place, weight, closed))
    return tuple(found)


@st.composite
def drawn_inputs(draw):
    """Any work, any calendar, any phases."""
    gaps = draw(drawn_gaps())
    every = tuple(g.key for g in gaps)
    keys = st.just(every) | st.lists(st.sampled_from(every), unique=True).map(tuple)
    span = st.integers(0, 240).map(lambda hours: timedelta(hours=hours))
    trials = st.lists(st.builds(Trial, st.just("x"), span, st.sampled_from([DAY, DAY / 4, 3 * DAY])), max_size=1).map(
        tuple
    )
    legs = tuple(
        Leg(f"p{n}", draw(keys), draw(st.booleans()), low := draw(span), low + draw(span), draw(trials))
        for n in range(draw(st.integers(1, 4)))
    )
    at = draw(_MOMENTS)
    running = RunningLeg("before", at - draw(span), draw(span), draw(span), draw(span) / 10, draw(trials))
    calendar = Calendar(draw(_ZONES), tuple(draw(_WORKDAYS)), tuple(draw(st.lists(_DAYS, max_size=12))))
    running_now = running if draw(st.booleans()) else None
    return ForecastInputs("shop", at, calendar, gaps, legs, draw(st.none() | _DAYS), running_now)
