"""Decision records and the final report: what stood when a run was entered, never what is now."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Question
from readiness.models import (
    Blob,
    Claim,
    Hold,
    Override,
    PhaseRun,
    PlanVersion,
    RecordCheck,
    RoleGrant,
    Rollback,
    SignOff,
    Waiver,
)
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_rollout
from readiness.services.drills import DrillRun, add_drill
from readiness.services.gaps import close_gap_task
from readiness.services.holds import call_hold, lift_hold
from readiness.services.items import claim_item, withdraw_claim
from readiness.services.overrides import ask_override, close_override, confirm_override
from readiness.services.phases import enter_phase, roll_back_phase
from readiness.services.signoffs import Answer, sign_off
from readiness.services.waivers import Terms, ask_waiver, grant_waiver
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NOW,
    OWNER,
    SHA,
    STRANGER,
    act_of,
    adopt,
    document,
    start_phase,
)
from tests.views.acting import browser, make_demo, text_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
REPORT, FINAL = "/rollouts/demo/report/prepare/", "/rollouts/demo/report/close/"
MINUTE = timedelta(minutes=1)
CLOSING = {
    "title": "Close",
    "enter": [{"item": "told", "title": "Told", "owner": "lead", "evidence": "attestation"}],
    "sign_off": {"roles": ["sre", "lead"], "last": "lead"},
}
ITEM = "prepare/enter/item:word"


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        said = {**document(**EMPTY_PHASE), "close": CLOSING}
        yield make_demo({**said, "authority": {"lift_hold": ["lead"], "break_glass": ["lead"], "waive": ["lead"]}})


def sign(phase="prepare"):
    for role, person in (("sre", OWNER), ("lead", LEAD)):
        facts, seen = load_facts(load_rollout("demo"), Question.ENTER), Seen(0, SHA, NOW)
        statement = build_statement(facts, role, person, seen, open_case(facts, Question.ENTER, NOW).judged)
        sign_off("demo", Answer(phase, role, True, "reviewed", "sound", statement.digest, seen), act_of(person), NOW)


@pytest.fixture
def entered():
    claim_item("demo", ITEM, act_of(OWNER), NOW, note="Read in full")
    sign()
    enter_phase("demo", "prepare", act_of(LEAD), NOW + MINUTE, confirmed=(0, 1))
    return PhaseRun.objects.get()


def page_of(path=REPORT, person=MATE):
    answer = browser(person).get(path)
    assert answer.status_code == 200
    return answer.context["page"], text_of(answer)


def test_the_record_of_a_decision_says_who_decided_what_on_which_facts(entered):
    page, text = page_of()
    (run,) = page.runs
    assert (run.title, run.state, run.question) == ("Prepare, run 1", "GO", "May Prepare be entered?")
    facts = {fact.label: (fact.value, fact.note) for fact in run.decided}
    assert facts["Entered by"][0] == "Lea Lead"
    assert facts["In the record"] == ("Entry 3", "")
    assert facts["Facts"][1] == entered.facts
    assert facts["Verdict"][1] == entered.verdict_id
    assert facts["Computed again"][0] == "the same answer, from the facts that were kept"
    assert f"version 1 {PlanVersion.objects.get().digest}" in text
    assert "What Prepare asked for 1 of 1 met, 1 of them by a person’s word" in text
    assert "Olga Owner : attested it (Read in full)" in text.replace("Owner:", "Owner :")


def test_signatures_are_shown_with_meaning_time_role_and_entry(entered):
    (run,) = page_of()[0].runs
    assert [(s.role, s.name, s.state, s.meaning, s.reason, s.entry) for s in run.signatures] == [
        ("SRE lead", "Olga Owner", "GO", "I have reviewed the evidence", "sound", "Entry 1"),
        ("Release lead", "Lea Lead", "GO", "I have reviewed the evidence", "sound", "Entry 2"),
    ]
    assert {s.statement for s in run.signatures} == set(SignOff.objects.values_list("statement", flat=True))
    assert run.signatures[0].held.endswith("Confirmed with password, 0 s before")


def test_it_shows_what_stood_then_when_everything_has_changed_since(entered):
    before = page_of()[0].runs[0]
    withdraw_claim("demo", ITEM, act_of(OWNER), NOW + MINUTE)
    adopt(load_rollout("demo"), {**document(title="Get ready"), "roles": {"sre": "Platform", "lead": "Boss"}})
    RoleGrant.objects.all().delete()
    after = page_of()[0].runs[0]
    assert (after.title, after.groups, after.signatures, after.counts) == (
        before.title,
        before.groups,
        before.signatures,
        before.counts,
    )
    later = next(section for section in after.sections if section.title == "Changed afterwards")
    assert [line.title for line in later.lines] == ["Withdrew a claim: I have read it"]


def test_nothing_that_changed_afterwards_is_said_with_the_entries_it_covers(entered):
    (run,) = page_of()[0].runs
    assert run.sections[-1].empty == "Nothing, from entry 3 to 3"


def test_facts_that_were_altered_are_not_shown_as_if_they_were_those_kept(entered):
    Blob.objects.filter(pk=entered.facts).update(data=b"{}")
    (run,) = page_of()[0].runs
    assert "is not kept here, or was altered" in run.trouble
    assert (run.groups, run.signatures) == ((), ())


def test_a_run_that_a_rollback_began_says_so_and_the_way_back_is_measured(entered):
    start_after(entered, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW + 5 * MINUTE, reason="errors")
    page, _ = page_of()
    assert [(run.state, run.word) for run in page.runs] == [("GO", "GO"), ("Rolled back", "Begun by a rollback")]
    (run,) = page_of("/rollouts/demo/report/canary/")[0].runs
    (back,) = run.rollbacks
    assert (back.state, back.promised, back.took, back.reason, back.entry) == (
        "Unproven", MINUTE, None, "errors", "Entry 4",
    )  # fmt: skip
    Rollback.objects.update(verified_at=NOW + 5 * MINUTE + timedelta(seconds=41))
    (run,) = page_of("/rollouts/demo/report/canary/")[0].runs
    assert (run.rollbacks[0].state, run.rollbacks[0].took) == ("Met", timedelta(seconds=41))
    Rollback.objects.update(verified_at=NOW + 9 * MINUTE)
    assert page_of("/rollouts/demo/report/canary/")[0].runs[0].rollbacks[0].state == "Too slow"


def start_after(run, phase, number=1):
    PhaseRun.objects.filter(pk=run.pk).update(state="succeeded", left_at=NOW + 2 * MINUTE)
    return start_phase(load_rollout("demo"), phase, number, NOW + 2 * MINUTE)


def test_an_overridden_entry_shows_both_people_what_stood_and_who_closed_it():
    RecordCheck.objects.update(problem="entry 4 was altered")
    ask_override("demo", "prepare", act_of(MATE), NOW, reason="it burns")
    confirm_override("demo", Override.objects.get().pk, act_of(LEAD), NOW + MINUTE, confirmed=(0, 1))
    page, text = page_of()
    (run,) = page.runs
    assert (run.state, run.word) == ("Overridden", "NO-GO, overridden")
    assert "I have read it: not claimed" in text
    assert "The record contradicts itself: entry 4 was altered." in text
    assert "Asked by Mia Mate 2025-12-02 14:32 UTC Why “it burns” Confirmed by Lea Lead 2025-12-02 14:33 UTC" in text
    assert "Closed not closed yet" in text
    close_override("demo", Override.objects.get().pk, act_of(LEAD), NOW + 2 * MINUTE, reason="it holds")
    assert "Closed by Lea Lead 2025-12-02 14:34 UTC: “it holds”" in page_of()[1]


def test_a_waiver_is_shown_with_both_people_and_counted_apart():
    ask_waiver("demo", ITEM, Terms("nobody is here", "we read it twice", NOW + timedelta(days=1)), act_of(MATE), NOW)
    grant_waiver("demo", Waiver.objects.latest("pk").pk, act_of(LEAD), NOW)
    sign()
    enter_phase("demo", "prepare", act_of(LEAD), NOW + MINUTE, confirmed=(0, 1))
    page, text = page_of()
    counts = {fact.label: fact.value for fact in page.runs[0].counts}
    assert counts == {
        "Conditions": "1",
        "Met by evidence": "0",
        "By a person’s word": "0",
        "Waived": "1",
        "Not met": "0",
    }
    assert "Waived because nobody is here Instead we read it twice Asked for by Mia Mate" in text


def test_holds_and_drills_and_gaps_stand_in_the_final_report(entered):
    call_hold("demo", act_of(MATE), NOW + 2 * MINUTE, reason="the backup fails")
    lift_hold("demo", Hold.objects.latest("pk").pk, act_of(MATE), NOW + 3 * MINUTE, reason="it ran")
    close_gap_task("demo", "way-back", "1", act_of(OWNER), NOW + 3 * MINUTE)
    add_drill("demo", "practised", act_of(OWNER), NOW + 9 * MINUTE, DrillRun(NOW, timedelta(seconds=150), True, "slow"))
    page, text = page_of(FINAL)
    assert "Mia Mate: “the backup fails” lifted by Mia Mate: “it ran” 2025-12-02 14:34 UTC" in text
    assert "No way back Write the script: Olga Owner, 2025-12-02" in text
    assert "Way back practised took 2 min 30 s of 2 min, by Olga Owner: slow" in text
    assert page.others[1].lines[0].state == "Too slow"


def test_the_final_report_covers_every_run_and_says_whether_it_is_final(entered):
    run = start_after(entered, "canary")
    page, _ = page_of(FINAL)
    assert [record.title for record in page.runs] == ["Prepare, run 1", "Canary, run 1"]
    assert page.lead.startswith("Not closed yet: this is so far.")
    start_after(run, "close")
    PhaseRun.objects.filter(phase="close").update(state="succeeded", left_at=NOW + 4 * MINUTE)
    page, text = page_of(FINAL)
    assert page.title == "Final report: Demo rollout"
    assert page.lead.startswith("Closed on 2 Dec 2025 at 14:34 UTC.")
    assert [line.title for line in page.overview] == ["Prepare, run 1", "Canary, run 1", "Close"]
    summary = {fact.label: fact.value for fact in page.summary}
    assert (summary["Runs"], summary["By a person’s word"], summary["Met by evidence"]) == ("3", "1", "0")
    assert ".venv/bin/python manage.py audit_verify" in text
    board = browser(MATE).get("/rollouts/demo/")
    assert f'href="{FINAL}"' in board.content.decode()


def test_a_phase_that_was_never_entered_has_no_record():
    page, text = page_of("/rollouts/demo/report/canary/")
    assert page.runs == ()
    assert "Canary has not been entered, so there is no decision to show." in text
    assert browser(MATE).get("/rollouts/demo/report/nothing/").status_code == 404


@pytest.mark.parametrize("person", [LEAD, MATE, STRANGER])
def test_whoever_is_signed_in_reads_it_and_nobody_writes_it(entered, person):
    assert page_of(person=person)[0].runs
    assert browser(person).post(REPORT).status_code == 405


def test_nobody_reads_it_without_signing_in(entered):
    assert Client().get(REPORT).status_code == 302


def test_the_page_of_a_phase_leads_to_its_record_once_it_was_entered(entered):
    assert f'href="{REPORT}"' in browser(MATE).get("/rollouts/demo/phases/prepare/").content.decode()
    assert "/report/canary/" not in browser(MATE).get("/rollouts/demo/phases/canary/").content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_the_final_report_takes_the_same_queries_however_many_runs(entered, more, django_assert_num_queries):
    for number in range(more):
        call_hold("demo", act_of(MATE), NOW, reason=f"wait {number}")
        lift_hold("demo", Hold.objects.latest("pk").pk, act_of(MATE), NOW, reason="it ran")
        enter_again(number + 2)
    client = browser(MATE)
    client.get(FINAL)
    with django_assert_num_queries(41):
        client.get(FINAL)


def enter_again(number):
    kept = PhaseRun.objects.first()
    run = start_after(PhaseRun.objects.last(), "prepare", number)
    PhaseRun.objects.filter(pk=run.pk).update(facts=kept.facts, verdict=kept.verdict, verdict_id=kept.verdict_id)
    Claim.objects.filter(path=ITEM).update(note="again")
