"""Windows: what every fold keeps to, whatever the points."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from readiness.core.conditions import GateSpec
from readiness.core.criteria import parse_criteria
from readiness.core.types import Window
from readiness.core.windows import (
    Lines,
    Point,
    StepState,
    Stretch,
    choose_step,
    drop_stale,
    fold_window,
    label_part,
    step_states,
    window_stretch,
)

END = datetime(2026, 1, 5, 12, tzinfo=UTC)
STEP = timedelta(seconds=10)
LIMIT = parse_criteria("<= 15", "")
HOLDS, BREACHES, HOLE = 10.0, 20.0, None
steps = st.sampled_from([HOLDS, BREACHES, HOLE, math.nan, math.inf])
columns = st.lists(steps, min_size=1, max_size=20)


def grid(count: int) -> Stretch:
    return Stretch(END - STEP * (count - 1), END, STEP)


def line(values: list[float | None]) -> tuple[Point, ...]:
    moments = grid(len(values)).moments()
    return tuple(Point(at, value) for at, value in zip(moments, values, strict=True) if value is not None)


def folded(values: list[float | None], abort: bool = False) -> Window:
    return fold_window({"": line(values)}, None, LIMIT, grid(len(values)), abort)


def ago(count: int) -> datetime:
    return END - STEP * count


def is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


@given(columns)
def test_a_held_run_has_only_holding_steps_and_ends_at_the_end(values: list[float | None]) -> None:
    window = folded(values)
    run = 0
    while run < len(values) and values[-1 - run] == HOLDS:
        run += 1
    assert window.held_since == (ago(run - 1) if run else None)


@given(columns)
def test_the_held_share_counts_every_step_that_does_not_hold(values: list[float | None]) -> None:
    assert folded(values).held_share == values.count(HOLDS) / len(values)


@given(columns, st.data())
def test_a_hole_more_never_proves_more(values: list[float | None], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    before = folded(values)
    after = folded([*values[:at], HOLE, *values[at + 1 :]])
    assert (after.held_share or 0) <= (before.held_share or 0)
    if after.held_since is not None:
        assert before.held_since is not None
        assert before.held_since <= after.held_since


@given(columns)
def test_for_an_abort_trigger_a_breach_lasts_at_least_as_long(values: list[float | None]) -> None:
    strict, bridged = folded(values).breached_since, folded(values, abort=True).breached_since
    assert (strict is None) == (bridged is None)
    if strict is not None and bridged is not None:
        assert bridged <= strict


@given(columns)
def test_a_breached_run_holds_no_holding_step_and_ends_at_the_newest_data(values: list[float | None]) -> None:
    since = folded(values, abort=True).breached_since
    known = [value for value in values if is_known(value)]
    assert (since is not None) == bool(known and known[-1] == BREACHES)
    if since is not None:
        run = values[grid(len(values)).moments().index(since) :]
        assert run[0] == BREACHES
        assert HOLDS not in run


@given(columns, columns)
def test_a_further_series_never_proves_more(first: list[float | None], second: list[float | None]) -> None:
    count = min(len(first), len(second))
    one = {"a": line(first[-count:])}
    both = one | {"b": line(second[-count:])}
    alone, together = (step_states(lines, None, LIMIT, grid(count).moments()) for lines in (one, both))
    for state, joined in zip(alone, together, strict=True):
        if state is StepState.BREACHES:
            assert joined is StepState.BREACHES


def test_every_series_must_hold() -> None:
    lines = {"a": line([HOLDS] * 3), "b": line([HOLDS, BREACHES, HOLDS])}
    window = fold_window(lines, None, LIMIT, grid(3))
    assert (window.held_since, window.held_share) == (END, 2 / 3)


def test_a_series_that_skips_a_step_makes_it_a_hole_though_another_holds() -> None:
    lines = {"a": line([HOLDS] * 4), "b": line([HOLDS, HOLE, HOLDS, HOLDS])}
    assert fold_window(lines, None, LIMIT, grid(4)).held_since == ago(1)


def test_a_series_that_began_later_is_no_hole_before() -> None:
    lines = {"a": line([HOLDS] * 4), "b": line([HOLE, HOLE, HOLDS, HOLDS])}
    assert fold_window(lines, None, LIMIT, grid(4)).held_since == ago(3)


def test_nothing_at_all_holds_nothing() -> None:
    window = fold_window({}, None, LIMIT, grid(5), abort=True)
    assert (window.held_since, window.breached_since, window.held_share) == (None, None, 0.0)


def test_a_gap_restarts_the_clock_of_a_success() -> None:
    assert folded([HOLDS, HOLDS, HOLE, HOLDS]).held_since == END


def test_a_gap_between_two_breaches_counts_for_an_abort_trigger_only() -> None:
    values = [BREACHES, HOLE, BREACHES]
    assert folded(values, abort=True).breached_since == ago(2)
    assert folded(values).breached_since == END


def test_a_gap_before_the_first_breach_is_no_breach() -> None:
    assert folded([HOLE, BREACHES], abort=True).breached_since == END


@given(columns, st.sampled_from([None, math.nan]))
def test_without_a_comparand_every_step_is_a_hole(values: list[float | None], comparand: float | None) -> None:
    relative = parse_criteria("<= +5%", "")
    window = fold_window({"": line(values)}, comparand, relative, grid(len(values)), abort=True)
    assert (window.held_since, window.breached_since, window.held_share) == (None, None, 0.0)


def test_one_comparand_judges_every_series_step_by_step() -> None:
    relative = parse_criteria("<= +5%", "")
    lines = {'x{a="1"}': line([10.0, 10.0, 10.0]), 'x{a="2"}': line([10.0, 10.0, 10.0])}
    window = fold_window(lines, {"": line([9.0, 10.0, 10.0])}, relative, grid(3))
    assert window.held_since == ago(1)


def test_several_comparands_are_matched_by_labels_whatever_the_metric() -> None:
    relative = parse_criteria("<= +5%", "")
    lines = {'x{a="1"}': line([10.0]), 'x{a="2"}': line([20.0])}
    matched = {'y{a="1"}': line([10.0]), 'y{a="2"}': line([20.0])}
    other = {'y{a="1"}': line([10.0]), 'y{a="3"}': line([20.0])}
    assert fold_window(lines, matched, relative, grid(1)).held_since == END
    assert fold_window(lines, other, relative, grid(1)).held_since is None


def test_the_labels_of_a_series_stand_without_its_name() -> None:
    assert label_part('up{job="{a}"}') == '{job="{a}"}'
    assert label_part("up") == ""


def newest(ages_s: list[float]) -> tuple[Point, ...]:
    moments = grid(len(ages_s)).moments()
    return tuple(Point(at, at.timestamp() - age) for at, age in zip(moments, ages_s, strict=True))


def test_a_point_that_rested_on_an_old_sample_is_left_out() -> None:
    lines: Lines = {"": line([1.0, 2.0, 3.0])}
    kept = drop_stale(lines, [newest([0, 121, 120]), newest([0, 0, 0])], timedelta(minutes=2))
    assert [point.value for point in kept[""]] == [1.0, 3.0]


def test_a_point_without_any_sample_is_left_out() -> None:
    assert drop_stale({"": line([1.0, 2.0])}, [newest([0])], timedelta(minutes=2))[""] == line([HOLE, 2.0])


@given(st.integers(0, 10**7), st.integers(1, 3600))
def test_a_grid_ends_at_its_end_and_begins_no_earlier_than_its_start(length_s: int, step_s: int) -> None:
    stretch = Stretch(END - timedelta(seconds=length_s), END, timedelta(seconds=step_s))
    assert stretch.start_at <= stretch.first_at < stretch.start_at + stretch.step
    if length_s / step_s < 1000:
        moments = stretch.moments()
        assert (moments[0], moments[-1]) == (stretch.first_at, END)
        assert {b - a for a, b in pairwise(moments)} <= {stretch.step}


@given(st.integers(1, 10**8))
def test_a_step_is_whole_seconds_and_prometheus_answers_the_stretch(length_s: int) -> None:
    length = timedelta(seconds=length_s)
    step = choose_step(length, length)
    assert step.microseconds == 0
    assert step >= timedelta(seconds=1)
    assert length / step <= 10_000
    assert step <= timedelta(seconds=60) or length > timedelta(seconds=600_000)


def spec(hold_for: timedelta, for_phase: bool = False) -> GateSpec:
    return GateSpec("metrics", "x", "", (("<= 15",),), hold_for=hold_for, for_phase=for_phase)


durations = st.integers(1, 100_000).map(lambda seconds: timedelta(seconds=seconds))


@given(durations, durations, st.integers(0, 999_999))
def test_a_success_window_never_begins_before_its_run(hold: timedelta, ran: timedelta, micros: int) -> None:
    sampled_at = END + timedelta(microseconds=micros)
    stretch = window_stretch(spec(hold), sampled_at, END - ran, abort=False)
    assert stretch is not None
    assert stretch.first_at >= END - ran
    assert stretch.end_at - sampled_at < timedelta(seconds=1)
    if ran >= hold + 2 * stretch.step:
        assert stretch.end_at - stretch.first_at >= hold


@given(durations)
def test_an_abort_window_sees_a_breach_before_a_hole(hold: timedelta) -> None:
    stretch = window_stretch(spec(hold), END, END, abort=True)
    assert stretch is not None
    assert stretch.end_at - stretch.first_at >= hold + timedelta(minutes=4)


def test_a_gate_without_duration_or_with_a_run_that_has_not_begun_has_no_stretch() -> None:
    assert window_stretch(spec(timedelta(0)), END, END - STEP, abort=False) is None
    assert window_stretch(spec(timedelta(0), for_phase=True), END, None, abort=False) is None
    assert window_stretch(spec(timedelta(0), for_phase=True), END, END + STEP, abort=False) is None
    assert window_stretch(spec(STEP), END, END + STEP, abort=False) is None
