"""Forecasts as they are kept: made only when what they rest on has changed, beside that of a day before."""

from datetime import timedelta

import pytest

from readiness.core.canonical import canonical_bytes
from readiness.core.codec import from_plain
from readiness.core.forecast import RUNS
from readiness.core.forecast_types import Doubt, ForecastReport, Turn
from readiness.models import AuditEntry, DwellClock, PhaseRun, Rollout, SignOff, StoredForecast
from readiness.queries.plans import load_rollout
from readiness.queries.work import load_asked
from readiness.services.forecasts import refresh_forecast
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.items import claim_item
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from readiness.tasks import judge as judge_task
from tests.factories import (
    NOW,
    PLANS,
    act_as,
    judge,
    make_person,
    make_rollout,
    observe_check,
    shell_act,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUAL = (PLANS / "dual-memory.yaml").read_text().replace("2-3d", "2-3.5d")  # 5.5 days of work: no day ends there
IMPORTED = NOW - 4 * DAY


@pytest.fixture
def dual():
    """The example rollout, imported on a Thursday, four days before."""
    return make_rollout(DUAL, now=IMPORTED)


def forecast(rollout, now=NOW):
    """Judge and forecast, as the worker does; give what is kept."""
    judge(rollout, now)
    refresh_forecast(rollout.key, now)
    return kept()


def kept():
    return from_plain(ForecastReport, StoredForecast.objects.get().payload)


def close(rollout, gap, task, who="Ben Okafor", at=NOW):
    close_gap_task(rollout.key, gap, task, act_as(make_person(who), now=at), at)


def first_day(forecast, key="", share=0.5):
    return str(forecast.milestone(key).day_by(share))


# ------------------------------------------------------------------------------------- when it is made


def test_the_same_facts_make_the_same_bytes(dual):
    first = canonical_bytes(StoredForecast.objects.get().payload) if forecast(dual) else b""
    StoredForecast.objects.all().delete()
    forecast(dual)
    assert canonical_bytes(StoredForecast.objects.get().payload) == first
    assert kept().forecast.runs == RUNS


def test_it_is_made_again_only_when_what_it_rests_on_changes(dual):
    judge(dual)
    assert refresh_forecast(dual.key, NOW)
    judge(dual, NOW + timedelta(minutes=10))
    assert not refresh_forecast(dual.key, NOW + timedelta(minutes=10))
    close(dual, "runtime-flags", "017")
    assert refresh_forecast(dual.key, NOW + timedelta(minutes=11))
    assert StoredForecast.objects.get().made_at == NOW + timedelta(minutes=11)


def test_every_hour_work_goes_on_from_a_later_moment(dual):
    forecast(dual)
    assert refresh_forecast(dual.key, NOW + HOUR)
    assert kept().forecast.at == (NOW + HOUR).replace(minute=0)


def test_a_new_forecast_shows_on_open_pages_and_stands_in_no_record(dual):
    judge(dual)
    changed, entries = Rollout.objects.get().changed, AuditEntry.objects.count()
    refresh_forecast(dual.key, NOW)
    refresh_forecast(dual.key, NOW)
    assert Rollout.objects.get().changed == changed + 1
    assert AuditEntry.objects.count() == entries


def test_a_rollout_without_a_plan_has_no_forecast():
    Rollout.objects.create(key="empty", title="Empty", created_at=NOW)
    assert not refresh_forecast("empty", NOW)
    assert not StoredForecast.objects.exists()


def test_the_worker_forecasts_what_it_judges(dual):
    judge_task(rollout=dual.key)
    assert StoredForecast.objects.filter(rollout=dual).exists()


@pytest.mark.parametrize("closed", [0, 3])
def test_looking_whether_it_is_due_takes_the_same_queries(dual, closed, django_assert_num_queries):
    for gap, task in [("runtime-flags", "017"), ("load-testing", "019"), ("dashboards", "020")][:closed]:
        close(dual, gap, task, {"load-testing": "Dev Patel", "dashboards": "Elif Kaya"}.get(gap, "Ben Okafor"))
    forecast(dual)
    with django_assert_num_queries(7):  # rollout, versions, runs, closures, counts, sign-offs, what is kept
        refresh_forecast(dual.key, NOW)


# ------------------------------------------------------------------------------------- what it says


def test_closing_the_critical_task_moves_the_date_and_says_so(dual):
    before = forecast(dual).forecast
    assert before.path[0] == ("runtime-flags", "017")
    close(dual, "runtime-flags", "017")
    report = forecast(dual)
    assert first_day(report.forecast) < first_day(before)
    assert first_day(report.yesterday) == first_day(before)
    assert [(turn.turn, turn.gap, turn.task, turn.by) for turn in report.turns] == [
        (Turn.TASK_CLOSED, "runtime-flags", "017", "Ben Okafor")
    ]


def test_yesterday_is_forecast_from_the_facts_as_they_stood_then(dual):
    close(dual, "runtime-flags", "017", at=NOW - 2 * DAY)
    close(dual, "load-testing", "019", "Dev Patel", at=NOW - HOUR)
    report = forecast(dual)
    assert [turn.task for turn in report.turns] == ["019"]
    now, then = load_asked(load_rollout(dual.key), NOW).now, load_asked(load_rollout(dual.key), NOW).yesterday
    closed = [{(g.key, t.key) for g in each.gaps for t in g.tasks if t.closed} for each in (now, then)]
    assert closed == [{("runtime-flags", "017"), ("load-testing", "019")}, {("runtime-flags", "017")}]
    assert then.at == now.at - DAY


def test_a_reopened_task_counts_in_full_again_and_was_closed_in_between(dual):
    whole = first_day(forecast(dual).forecast)
    close(dual, "runtime-flags", "017", at=NOW - 2 * DAY)
    act = act_as(make_person("Ben Okafor"))
    reopen_gap_task(dual.key, "runtime-flags", "017", act, NOW - HOUR, reason="not yet")
    report = forecast(dual)
    assert first_day(report.forecast) == whole
    assert first_day(report.yesterday) < whole
    assert report.forecast.unknowns == ()


def test_yesterdays_facts_include_yesterdays_plan(dual):
    text = DUAL.replace("estimate: 3-4d", "estimate: 8-9d").replace("owner: Platform engineering", "owner: Platform")
    import_plan(read_plan(text), text, shell_act(), NOW - HOUR)
    report = forecast(dual)
    assert first_day(report.forecast) == "2025-12-18"
    assert first_day(report.yesterday) == "2025-12-15", "from Sunday on"
    assert first_day(report.first) == "2025-12-11", "5 working days from Thursday"


def test_a_rollout_of_today_has_no_yesterday():
    report = forecast(make_rollout(DUAL))
    assert (report.yesterday, report.turns) == (None, ())
    assert first_day(report.first) == first_day(report.forecast)


def test_reopened_tasks_and_gaps_that_close_and_open_are_told():
    rollout = make_rollout(now=NOW - 3 * DAY)
    elif_kaya = act_as(make_person("Elif Kaya"))
    judge(rollout, NOW - 3 * DAY)
    observe_check(rollout, "checks/check:rollback-script", now=NOW - 2 * HOUR)
    close_gap_task(rollout.key, "way-back", "1", elif_kaya, NOW - 2 * HOUR)
    claim_item(rollout.key, "gap:way-back/closed_when/item:way-back-known", elif_kaya, NOW - 2 * HOUR)
    judge(rollout, NOW - 2 * HOUR)
    reopen_gap_task(rollout.key, "way-back", "1", elif_kaya, NOW - HOUR, reason="not yet")
    report = forecast(rollout)
    assert [(turn.turn, turn.at) for turn in report.turns] == [
        (Turn.GAP_CLOSED, NOW - 2 * HOUR),
        (Turn.TASK_CLOSED, NOW - 2 * HOUR),
        (Turn.TASK_REOPENED, NOW - HOUR),
        (Turn.GAP_OPENED, NOW),
    ]


def test_a_gap_that_a_new_plan_adds_is_told_as_opened(dual):
    judge(dual, NOW - 2 * DAY)
    text = DUAL.replace(
        "  - key: one-tailed-test",
        "  - {key: extra, title: Extra, severity: high, blocks: all}\n  - key: one-tailed-test",
    )
    import_plan(read_plan(text), text, shell_act(), NOW)
    report = forecast(dual)
    assert [(turn.turn, turn.gap) for turn in report.turns] == [(Turn.GAP_OPENED, "extra")]
    assert [(each.doubt, each.key) for each in report.forecast.unknowns] == [(Doubt.NO_ESTIMATE, "extra")]


# ------------------------------------------------------------------------------------- phases


def test_the_running_phase_is_over_when_its_counted_dwell_is(dual):
    start_phase(dual, "shadow", entered_at=NOW - 3 * DAY, counted_s=3 * 86_400)
    close_all(dual)
    assert first_day(forecast(dual).forecast, "canary") == "2025-12-15", "Friday 9:30, a day for its poll"
    DwellClock.objects.update(counted_s=86_400)
    assert first_day(forecast(dual).forecast, "canary") == "2025-12-16", "Sunday: two days did not count"


def test_a_poll_that_is_answered_takes_no_day(dual):
    run = start_phase(dual, "shadow", entered_at=NOW - 9 * DAY, counted_s=9 * 86_400)
    close_all(dual)
    waits = first_day(forecast(dual).forecast, "canary")
    sign_last(run, "canary", NOW)
    refresh_forecast(dual.key, NOW)  # a judge would void this signature, which covers nothing
    assert (waits, first_day(kept().forecast, "canary")) == ("2025-12-09", "2025-12-08")


def close_all(rollout):
    for gap, task, who in [
        ("runtime-flags", "017", "Ben Okafor"),
        ("kubernetes-variants", "018", "Chloe Martin"),
        ("load-testing", "019", "Dev Patel"),
        ("dashboards", "020", "Elif Kaya"),
        ("configuration", "021", "Ben Okafor"),
    ]:
        close(rollout, gap, task, who)


def sign_last(run, phase, at):
    SignOff.objects.create(
        rollout=run.rollout, phase=phase, run=1, role="release-manager", go=True, signed_at=at, expires_at=at + DAY
    )


def test_what_is_closed_and_not_proven_is_said_to_be_unknown(dual):
    close_all(dual)
    report = forecast(dual)
    assert {each.doubt for each in report.forecast.unknowns} == {Doubt.UNPROVEN}
    assert len(report.forecast.unknowns) == 5


def test_a_closed_rollout_has_nothing_left_to_forecast(dual):
    PhaseRun.objects.create(
        rollout=dual, phase="close", number=1, entered_at=NOW - DAY, state="succeeded", left_at=NOW - DAY, by_id="u:0"
    )
    assert forecast(dual).forecast.milestones == ()
