"""The phase page: claims beside evidence, what can run, what ends and what stops the phase, the ways back."""

from datetime import timedelta

import pytest

from readiness.core.types import Finding
from readiness.services.drills import DrillRun, add_drill
from readiness.services.items import claim_item
from tests.factories import (
    NOW,
    PLANS,
    act_as,
    fire,
    give_role,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_all,
    observe_check,
    observe_gate,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
PREPARE = "/rollouts/quickstart/phases/prepare/"
CANARY = "/rollouts/quickstart/phases/canary/"


def rows_of(card):
    return {row.title: row for group in card.groups for row in group.rows}


def test_an_item_shows_the_claim_and_what_it_still_needs(read):
    rollout = make_rollout()
    elif_kaya = make_person("Elif Kaya")
    claim_item(rollout.key, "prepare/enter/item:runbook-read", act_as(elif_kaya), NOW)
    judge(rollout)
    rows = rows_of(read(PREPARE).context["page"].checklist)
    read_it, tests = rows["I have read the runbook"], rows["The checkout's test suite passes"]
    assert (read_it.state, read_it.claimed_by, read_it.evidence) == ("Attested", "Elif Kaya", "Elif Kaya’s word")
    assert (tests.state, tests.claimed_by) == ("Unclaimed", "")
    assert tests.evidence == "Not claimed. It needs a claim with a JUnit report that passes"
    assert tests.owner.name == "Ben Okafor"


def test_only_who_may_claim_is_led_to_the_sheet(read):
    make_rollout()
    who = {name: read(PREPARE, name).context["page"].checklist for name in ("Ben Okafor", "Elif Kaya", "Ivo Marsh")}
    urls = {name: rows_of(card)["The checkout's test suite passes"].claim_url for name, card in who.items()}
    assert urls["Ben Okafor"].endswith("/claim/prepare/enter/item:tests-pass")
    assert (urls["Elif Kaya"], urls["Ivo Marsh"]) == ("", "")


def test_the_lists_narrow_to_what_is_open_and_to_what_is_mine(read):
    rollout = make_rollout()
    observe_check(rollout, "checks/check:dashboard")
    everything = rows_of(read(PREPARE).context["page"].checklist)
    still_open = rows_of(read(f"{PREPARE}?show=open").context["page"].checklist)
    mine = rows_of(read(f"{PREPARE}?show=mine", "Ben Okafor").context["page"].checklist)
    assert set(everything) - set(still_open) == {"Checkout dashboard"}
    assert {row.owner.name for row in mine.values()} == {"Ben Okafor"}
    card = read(f"{PREPARE}?show=mine", "Ivo Marsh").context["page"].checklist
    assert [one.label for one in card.filters] == ["All", "Not met"]


def test_a_list_of_a_group_counts_its_members(read):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    for name in ("Elif Kaya", "Chloe Martin"):
        give_role(rollout.key, make_person(name), "on-call", kind="group")
    path = "validation/succeed/item:trained-runbook"
    claim_item(rollout.key, path, act_as(make_person("Elif Kaya")), NOW)
    page = read("/rollouts/dual-memory/phases/validation/", "Chloe Martin").context["page"]
    row = rows_of(page.finish)["On-call: read the runbook end to end"]
    assert row.claim_note == "1 of 2 on-call engineers claimed"
    assert row.claim_url


def test_a_command_whose_file_is_missing_cannot_run_and_names_the_gap(read):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    path = "deployments/kubernetes/variants/canary-5pct.yaml"
    detail = f"{path} does not exist at commit 5d54816"
    observe_check(rollout, "checks/check:manifest-canary-5", finding=Finding.MISSING, detail=detail)
    (row,) = read("/rollouts/dual-memory/phases/canary/").context["page"].commands.rows
    assert not row.can_run
    assert [segment.text for segment in row.segments if segment.missing] == [path]
    assert (row.note, row.gap.label) == (detail, "Gap “Kubernetes deployment variants missing”")


def test_commands_of_a_phase_that_was_entered_name_who_confirmed_them(read):
    rollout = make_small_rollout(1)
    start_phase(rollout, "prepare")
    (row,) = read("/rollouts/small/phases/prepare/", "Lea Lead").context["page"].commands.rows
    assert (row.confirmed_by, row.confirmed_at) == ("Ana Ruiz", NOW)


def test_a_phase_that_is_not_near_is_judged_for_the_reader_and_nothing_is_kept(read):
    rollout = make_rollout()
    judge(rollout)
    answer = read("/rollouts/quickstart/phases/full/")
    card = answer.context["page"].verdict
    assert (card.word, card.sentence) == ("NO-GO", "Phase 3 can’t start")
    assert card.reasons
    assert {each.since_at for row in card.reasons for each in (row, *row.children)} == {None}
    assert set(rollout.verdicts.values_list("phase", flat=True)) == {"prepare"}


def test_a_phase_that_only_gates_finish_says_where_they_stand(read):
    judge(make_rollout())
    answer = read(CANARY)
    finish = answer.context["page"].finish
    assert (finish.total, finish.groups) == (0, ())
    assert finish.empty == "Nothing has to be claimed to finish, only 4 gates, which are under Gates to finish"
    assert "0 of 0 met" not in answer.content.decode()


def test_what_people_practise_and_score_is_not_said_to_be_checked_by_machine(read):
    judge(make_rollout((PLANS / "dual-memory.yaml").read_text()))
    groups = read("/rollouts/dual-memory/phases/validation/").context["page"].checklist.groups
    recorded = [row for group in groups for row in group.rows if row.url_label or "Review by" in row.source]
    assert recorded
    assert not any(row.machine for row in recorded)
    assert {row.claim_note for row in recorded} == {"Not recorded yet", "Scored by people"}


def test_the_running_phase_is_asked_whether_it_may_go_on(read):
    rollout = make_rollout()
    start_phase(rollout, "canary", entered_at=NOW - timedelta(hours=2))
    observe_all(rollout)
    judge(rollout)
    page = read(CANARY).context["page"]
    assert (page.verdict.word, page.verdict.sentence) == ("GO", "Canary runs")
    assert page.poll.title == "Poll to enter Everybody"
    assert [row.state for row in page.exit.rows] == ["Passing"] * 4
    assert [row.state for row in page.aborts.rows] == ["Armed"] * 3


def test_a_trigger_says_how_far_it_is_and_people_report_theirs(read):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout)
    observe_gate(rollout, "canary/abort/gate:checkout-p99-canary/<= 300ms/10s", 0.15)
    rows = {row.title: row for row in read(CANARY, "Ben Okafor").context["page"].aborts.rows}
    latency, complaints = rows["Checkout latency, p99, canary cohort"], rows["More than 3 customers complain"]
    assert (latency.way, latency.limit) == (50, "At most 300 ms; stops the phase after 10 s")
    assert complaints.report_url.endswith("/claim/canary/abort/item:complaints")
    rows = {row.title: row for row in read(CANARY, "Ivo Marsh").context["page"].aborts.rows}
    assert rows["More than 3 customers complain"].report_url == ""


def test_a_way_back_is_promised_until_it_was_measured(read):
    rollout = make_rollout()
    before = read(PREPARE).context["page"].levels.rows
    assert [row.word for row in before] == ["Never practised", "Never practised"]
    ran = DrillRun(NOW - timedelta(hours=1), timedelta(seconds=108), True)
    add_drill(rollout.key, "rollback-practised", act_as(make_person("Elif Kaya")), NOW, ran)
    row = read(PREPARE).context["page"].levels.rows[0]
    assert (row.state, row.word, row.measured) == ("Too slow", "", timedelta(seconds=108))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("phase", "queries"), [("prepare", 26), ("canary", 27), ("close", 46)])
def test_a_phase_takes_the_same_queries_whatever_it_lists(
    count, phase, queries, client, at_the_moment, django_assert_num_queries
):
    rollout = make_small_rollout(count)
    run = start_phase(rollout, "prepare")
    for n in range(count):
        fire(run, f"prepare/abort/gate:gate-{n}/<= 3/0s")
    judge(rollout)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(queries):
        client.get(f"/rollouts/small/phases/{phase}/")


def test_a_phase_that_the_plan_does_not_have_is_not_found(client, at_the_moment):
    make_rollout()
    client.force_login(make_person("Ana Ruiz"))
    assert client.get("/rollouts/quickstart/phases/nothing/").status_code == 404
