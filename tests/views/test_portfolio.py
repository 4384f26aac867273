"""All rollouts: what waits for the reader first, each with the answer to the question that is asked first."""

from datetime import timedelta

import pytest

from readiness.models import Override, Rollout, StoredVerdict
from readiness.services.forecasts import refresh_forecast
from tests.factories import (
    NOW,
    PLANS,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_all,
    observe_gate,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
P99 = "canary/abort/gate:checkout-p99-canary/<= 300ms/10s"


@pytest.fixture
def rows(read):
    """Read the page; give its rows by key."""
    return lambda who="Ana Ruiz": {row.key: row for row in read("/", who).context["page"].rollouts.rows}


def running(values=None):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout, values=values)
    return rollout


def leave_only(rollout, *codes):
    """Let the stored answer about entering have only these reasons."""
    stored = StoredVerdict.objects.get(rollout=rollout, question="enter")
    stored.payload["reasons"] = [r for r in stored.payload["reasons"] if f"{r['code']} {r['key']}" in codes]
    stored.save()


def test_without_a_rollout_the_page_says_how_to_get_one(read):
    answer = read("/")
    assert answer.context["page"].rollouts.rows == ()
    assert "Import a plan" in answer.text


def test_a_rollout_that_waits_to_start_shows_its_first_decision(rows):
    judge(make_rollout((PLANS / "dual-memory.yaml").read_text()))
    row = rows()["dual-memory"]
    assert (row.word, row.decision) == ("NO-GO", "Phase 0 can’t start")
    assert row.reason == "5 gaps are open"
    assert row.steps == ("NO-GO", *["Not due"] * 6)


def test_a_running_rollout_is_go_while_nothing_speaks_against_it(rows):
    judge(running())
    row = rows()["quickstart"]
    assert (row.word, row.decision, row.steps) == ("GO", "Canary runs", ("Not due", "Running", "Not due"))
    assert row.reason.startswith("Next phase: ")


def test_a_rollout_without_a_plan_and_one_that_is_closed_are_quiet(rows):
    Rollout.objects.create(key="new", title="New", created_at=NOW)
    rollout = make_rollout()
    run = start_phase(rollout, "close")
    run.state, run.left_at = "succeeded", NOW
    run.save()
    found = rows()
    assert [(row.word, row.quiet) for row in (found["new"], found["quickstart"])] == [
        ("Not set up", True),
        ("Closed", True),
    ]


def test_each_row_says_by_when_the_next_phase_can_begin_on_one_axis(read):
    for rollout in (make_rollout(), make_rollout((PLANS / "dual-memory.yaml").read_text())):
        judge(rollout)
        refresh_forecast(rollout.key, NOW + timedelta(hours=2))
    card = read("/").context["page"].rollouts
    rows = {row.key: row for row in card.rows}
    assert card.until == "to 22 Dec"
    assert (rows["dual-memory"].ready, rows["dual-memory"].ready_note) == ("Tue 16 Dec", "if 29 conditions are met")
    early, likely, late = rows["dual-memory"].ready_line
    assert 0 < early <= likely <= late <= 100
    assert rows["quickstart"].ready == "Tue 9 Dec"


def test_a_forecast_of_a_phase_that_runs_by_now_says_nothing(rows):
    rollout = make_rollout()
    judge(rollout)
    refresh_forecast(rollout.key, NOW)
    start_phase(rollout, "prepare")
    judge(rollout)
    assert rows()["quickstart"].ready == ""


def test_rollouts_stand_by_whom_they_wait_for_and_then_by_their_answer(read):
    judge(running())
    judge(make_rollout((PLANS / "dual-memory.yaml").read_text()))
    assert [row.word for row in read("/").context["page"].rollouts.rows] == ["GO", "NO-GO"]
    observe_gate(Rollout.objects.get(key="quickstart"), P99, 0.4, breached=NOW - NOW.replace(hour=9, minute=0))
    judge(Rollout.objects.get(key="quickstart"))
    page = read("/", "Elif Kaya").context["page"]
    assert page.rollouts.rows[0].key == "quickstart"
    assert (page.ask.label, page.ask.url) == ("Decide now", "/rollouts/quickstart/now/")
    assert read("/", "Ben Okafor").context["page"].ask is None


def test_who_can_sign_is_asked_to_and_who_answers_last_is_asked_last(read):
    rollout = make_rollout()
    judge(rollout)
    leave_only(rollout, "SIGN_OFF_MISSING sre-lead", "SIGN_OFF_MISSING release-manager")
    ask = read("/", "Elif Kaya").context["page"].ask
    assert ask.url == "/rollouts/quickstart/sign-off/prepare/?role=sre-lead"
    assert read("/", "Ana Ruiz").context["page"].ask is None
    leave_only(rollout, "SIGN_OFF_MISSING release-manager")
    assert read("/", "Ana Ruiz").context["page"].ask.url.endswith("?role=release-manager")


def test_a_go_asks_whoever_may_enter(read):
    rollout = make_rollout()
    judge(rollout)
    until = NOW.replace(hour=23)
    stored = StoredVerdict.objects.get(rollout=rollout, question="enter")
    stored.payload |= {
        "reasons": [],
        "decision": "GO",
        "stage": "CLEARED",
        "valid_until": f"{until:%Y-%m-%dT%H:%M:%S}.000000Z",
    }
    stored.decision, stored.valid_until = "GO", until
    stored.save()
    page = read("/", "Ana Ruiz").context["page"]
    assert (page.ask.word, page.ask.url) == ("GO", "/rollouts/quickstart/phases/prepare/enter/")
    assert read("/", "Elif Kaya").context["page"].ask is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_portfolio_takes_the_same_queries_whatever_it_lists(
    count, client, at_the_moment, django_assert_num_queries
):
    for n in range(count):
        rollout = make_small_rollout(n + 1, f"small-{n}")
        start_phase(rollout, "prepare")
        judge(rollout)
        refresh_forecast(rollout.key, NOW)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(10):
        client.get("/")


def test_a_phase_entered_without_go_is_so_on_the_portfolio(rows):
    rollout = running()
    run, asked = rollout.runs.get(), {"by_id": "u:1", "by_name": "Ben", "reason": "it burns"}
    Override.objects.create(
        rollout=rollout, phase="canary", run=run, plan="", asked_at=NOW, expires_at=NOW, confirmed_at=NOW, **asked
    )
    judge(rollout)
    row = rows()["quickstart"]
    assert (row.word, row.reason_state, row.steps[1]) == ("NO-GO", "Overridden", "Overridden")
    assert row.reason.startswith("Canary, run 1 was entered without GO by Ben")
