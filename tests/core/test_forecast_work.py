"""From a plan to the work of its forecast: the example rollout, estimates of whole gaps, experiments, the poll."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from readiness.core.forecast import simulate_forecast
from readiness.core.forecast_types import Doubt, TaskWork, Trial, Unknown
from readiness.core.forecast_work import WorkState, forecast_inputs
from readiness.core.gaps import gap_blocks, gap_estimate, total_effort
from readiness.core.plan_build import build_plan
from readiness.services.plan_file import read_plan
from tests.core.documents import make_document, put
from tests.plans.walk import DUAL_MEMORY

MONDAY = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RUNS = 2000


@pytest.fixture(scope="module")
def dual():
    return read_plan(DUAL_MEMORY).plan


def plan_of(*edits):
    document = make_document()
    for path, value in edits:
        document = put(document, path, value)
    return build_plan(document, "sha256:x")


def gap_of(plan, state=None):
    (found,) = forecast_inputs(state or WorkState(MONDAY, plan)).gaps
    return found


# ------------------------------------------------------------------------------------- the example rollout


def test_the_five_gaps_that_block_the_first_phase_are_9_to_13_days_of_effort(dual):
    blocking = [gap for gap in dual.gaps if gap_blocks(gap, "validation")]
    assert total_effort(gap_estimate(gap) for gap in blocking) == (9, 13)
    assert len(forecast_inputs(WorkState(MONDAY, dual)).legs[0].gaps) == len(blocking) == 5


def test_the_example_goes_from_its_gaps_to_all_traffic(dual):
    forecast = simulate_forecast(forecast_inputs(WorkState(MONDAY, dual)), RUNS)
    assert [each.key for each in forecast.milestones] == ["", *(phase.key for phase in dual.phases), "close"]
    assert forecast.unknowns == ()
    assert forecast.path == (("runtime-flags", "017"), ("kubernetes-variants", "018"))
    closed = forecast.milestone("")
    assert (str(closed.odds[0][0]), str(closed.odds[-1][0])) == ("2025-11-28", "2025-12-01"), "4 to 6 days of work"
    assert str(forecast.milestone("validation").day_by(0.95)) == "2025-12-08", "not before the planned start"
    assert str(forecast.milestone("full").day_by(0.5)) == "2026-01-28"


def test_gaps_that_block_no_phase_take_no_part(dual):
    forecast = simulate_forecast(forecast_inputs(WorkState(MONDAY, dual)), RUNS)
    assert {span.key for span in forecast.spans} == {gap.key for gap in dual.gaps if gap.blocks}


def test_the_canary_waits_for_its_experiments_as_the_plan_states_them(dual):
    canary, quarter = (next(leg for leg in legs_of(dual) if leg.phase == key) for key in ("canary", "ramp-25"))
    nightly = timedelta(hours=2)
    assert canary.trials == (
        Trial("recall-latency", 7 * DAY, DAY, nightly),
        Trial("recall-robustness", 7 * DAY, DAY, nightly),
    )
    assert quarter.trials == ()


def legs_of(plan, **state):
    return forecast_inputs(WorkState(MONDAY, plan, **state)).legs


def test_closing_every_task_and_condition_leaves_the_phases(dual):
    keys = frozenset(gap.key for gap in dual.gaps)
    tasks = frozenset((gap.key, task.key) for gap in dual.gaps for task in gap.tasks)
    forecast = simulate_forecast(forecast_inputs(WorkState(MONDAY + 21 * DAY, dual, tasks, keys)), RUNS)
    assert forecast.milestone("") is None
    assert str(forecast.milestone("validation").day_by(0.5)) == "2025-12-16", "a working day for the poll"
    claimed = simulate_forecast(forecast_inputs(WorkState(MONDAY, dual, tasks)), RUNS)
    assert {unknown.doubt for unknown in claimed.unknowns} == {Doubt.UNPROVEN}
    assert [each.known for each in claimed.milestones] == [False] * len(claimed.milestones)


# ------------------------------------------------------------------------------------- estimates


ONE = {"key": "backups", "title": "Backups", "severity": "high", "owner": "sre", "blocks": "all"}


def test_an_estimate_of_the_whole_gap_counts_where_its_tasks_have_none():
    tasks = [{"key": "1", "title": "Script"}, {"key": "2", "title": "Drill"}]
    plan = plan_of((("gaps",), [{**ONE, "estimate": "2-3d", "tasks": tasks}]))
    assert gap_of(plan).tasks == (TaskWork("", "sre", (2, 3)),)
    half = WorkState(MONDAY, plan, frozenset({("backups", "1")}))
    assert gap_of(plan, half).tasks == (TaskWork("", "sre", (2, 3)),)
    done = WorkState(MONDAY, plan, frozenset({("backups", "1"), ("backups", "2")}))
    assert gap_of(plan, done).tasks[0].closed


def test_a_gap_without_tasks_is_one_piece_of_work_until_it_is_closed():
    plan = plan_of((("gaps",), [{**ONE, "estimate": "1d"}]))
    assert gap_of(plan).tasks == (TaskWork("", "sre", (1, 1)),)
    assert gap_of(plan, WorkState(MONDAY, plan, gaps=frozenset({"backups"}))).closed


def test_a_task_without_an_estimate_among_others_is_not_guessed():
    tasks = [{"key": "1", "title": "Script", "estimate": "1d"}, {"key": "2", "title": "Drill", "after": ["1"]}]
    plan = plan_of((("gaps",), [{**ONE, "tasks": tasks}]))
    assert [task.estimate for task in gap_of(plan).tasks] == [(1, 1), None]
    forecast = simulate_forecast(forecast_inputs(WorkState(MONDAY, plan)), RUNS)
    assert forecast.unknowns == (Unknown(Doubt.NO_ESTIMATE, "backups", "2"),)


def test_a_task_reopened_before_anyone_judged_opens_its_gap():
    plan = plan_of((("gaps",), [{**ONE, "tasks": [{"key": "1", "title": "Script", "estimate": "1d"}]}]))
    assert not gap_of(plan, WorkState(MONDAY, plan, gaps=frozenset({"backups"}))).closed


# ------------------------------------------------------------------------------------- phases


def test_what_runs_is_no_phase_to_enter_and_its_undecided_experiments_count(dual):
    inputs = forecast_inputs(
        WorkState(MONDAY, dual, running="canary", entered_at=MONDAY - DAY, undecided=frozenset({"recall-latency"}))
    )
    assert [leg.phase for leg in inputs.legs] == ["ramp-25", "ramp-50", "ramp-75", "full", "close"]
    assert [trial.key for trial in inputs.running.trials] == ["recall-latency"]


def test_a_poll_that_everyone_has_answered_takes_no_more_time(dual):
    assert [leg.polled for leg in legs_of(dual)][:2] == [True, True]
    assert [leg.polled for leg in legs_of(dual, polled=False)][:2] == [False, True]


def test_a_rollout_that_is_over_has_nothing_left(dual):
    assert legs_of(dual, over=True) == ()


def test_an_experiment_without_a_minimum_runs_for_24_blocks():
    said = {
        "question": "superiority",
        "metric": {},
        "direction": "higher_is_better",
        "min_effect": "5%",
        "block": "30m",
        "looks": {"every": "0s", "at": "23:30"},
    }
    plan = plan_of((("experiments",), {"better": said}), (("phases", 1, "succeed"), [{"experiment": "better"}]))
    (trial,) = legs_of(plan)[1].trials
    late = timedelta(hours=23, minutes=30)
    assert trial == Trial("better", timedelta(hours=12), DAY, late)


def test_the_plan_names_its_calendar(dual):
    other = replace(dual, timezone="Asia/Tokyo", workdays=("sat", "sun"))
    assert forecast_inputs(WorkState(MONDAY, other)).calendar.workdays == ("sat", "sun")
    forecast = simulate_forecast(forecast_inputs(WorkState(MONDAY, other)), RUNS)
    assert {day.weekday() for each in forecast.milestones for day, _ in each.odds} == {5, 6}
