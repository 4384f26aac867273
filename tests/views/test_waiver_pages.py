"""Waivers on the pages: who sees what of them where, how much time is left, and never as met."""

from datetime import timedelta

import pytest
import time_machine

from readiness.models import StoredVerdict, Waiver
from readiness.queries.plans import load_plan
from readiness.queries.regions import card_digests
from readiness.services.waivers import Terms, ask_waiver, grant_waiver
from tests.factories import (
    NOW,
    act_as,
    give_role,
    judge,
    make_person,
    make_small_rollout,
    observe_gate,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ENDS = NOW + timedelta(days=3, hours=1)
TERMS = Terms("The sandbox has no paging.", "Sam watches it by hand.", ENDS)
BOARD, PHASE, GAPS = "/rollouts/small/", "/rollouts/small/phases/prepare/", "/rollouts/small/gaps/"
SRE, LEAD, MEMBER, STRANGER = "Sam Sre", "Lea Lead", "Mia Mate", "Stan Stranger"


@pytest.fixture
def rollout(at_the_moment):
    made = make_small_rollout(1)
    give_role("small", make_person(MEMBER), "", kind="member")
    return made


def conditions(rollout, place="prepare"):
    """Give the paths of what one place asks for."""
    plan = load_plan(rollout)
    phase = next(each for each in plan.phases if each.key == "prepare")
    found = phase.enter if place == "prepare" else plan.gaps[0].closed_when
    return {f"{c.kind}:{c.key}": c.path for c in found}


def ask(rollout, path, *, terms=TERMS, by=SRE):
    ask_waiver(rollout.key, path, terms, act_as(make_person(by)), NOW)
    return Waiver.objects.latest("pk")


def waive(rollout, path, **more):
    row = ask(rollout, path, **more)
    grant_waiver(rollout.key, row.pk, act_as(make_person(LEAD)), NOW)
    return row


def row_of(answer, title):
    """Give the row of a condition in what fills a phase's page."""
    page = answer.context["page"]
    return next(row for group in page.checklist.groups for row in group.rows if row.title == title)


def test_an_unmet_row_offers_members_to_ask_and_strangers_nothing(rollout, read):
    path = conditions(rollout)["item:item-0"]
    assert row_of(read(PHASE, MEMBER), "Item 0").waiver.ask_url == f"/rollouts/small/waive/{path}"
    assert row_of(read(PHASE, STRANGER), "Item 0").waiver is None
    assert row_of(read(PHASE, MEMBER), "File 0").waiver is None


@pytest.mark.parametrize(
    ("who", "label", "way"),
    [(LEAD, "Grant or decline", "waivers/{pk}/"), (SRE, "Take it back", "waivers/{pk}/end/"), (MEMBER, "", "")],
)
def test_what_is_asked_for_stands_beside_its_row_with_what_the_reader_may_do(rollout, read, who, label, way):
    row = ask(rollout, conditions(rollout)["item:item-0"])
    answer = read(PHASE, who)
    shown = row_of(answer, "Item 0")
    assert (shown.state, shown.waiver.granted, shown.waiver.name) == ("Unclaimed", False, SRE)
    assert (shown.waiver.url_label, shown.waiver.ask_url) == (label, "")
    assert shown.waiver.url == (f"/rollouts/small/{way.format(pk=row.pk)}" if way else "")
    assert "Sam Sre asks to waive it until 11 Dec" in answer.text
    assert "“The sandbox has no paging.” Instead: Sam watches it by hand." in answer.text


def test_a_waived_row_says_by_whom_until_when_and_what_is_done_instead(rollout, read):
    waive(rollout, conditions(rollout)["item:item-0"])
    answer = read(PHASE, LEAD)
    shown = row_of(answer, "Item 0")
    assert (shown.state, shown.claim_note, shown.waiver.until_at) == ("Waived", "Waived, no claim needed", ENDS)
    assert "Waived by Lea Lead until 11 Dec , 3 days left ." in answer.text
    assert shown.waiver.url_label == "End the waiver"


def test_what_is_waived_is_counted_apart_and_never_as_met(rollout, read):
    before = read(PHASE, LEAD).context["page"].checklist
    waive(rollout, conditions(rollout)["item:item-0"])
    after = read(PHASE, LEAD).context["page"].checklist
    assert (after.met, after.total, after.note) == (before.met, before.total, "1 waived")
    still_open = read(f"{PHASE}?show=open", LEAD).context["page"].checklist.groups
    assert "Item 0" not in [row.title for group in still_open for row in group.rows]


def test_a_waived_gate_is_not_called_passing_and_its_trace_still_says_why(rollout, read):
    path = conditions(rollout)["gate:gate-0"]
    observe_gate(rollout, path, 7, NOW, breached=timedelta(minutes=5))
    waive(rollout, path)
    (row,) = read(BOARD, LEAD).context["page"].gates.rows
    assert (row.state, row.left_at) == ("Waived", ENDS)
    page = read("/rollouts/small/gates/gate-0/", LEAD).context["page"]
    assert (page.gate.state, page.trace.title) == ("Waived", "Why it’s failing")
    assert [step.state for step in page.trace.steps] == ["Met", "Met", "Failing", "Not due"]
    assert [use.waiver.granted for use in page.uses if use.state == "Waived"] == [True]


def test_the_board_says_what_is_waived_while_the_answer_is_no(rollout, read):
    waive(rollout, conditions(rollout)["item:item-0"])
    judge(rollout)
    answer = read(BOARD, LEAD)
    card = answer.context["page"].verdict
    (line,) = card.waivers
    assert (card.word, card.waived, line.title, line.state, line.left_at) == ("NO-GO", 1, "Item 0", "Waived", ENDS)
    assert "1 is waived" in card.detail
    assert "Instead: Sam watches it by hand." in answer.text
    assert "by Lea Lead, 3 days left" in answer.text


def test_the_verdict_page_lists_what_is_waived(rollout, read):
    waive(rollout, conditions(rollout)["item:item-0"])
    judge(rollout)
    (computation,) = read("/rollouts/small/verdict/", LEAD).context["page"].computations
    assert [line.title for line in computation.verdict.waivers] == ["Item 0"]


def test_a_go_rests_on_its_waivers(rollout, read):
    waive(rollout, conditions(rollout)["item:item-0"])
    judge(rollout)
    stored = StoredVerdict.objects.get()
    said = {"decision": "GO", "stage": "CLEARED", "reasons": [], "valid_until": "2025-12-08T09:31:00.000000Z"}
    stored.payload |= said
    stored.save()
    card = read(BOARD, LEAD).context["page"].verdict
    assert (card.word, card.waivers) == ("GO", ())
    assert "1 is waived" in card.detail
    assert [(line.title, line.left_at) for line in card.rests_on if line.state == "Waived"] == [("Item 0", ENDS)]
    conditions_line = next(line for line in card.rests_on if line.title == "Conditions")
    assert conditions_line.note.startswith(f"{card.met} of {card.total} met")
    assert card.met < card.total


def test_a_gap_closed_by_a_waiver_is_called_waived(rollout, read):
    path = conditions(rollout, "gap")["item:shown-0"]
    rollout.closures.create(gap="gap-0", task="t0", closed_at=NOW, by_id="u:1", by_name=SRE)
    waive(rollout, path)
    page = read(GAPS, LEAD).context["page"]
    (card,) = page.cards
    assert (card.state, card.counted, card.waived) == ("Waived", "1 of 2 proven", 1)
    assert [line.state for line in card.conditions] == ["Met", "Waived"]
    assert card.conditions[1].waiver.until_at == ENDS


@pytest.mark.parametrize(("who", "decides"), [(LEAD, True), (SRE, False), (MEMBER, False)])
def test_the_next_step_of_who_may_grant_is_to_decide(rollout, read, who, decides):
    row = ask(rollout, conditions(rollout)["item:item-0"])
    step = read(BOARD, who).context["page"].step
    assert (step.title == "Decide: waive “Item 0”?") == decides
    if decides:
        assert step.why == "Sam Sre asks to waive it until 10:30 UTC on 11 Dec: “The sandbox has no paging.”"
        assert (step.url, step.label) == (f"/rollouts/small/waivers/{row.pk}/", "Grant or decline")


def test_nobody_is_asked_to_decide_on_their_own_wish(rollout, read):
    ask(rollout, conditions(rollout)["item:item-0"], by=LEAD)
    assert "Decide" not in read(BOARD, LEAD).context["page"].step.title


def test_the_sheet_to_sign_shows_the_waivers_and_asks_for_a_reason(rollout, read):
    url = "/rollouts/small/sign-off/prepare/?role=sre"
    assert read(url, SRE).context["page"].sheet.reason_needed == ""
    waive(rollout, conditions(rollout)["item:item-0"], by=MEMBER)
    answer = read(url, SRE)
    sheet = answer.context["page"].sheet
    assert sheet.reason_needed == "You sign over a waiver, so say why."
    assert (sheet.waived, "1 waived" in sheet.statement) == (1, True)
    (fact,) = [fact for fact in sheet.facts if fact.state == "Waived"]
    assert (fact.title, fact.waiver.name, fact.waiver.url) == ("Item 0", LEAD, "")


def test_a_waiver_that_ran_out_is_named_as_the_reason_and_can_be_asked_for_again(rollout, read):
    path = conditions(rollout)["item:item-0"]
    waive(rollout, path)
    began, ended = NOW - timedelta(days=1), NOW - timedelta(minutes=4)
    Waiver.objects.update(asked_at=began, granted_at=began, expires_at=ended)
    judge(rollout)
    answer = read(PHASE, MEMBER)
    shown = row_of(answer, "Item 0")
    assert (shown.state, shown.waiver.ask_url) == ("Expired", f"/rollouts/small/waive/{path}")
    what = [child.what for row in read(BOARD, LEAD).context["page"].verdict.reasons for child in (row, *row.children)]
    assert "Item 0 is no longer waived: its time ran out 4 min ago; not claimed" in what


def test_the_time_that_is_left_changes_no_region(rollout, read, client):
    """It counts down in the page; only what happens is fetched again."""
    waive(rollout, conditions(rollout)["item:item-0"])
    answer = read(PHASE, LEAD)
    seen = card_digests(answer.context["page"])["checklist"]
    with time_machine.travel(NOW + timedelta(seconds=50), tick=False):
        assert card_digests(client.get(PHASE).context["page"])["checklist"] == seen


@pytest.mark.parametrize("path", [BOARD, PHASE, GAPS, "/rollouts/small/sign-off/prepare/?role=sre"])
def test_waivers_cost_no_query_however_many(path, at_the_moment, client, django_assert_max_num_queries):
    counts = []
    for count in (1, 3):
        rollout = make_small_rollout(count, f"small-{count}")
        for n in range(count):
            waive(rollout, conditions(rollout)[f"item:item-{n}"])
        ask(rollout, conditions(rollout, "gap")["item:shown-0"])
        judge(rollout)
        client.force_login(make_person(LEAD))
        with django_assert_max_num_queries(40) as captured:
            assert client.get(path.replace("small/", f"small-{count}/")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
