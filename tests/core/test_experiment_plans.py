"""What a plan states of an experiment, read into values, and when one looks at it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from readiness.core.experiment_queries import block_queries
from readiness.core.experiments import (
    Margin,
    Shape,
    UnreadableExperiment,
    block_ends,
    look_times,
    read_experiment,
    read_margin,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGAN = datetime(2026, 3, 25, 10, 20, tzinfo=UTC)
METRIC = {"source": "metrics", "split_by": "cohort", "treatment": "canary", "control": "control"}
SAID = {
    "question": "non_inferiority",
    "metric": {**METRIC, "histogram": "latency_seconds", "quantile": "0.99"},
    "direction": "lower_is_better",
    "margin": "5%",
}


def experiment(**more):
    return read_experiment({**SAID, **more})


def test_what_is_not_stated_has_a_default():
    found = experiment()
    assert (found.alpha, found.power, found.block, found.longest) == (0.05, 0.8, HOUR, 14 * DAY)
    assert (found.looks_every, found.looks_at, found.shortest) == (DAY, time(2), 24 * HOUR)
    assert (found.planned_blocks, found.fewest_blocks, found.harm, found.per_day) == (336, 24, None, None)
    assert (found.metric.shape, found.metric.top, found.metric.quantile) == (Shape.QUANTILE, "latency_seconds", 0.99)


def test_a_phase_with_a_share_of_traffic_has_its_own_shortest_time():
    said = {**SAID, "min_duration": "7d", "durations": {"25%": "3d"}}
    assert read_experiment(said, "25%").shortest == 3 * DAY
    assert read_experiment(said, "5%").shortest == 7 * DAY


def test_a_trigger_says_how_sure_one_must_be_of_harm():
    said = {**SAID, "stop_for_harm": {"p": "0.001"}}
    assert read_experiment(said).harm == 0.001
    assert read_experiment(said, harm="p < 0.01").harm == 0.01


@pytest.mark.parametrize(
    ("text", "margin"),
    [
        ("5%", Margin(0.05, True, "%")),
        ("0.5pp", Margin(0.005, False, "pp")),
        ("2ms", Margin(0.002, False, "ms")),
        ("10 MB", Margin(10_000_000, False, "MB")),
        ("2 cores", Margin(2, False, "cores")),
    ],
)
def test_a_margin_is_a_share_of_the_control_or_an_amount_in_the_base_unit(text, margin):
    assert read_margin(text) == margin


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"margin": "5 Cores"}, "is not a unit"),
        ({"block": "500ms"}, "its blocks are not whole seconds"),
        ({"block": "1s"}, "1209600 blocks of 1s; at most 5000"),
        ({"metric": {**METRIC}}, "it cannot be read"),
    ],
)
def test_what_cannot_be_run_is_said(more, said):
    with pytest.raises(UnreadableExperiment, match=said):
        experiment(**more)


def test_looks_are_at_the_hour_of_the_zone_also_when_clocks_change():
    found = look_times(experiment(min_duration="3d", max_duration="5d"), BEGAN, "Europe/Berlin")
    assert [at.astimezone(UTC).isoformat() for at in found] == [
        "2026-03-29T01:00:00+00:00",
        "2026-03-30T00:00:00+00:00",
        "2026-03-30T10:20:00+00:00",
    ]


def test_the_end_of_the_longest_time_is_the_last_look():
    found = look_times(experiment(), BEGAN, "UTC")
    assert found[0] == datetime(2026, 3, 27, 2, tzinfo=UTC)
    assert found[-1] == BEGAN + 14 * DAY
    assert len(found) == 14


def test_short_blocks_have_looks_in_minutes():
    said = {"block": "10s", "min_duration": "4m", "max_duration": "6m", "looks": {"every": "1m"}}
    found = look_times(experiment(**said), BEGAN, "UTC")
    assert [at - BEGAN for at in found] == [timedelta(minutes=n) for n in (4, 5, 6)]


def test_nobody_looks_more_often_than_blocks_end_nor_more_than_a_hundred_times():
    often = look_times(experiment(looks={"every": "1m"}, max_duration="3d"), BEGAN, "UTC")
    assert len(often) == 49
    assert len(look_times(experiment(looks={"every": "1h"}), BEGAN, "UTC")) <= 101


def test_an_experiment_that_must_run_longer_than_it_may_is_never_looked_at():
    assert look_times(experiment(min_duration="20d"), BEGAN, "UTC") == ()


@pytest.mark.parametrize(
    ("passed", "ends"),
    [
        (timedelta(minutes=90), None),
        (timedelta(minutes=100), (12, 12)),
        (timedelta(minutes=250), (12, 14)),
        (20 * DAY, (12, 10 + 14 * 24)),
    ],
)
def test_blocks_are_whole_hours_within_the_run_and_its_longest_time(passed, ends):
    midnight = BEGAN.replace(hour=0, minute=0)
    wanted = (midnight + ends[0] * HOUR, midnight + ends[1] * HOUR) if ends else None
    assert block_ends(experiment(), BEGAN, BEGAN + passed) == wanted


def test_a_run_that_begins_on_the_grid_has_its_first_block_at_once():
    assert block_ends(experiment(), BEGAN.replace(minute=0), BEGAN.replace(hour=11, minute=0)) is not None


def test_series_are_chosen_by_both_arms_and_counted_without_their_first_block():
    asked = experiment(metric={**METRIC, "errors": 'failed_total{code=~"5.."}', "total": "asked_total"})
    queries = block_queries(asked)
    arms = 'cohort=~"canary|control"'
    assert queries.bottom == (
        f"sum by (cohort) (increase(asked_total{{{arms}}}[3600s]) and asked_total{{{arms}}} offset 3600s)"
    )
    assert f'failed_total{{code=~"5..",{arms}}} unless' in queries.top


def test_the_values_that_split_may_have_any_character():
    asked = experiment(metric={**METRIC, "gauge": "depth", "treatment": 'v1.2"x', "control": "a|b"})
    assert 'cohort=~"v1\\\\.2\\"x|a\\\\|b"' in block_queries(asked).top
