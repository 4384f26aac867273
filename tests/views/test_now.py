"""The `now` page: what broke, by how much, who decides by when, and the ways back."""

from datetime import timedelta

import pytest
import time_machine

from readiness.core.types import Trouble
from readiness.models import Firing, Observation, Rollback
from readiness.services.aborts import answer_firing
from readiness.services.holds import call_hold
from readiness.services.phases import roll_back_phase
from tests.factories import (
    NOW,
    act_as,
    fire,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_all,
    observe_gate,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
NOW_PAGE = "/rollouts/quickstart/now/"
P99 = "canary/abort/gate:checkout-p99-canary/<= 300ms/10s"


@pytest.fixture
def rollout(at_the_moment):
    rollout = make_rollout()
    start_phase(rollout, "canary", entered_at=NOW - timedelta(hours=1))
    observe_all(rollout)
    return rollout


def test_nothing_is_broken_while_no_trigger_speaks(rollout, read):
    judge(rollout)
    page = read(NOW_PAGE).context["page"]
    assert (page.verdict.word, page.trouble.rows, page.trouble.quiet) == ("GO", (), "Nothing is broken")
    assert (page.exposure.asked, page.exposure.observed) == (5.0, None)


def test_a_trigger_that_fires_shows_value_limit_decider_and_deadline(rollout, read):
    observe_gate(rollout, P99, 0.4, breached=timedelta(minutes=2))
    judge(rollout)
    (row,) = read(NOW_PAGE, "Elif Kaya").context["page"].trouble.rows
    assert (row.state, row.now.value, row.limit) == ("Abort", 0.4, "at most 300 ms")
    assert (row.decided_by, row.since_at) == ("SRE lead", NOW - timedelta(minutes=2))
    assert row.due_at == Firing.objects.get().fired_at + timedelta(minutes=15)
    assert row.answer_url == f"/rollouts/quickstart/aborts/{Firing.objects.get().pk}/"
    assert read(NOW_PAGE, "Ben Okafor").context["page"].trouble.rows[0].answer_url == ""


def test_a_trigger_that_cannot_be_measured_says_until_when_that_is_borne(rollout, read):
    observe_gate(rollout, P99, None, trouble=Trouble.SOURCE_ERROR, message="no answer within 5 s")
    Observation.objects.filter(path=P99).update(blind_since=NOW - timedelta(minutes=11))
    judge(rollout)
    (row,) = read(NOW_PAGE).context["page"].trouble.rows
    assert (row.state, row.now) == ("Can’t be measured", None)
    assert row.due_at == NOW - timedelta(minutes=1)


def test_a_trigger_that_is_not_seen_is_said_while_that_is_still_borne(rollout, read):
    observe_gate(rollout, P99, None, trouble=Trouble.SOURCE_ERROR, message="no answer within 5 s")
    Observation.objects.filter(path=P99).update(blind_since=NOW - timedelta(minutes=4))
    judge(rollout)
    page = read(NOW_PAGE).context["page"]
    (row,) = page.trouble.rows
    assert (page.verdict.word, row.state) == ("GO", "Can’t be measured")
    assert page.verdict.detail.startswith("2 of 3 abort triggers armed, 1 can’t be measured since ")
    assert page.verdict.detail.endswith(f"; at {NOW + timedelta(minutes=6):%H:%M} that is NO-GO")
    assert (row.since_at, row.due_at) == (NOW - timedelta(minutes=4), NOW + timedelta(minutes=6))


def test_a_trigger_that_its_decider_lets_go_on_says_so_until_when_why_and_by_whom(rollout, read):
    observe_gate(rollout, P99, 0.748, breached=timedelta(minutes=2))
    judge(rollout)
    answer_firing(rollout.key, Firing.objects.get().pk, act_as(make_person("Elif Kaya")), NOW,
                  continue_until=NOW + timedelta(minutes=15), reason="the load test runs.")  # fmt: skip
    judge(rollout)
    said = f"until {NOW + timedelta(minutes=15):%H:%M}, because “the load test runs”, by Elif Kaya"
    page, board = read(NOW_PAGE).context["page"], read("/rollouts/quickstart/").context["page"]
    assert board.verdict.word == "GO"
    assert board.verdict.detail == f"3 of 3 abort triggers armed, 1 continues over its limit {said}"
    assert page.verdict.detail == board.verdict.detail
    (row,) = page.trouble.rows
    assert (row.state, row.limit) == ("Failing", f"at most 300 ms; continues over it {said}")
    rests = {line.title: (line.note, line.state) for line in board.verdict.rests_on}
    assert rests["Abort triggers"] == (board.verdict.detail, "Failing")
    assert rests[row.title] == (f"Continues over its limit {said}", "Failing")
    assert (board.verdict.met, board.verdict.total) == (2, 3)


def test_a_hold_stands_among_what_broke(rollout, read):
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    judge(rollout)
    (row,) = read(NOW_PAGE).context["page"].trouble.rows
    assert (row.state, row.title, row.limit) == ("Held", "“the backup fails”", "held by Elif Kaya")


def test_any_member_sees_the_ways_back_and_a_stranger_sees_none(rollout, read):
    fire(start_of(rollout), P99)
    levels = read(NOW_PAGE, "Ben Okafor").context["page"].levels
    assert [(level.key, level.suggested) for level in levels] == [("immediate", True), ("partial", False)]
    page = read(NOW_PAGE, "Ivo Marsh").context["page"]
    assert (page.levels, page.roll_back_url, page.hold_url) == ((), "", "")


def start_of(rollout):
    return rollout.runs.get(state="running")


def test_a_rollback_under_way_shows_its_clock_until_its_reason_is_given(rollout, read):
    roll_back_phase(rollout.key, "immediate", act_as(make_person("Ben Okafor")), NOW)
    page = read(NOW_PAGE).context["page"]
    assert (page.clock.title, page.clock.started_at) == ("Rolling back to prepare", NOW)
    assert page.clock.within == timedelta(minutes=1)
    assert page.clock.reason_due_at == NOW + timedelta(minutes=60)
    assert [command.run for command in page.clock.commands] == ["./ops/rollback.sh"]


def test_a_way_back_is_under_way_then_late_and_done_only_when_it_is_verified(rollout, read):
    roll_back_phase(rollout.key, "immediate", act_as(make_person("Ben Okafor")), NOW)
    judge(rollout)
    page, board = (read(url).context["page"] for url in (NOW_PAGE, "/rollouts/quickstart/"))
    said = "The way back isn’t verified yet, promised within 1 min"
    assert (page.trouble.quiet, page.clock.state) == (said, "Running")
    assert board.verdict.detail.endswith(said)
    assert [line.state for line in board.verdict.rests_on if line.title == "Way back"] == ["Running"]
    assert not any(level.suggested for level in page.levels)
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        page = read(NOW_PAGE).context["page"]
    assert page.trouble.quiet == f"{said}, late since {NOW + timedelta(minutes=1):%H:%M}"
    assert (page.clock.state, page.clock.late_since) == ("Too slow", NOW + timedelta(minutes=1))
    Rollback.objects.update(verified_at=NOW + timedelta(seconds=48))
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        page, board = (read(url).context["page"] for url in (NOW_PAGE, "/rollouts/quickstart/"))
    assert (page.trouble.quiet, page.clock.state) == ("Nothing is broken", "Done")
    assert page.clock.took == timedelta(seconds=48)
    assert [(line.note, line.state) for line in board.verdict.rests_on if line.title == "Way back"] == [
        ("The way back was verified after 48 s, promised within 1 min", "Done")
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_it_lists(count, client, at_the_moment, django_assert_num_queries):
    rollout = make_small_rollout(count)
    run = start_phase(rollout, "canary")
    for n in range(count):
        fire(run, f"canary/abort/gate:gate-{n}/<= 3/0s")
        call_hold(rollout.key, act_as(make_person("Sam Sre")), NOW, reason=f"because {n}")
    judge(rollout)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(26):
        client.get("/rollouts/small/now/")
