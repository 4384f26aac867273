"""The board: the stored answer first, every reason in its group, and the same number of queries whatever it lists."""

import re
from datetime import timedelta

import pytest
import time_machine

from readiness.core.types import Finding
from readiness.models import Heartbeat, Rollout, StoredVerdict
from readiness.services.forecasts import refresh_forecast
from readiness.services.holds import call_hold
from tests.factories import (
    NOW,
    PLANS,
    act_as,
    fire,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_all,
    observe_check,
    observe_gate,
    start_phase,
    verify,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
P99 = "canary/abort/gate:checkout-p99-canary/<= 300ms/10s"


@pytest.fixture(autouse=True)
def moment():
    Heartbeat.objects.create(name="worker", beat_at=NOW)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def read(client):
    """Open a page as somebody."""

    def read(path, who="Ana Ruiz"):
        client.force_login(make_person(who))
        answer = client.get(path)
        assert answer.status_code == 200
        return answer

    return read


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def running_quickstart(values=None, **more):
    rollout = make_rollout()
    start_phase(rollout, "canary", **more)
    observe_all(rollout, values=values)
    return rollout


def test_a_rollout_that_nobody_judged_is_no_go(read):
    make_rollout()
    page = read("/rollouts/quickstart/").context["page"]
    assert (page.verdict.word, page.verdict.evaluated_at) == ("NO-GO", None)
    assert page.decision is None
    assert "Phase 1 can’t start" in page.verdict.sentence


def test_dual_memory_says_why_phase_0_cannot_start(read):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    observe_check(
        rollout,
        "checks/check:script-soak",
        finding=Finding.MISSING,
        detail="scripts/run_soak_test.sh does not exist at commit 5d54816",
    )
    judge(rollout)
    answer = read("/rollouts/dual-memory/")
    card = answer.context["page"].verdict
    gaps = [row for row in card.reasons if row.word == "Gap open"]
    assert card.sentence == "Phase 0 can’t start"
    assert card.detail.endswith("5 open gaps are 9 to 13 days of effort")
    assert [row.what.partition(":")[0] for row in gaps][:3] == [
        "No runtime feature flags",
        "Kubernetes deployment variants missing",
        "Load testing infrastructure missing",
    ]
    assert all(row.owner.name and row.clears for row in gaps)
    said = text_of(answer)
    assert "scripts/run_soak_test.sh does not exist at commit 5d54816" in said
    assert "Testing methodology scored 6.5; 7 is required" in said.replace("6.5 of 10", "6.5")


def test_every_reason_of_the_stored_verdict_is_on_the_page(read):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    judge(rollout)
    stored = StoredVerdict.objects.get(rollout=rollout).payload["reasons"]
    card = read("/rollouts/dual-memory/").context["page"].verdict
    leaves = [row for group in card.reasons for row in (group.children or (group,))]
    open_gaps = sum(bool(group.children) and group.word == "Gap open" for group in card.reasons)
    assert len(leaves) + open_gaps == len(stored)
    assert len({row.key for row in leaves}) == len(leaves)


def test_the_board_shows_the_stored_answer_and_never_a_newer_one(read):
    rollout = make_rollout()
    judge(rollout)
    before = read("/rollouts/quickstart/").context["page"].verdict
    Rollout.objects.filter(pk=rollout.pk).update(dirty_changes=2)
    observe_all(rollout)
    after = read("/rollouts/quickstart/")
    assert after.context["page"].verdict.reasons == before.reasons
    assert "2 changes not judged yet" in text_of(after)


def test_a_go_that_ran_out_counts_as_no_go(read):
    rollout = running_quickstart()
    judge(rollout)
    assert read("/rollouts/quickstart/").context["page"].verdict.word == "GO"
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        card = read("/rollouts/quickstart/").context["page"].verdict
    assert (card.word, card.reasons[0].code) == ("NO-GO", "VERDICT_EXPIRED")


def test_a_decision_stands_since_it_was_made_whatever_its_reasons(read):
    rollout = running_quickstart()
    judge(rollout)
    verify(NOW + timedelta(minutes=2))
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    judge(rollout, NOW + timedelta(minutes=2))
    call_hold(rollout.key, act_as(make_person("Ben Okafor")), NOW, reason="the disk fills")
    judge(rollout, NOW + timedelta(minutes=3))
    stored = StoredVerdict.objects.get(question="continue")
    assert stored.since_at == NOW + timedelta(minutes=3)
    assert read("/rollouts/quickstart/").context["page"].verdict.since_at == stored.decided_at
    assert stored.decided_at < stored.since_at


def test_a_go_that_ran_out_is_no_go_since_it_ran_out(read):
    rollout = running_quickstart()
    judge(rollout)
    ran_out = StoredVerdict.objects.get(question="continue").valid_until
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        assert read("/rollouts/quickstart/").context["page"].verdict.since_at == ran_out
        assert read("/").context["page"].rollouts.rows[0].since_at == ran_out
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    judge(rollout, NOW + timedelta(minutes=11))
    assert StoredVerdict.objects.get(question="continue").decided_at == ran_out


def test_what_was_met_does_not_count_once_its_samples_are_too_old(read):
    rollout = running_quickstart(entered_at=NOW - timedelta(hours=2), counted_s=60)
    judge(rollout)
    before = read("/rollouts/quickstart/").context["page"].decision
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        after = read("/rollouts/quickstart/").context["page"].decision
        row = read("/").context["page"].rollouts.rows[0]
    assert after.met < before.met
    assert after.detail == (
        f"{after.met} of {after.total} conditions still count as met; nothing has been judged since {NOW:%H:%M}"
    )
    assert (after.word, row.met) == ("NO-GO", after.met)


def test_reasons_are_counted_one_by_one_beside_their_groups(read):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    judge(rollout)
    reasons = len(StoredVerdict.objects.get(rollout=rollout).payload["reasons"])
    card = read("/rollouts/dual-memory/").context["page"].verdict
    assert card.reason_count == reasons
    assert f", for {reasons} reasons in {len(card.reasons)} groups" in card.detail


def test_a_running_phase_is_asked_first_whether_it_may_continue(read):
    judge(running_quickstart())
    page = read("/rollouts/quickstart/").context["page"]
    assert (page.verdict.sentence, page.verdict.detail) == ("Canary runs", "3 of 3 abort triggers armed, none fires")
    assert page.decision.slim
    assert page.decision.sentence == "Everybody can’t be entered"
    assert page.bar.share == 5.0
    assert page.head.title_word == "GO"


def test_a_hold_is_what_stops_a_phase_without_a_trigger_and_none_is_called_armed(read):
    rollout = make_rollout()
    start_phase(rollout, "prepare")
    observe_all(rollout)
    judge(rollout)
    card = read("/rollouts/quickstart/").context["page"].verdict
    assert (card.word, card.detail) == ("GO", "The plan names no abort trigger for it")
    assert [(line.state, line.word) for line in card.rests_on if line.title == "Abort triggers"] == [
        ("Not due", "None planned")
    ]
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    judge(rollout)
    card = read("/rollouts/quickstart/").context["page"].verdict
    assert card.sentence == "Prepare can’t continue"
    assert card.detail.startswith("Held by Elif Kaya")
    assert card.detail.endswith("“the backup fails”")


def test_a_decision_that_waits_for_time_alone_waits(read):
    rollout = running_quickstart(counted_s=60)
    judge(rollout)
    stored = StoredVerdict.objects.get(rollout=rollout, question="enter")
    stored.payload["reasons"] = [r for r in stored.payload["reasons"] if r["code"] == "PHASE_DWELL"]
    stored.save()
    card = read("/rollouts/quickstart/").context["page"].decision
    assert (card.tone, card.word) == ("waits", "Waits")
    assert card.detail == "Everything else holds. Canary has run 1 min of 2 min"


def test_a_trigger_that_fires_is_the_first_reason_and_the_readers_next_step(read):
    rollout = running_quickstart()
    observe_gate(rollout, P99, 0.4, breached=timedelta(seconds=30))
    judge(rollout)
    page = read("/rollouts/quickstart/", "Elif Kaya").context["page"]
    assert page.verdict.reasons[0].code == "ABORT_FIRING"
    assert page.step.title.startswith("Decide: Checkout latency")
    assert [step.state for step in page.sequence.steps] == ["Not due", "Abort", "Not due"]


def test_a_hold_is_shown_and_only_its_caller_or_the_authority_may_lift_it(read):
    rollout = make_rollout()
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails", role="sre-lead")
    judge(rollout)
    notes = {
        who: read("/rollouts/quickstart/", who).context["page"].head.holds[0]
        for who in ("Elif Kaya", "Ana Ruiz", "Ben Okafor")
    }
    assert notes["Ben Okafor"].reason == "the backup fails"
    assert notes["Ben Okafor"].title == "SRE lead"
    assert [bool(note.lift_url) for note in notes.values()] == [True, True, False]


def test_a_stranger_reads_everything_and_is_told_whom_to_ask(read):
    judge(make_rollout())
    page = read("/rollouts/quickstart/", "Ivo Marsh").context["page"]
    assert page.step.title == "You have no part in this rollout"
    assert "Ana Ruiz" in page.step.why
    assert not page.step.url
    assert not any(row.url for row in page.poll.rows)
    assert page.verdict.reasons


def test_numbers_are_called_old_at_once_when_no_worker_is_there(read):
    judge(make_rollout())
    fresh = read("/rollouts/quickstart/").context["page"].verdict.max_age
    Heartbeat.objects.update(beat_at=NOW - timedelta(seconds=11))
    assert read("/rollouts/quickstart/").context["page"].verdict.max_age < fresh


def test_a_broken_record_is_the_worst_reason(read):
    rollout = make_rollout()
    verify(problem="altered: entry 3 was changed")
    judge(rollout)
    card = read("/rollouts/quickstart/").context["page"].verdict
    assert card.reasons[0].code == "RECORD_BROKEN"
    assert card.reasons[0].url == "/rollouts/quickstart/audit/"


def test_the_board_says_by_when_its_gaps_are_closed_and_then_by_when_the_phase_can_begin(read):
    rollout = make_rollout()
    judge(rollout)
    refresh_forecast(rollout.key, NOW)
    card = read("/rollouts/quickstart/").context["page"].forecast
    assert card.sentence == "Phase 1 can begin by"
    assert [day.words for day in card.days] == ["Tue 9 Dec"]
    assert "It takes for granted that 10 conditions that nobody has estimated are met by then." in card.note
    start_phase(rollout, "prepare", entered_at=NOW, counted_s=0)
    judge(rollout)
    refresh_forecast(rollout.key, NOW)
    page = read("/rollouts/quickstart/").context["page"]
    assert page.forecast.sentence == "Every gap that blocks phase 2 is closed by"
    assert page.gaps.rows[0].effort == page.forecast.days[0].words
    assert page.gaps.rows[0].effort_note.endswith("left")


@pytest.mark.parametrize("count", [1, 3])
def test_a_waiting_board_takes_the_same_queries_whatever_it_lists(count, client, django_assert_num_queries):
    judge(make_small_rollout(count))
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(26):
        client.get("/rollouts/small/")


@pytest.mark.parametrize("count", [1, 3])
def test_a_running_board_takes_the_same_queries_whatever_it_lists(count, client, django_assert_num_queries):
    rollout = make_small_rollout(count)
    run = start_phase(rollout, "canary")
    for n in range(count):
        fire(run, f"canary/abort/gate:gate-{n}/<= 3/0s")
        call_hold(rollout.key, act_as(make_person("Sam Sre")), NOW, reason=f"because {n}")
    judge(rollout)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(31):
        client.get("/rollouts/small/")


def test_a_rollout_that_is_not_there_is_not_found(client):
    client.force_login(make_person("Ana Ruiz"))
    assert client.get("/rollouts/nothing/").status_code == 404
