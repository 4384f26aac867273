"""Waivers in the verdict: what they excuse, until when, and that none yields a GO that was not earned."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.answers import verdict_as_read
from readiness.core.assess import assess_condition
from readiness.core.canonical import canonical_bytes, parse_canonical
from readiness.core.case import open_case
from readiness.core.codec import from_plain, to_plain
from readiness.core.conditions import ConditionList, EvidenceDemand
from readiness.core.facts import Facts, WaiverFacts
from readiness.core.reasons import reason_clears, reason_sentence, reason_word
from readiness.core.statements import Seen, build_statement, waived_conditions
from readiness.core.types import Decision, Finding, Outcome, Question
from readiness.core.verdict import evaluate_verdict
from readiness.core.waivers import may_be_waived, waived_definition
from tests.core.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    NOW,
    codes,
    make_check,
    make_claim,
    make_drill,
    make_facts,
    make_gap,
    make_gate,
    make_item,
    make_review,
    make_run,
    make_trigger,
    sign_all,
)

ENDS = NOW + timedelta(hours=2)
UNMET = {
    "a breached gate": make_gate(0.018, key="slow"),
    "a gate that was never measured": replace(make_gate(key="unseen"), gate=None),
    "a missing file": make_check(Finding.MISSING),
    "an unclaimed item": make_item(),
    "a drill that was never run": make_drill(),
    "a review below its score": make_review(6.5),
}
PLACES = {
    "enter": lambda bad: make_facts(enter=[make_gate(key="other"), bad]),
    "complete": lambda bad: make_facts(complete=[bad], running=make_run()),
    "gap": lambda bad: make_facts(gaps=[make_gap(bad)]),
}


def make_waiver(facts, *, by=ANA, expires_at=ENDS, number=7, granted_at=NOW - timedelta(hours=1)):
    return WaiverFacts(
        id=number,
        definition=waived_definition(facts),
        reason="The sandbox has no paging",
        measure="Chloe watches it by hand",
        asked_by=by,
        asked_at=NOW - timedelta(hours=3),
        granted_by=BEN,
        granted_at=granted_at,
        expires_at=expires_at,
    )


def waive(facts, **more):
    return replace(facts, waiver=make_waiver(facts, **more))


def enter(facts, now=NOW):
    return evaluate_verdict(facts, Question.ENTER, now)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", UNMET)
def test_what_is_waived_counts_and_is_never_called_met(what, place):
    verdict = enter(sign_all(PLACES[place](waive(UNMET[what]))))
    assert (verdict.decision, verdict.reasons) == (Decision.GO, ())
    (waived,) = [a for a in verdict.assessments if a.path == UNMET[what].condition.path]
    assert (waived.outcome, waived.code, waived.expires_at, waived.attested) == (Outcome.WAIVED, "", ENDS, False)


def test_what_was_found_stays_in_sight():
    assert assess_condition(waive(make_gate(0.018)), NOW).found == assess_condition(make_gate(0.018), NOW).found


def test_a_condition_stays_waived_while_it_happens_to_be_met():
    assert assess_condition(waive(make_gate()), NOW).outcome is Outcome.WAIVED
    word = make_item(make_claim(), demand=EvidenceDemand.ATTESTATION)
    assert assess_condition(waive(word), NOW).attested is False


def test_a_waiver_ends_exactly_at_its_time():
    facts = waive(make_review(6.5))
    assert assess_condition(facts, ENDS - timedelta(microseconds=1)).outcome is Outcome.WAIVED
    ended = assess_condition(facts, ENDS)
    assert (ended.outcome, ended.code) == (Outcome.NOT_MET, "WAIVER_EXPIRED")


def test_a_waiver_counts_from_the_moment_it_is_granted():
    facts = waive(make_review(6.5), granted_at=NOW)
    assert assess_condition(facts, NOW - timedelta(microseconds=1)).code == "REVIEW_BELOW_SCORE"
    assert assess_condition(facts, NOW).outcome is Outcome.WAIVED


@pytest.mark.parametrize("place", PLACES)
def test_an_expired_waiver_is_no_go_and_says_so(place):
    facts = sign_all(PLACES[place](waive(make_review(6.5), expires_at=NOW - timedelta(minutes=12))))
    (reason,) = [r for r in enter(facts).reasons if r.code == "WAIVER_EXPIRED"]
    assert reason_sentence(reason) == "Testing is no longer waived: its time ran out 12 min ago; 6.5 of 10."
    assert (reason_word(reason), reason_clears(reason)) == ("Expired", "It is met, or waived again")


def test_what_is_met_needs_its_expired_waiver_no_more():
    facts = waive(make_review(8.0), expires_at=NOW)
    assert assess_condition(facts, NOW).outcome is Outcome.MET


def test_a_go_runs_out_with_its_waiver_though_no_worker_runs():
    facts = sign_all(make_facts(enter=[waive(make_review(6.5), expires_at=NOW + timedelta(seconds=30))]))
    verdict = enter(facts)
    assert verdict.valid_until == NOW + timedelta(seconds=30)
    assert verdict_as_read(verdict, NOW + timedelta(seconds=29)).decision is Decision.GO
    read = verdict_as_read(verdict, NOW + timedelta(seconds=30))
    assert (read.decision, codes(read)) == (Decision.NO_GO, ["VERDICT_EXPIRED"])


def test_a_waiver_counts_no_more_once_the_plan_asks_something_else():
    waived = waive(make_review(6.5))
    eased = make_review(6.5, min_score=6.8)
    found = assess_condition(replace(eased, waiver=waived.waiver), NOW)
    assert (found.outcome, found.code) == (Outcome.NOT_MET, "WAIVER_EXPIRED")
    assert found.found == "the plan now asks something else; 6.5 of 10"


def test_a_waiver_of_an_item_counts_no_more_once_what_proves_it_asks_something_else():
    item = waive(make_item(proofs=[make_check(Finding.MISSING)]))
    proof = make_check(Finding.MISSING)
    moved = replace(proof.condition, check=replace(proof.condition.check, settings={"path": "elsewhere.md"}))
    changed = replace(item, proofs=(replace(proof, condition=moved),))
    assert assess_condition(item, NOW).outcome is Outcome.WAIVED
    assert assess_condition(changed, NOW).code == "WAIVER_EXPIRED"


def test_abort_triggers_are_never_waived():
    trigger = make_trigger(0.030)
    waived = replace(trigger, facts=waive(trigger.facts))
    assert not may_be_waived(waived.facts.condition)
    assert assess_condition(waived.facts, NOW).code == "GATE_BREACHED"
    facts = make_facts(triggers=[waived], running=make_run())
    assert codes(evaluate_verdict(facts, Question.CONTINUE, NOW)) == ["ABORT_FIRING"]


def test_what_proves_a_claim_is_never_waived():
    proof = make_check(Finding.MISSING)
    proof = replace(proof, condition=replace(proof.condition, list=ConditionList.PROOF))
    item = make_item(make_claim(), demand=EvidenceDemand.NONE, proofs=[waive(proof)])
    assert assess_condition(item, NOW).code == "CLAIM_CONTRADICTED"


def test_granting_and_revoking_void_the_signatures_that_cover_it():
    plain, waived = make_gate(0.018), waive(make_gate(0.018))
    signed = sign_all(make_facts(enter=[plain]))
    assert {"SIGN_OFF_VOID"} == set(codes(enter(replace(signed, enter=(waived,)))))
    signed = sign_all(make_facts(enter=[waived]))
    assert set(codes(enter(replace(signed, enter=(plain,))))) == {"GATE_BREACHED", "SIGN_OFF_VOID"}
    other = replace(waived, waiver=replace(waived.waiver, id=8))
    assert {"SIGN_OFF_VOID"} == set(codes(enter(replace(signed, enter=(other,)))))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(sorted(UNMET)), min_size=1, max_size=4, unique=True), st.data())
def test_taking_a_waiver_away_never_yields_go(names, data):
    waived = [waive(UNMET[name]) for name in names]
    facts = sign_all(make_facts(enter=waived))
    gone = data.draw(st.integers(0, len(waived) - 1))
    without = replace(facts, enter=(*waived[:gone], replace(waived[gone], waiver=None), *waived[gone + 1 :]))
    assert enter(facts).decision is Decision.GO
    assert enter(without).decision is Decision.NO_GO
    assert enter(sign_all(without)).decision is Decision.NO_GO


def test_who_asked_for_a_waiver_cannot_be_the_only_one_to_sign_for_its_condition():
    asked_by_owner = sign_all(make_facts(enter=[waive(make_gate(0.018), by=BEN)]))
    assert enter(asked_by_owner).decision is Decision.GO
    unowned = make_gate(0.018)
    unowned = waive(replace(unowned, condition=replace(unowned.condition, owner=None)), by=DEV)
    verdict = enter(sign_all(make_facts(enter=[unowned])))
    assert codes(verdict) == ["SIGN_OFF_NOT_INDEPENDENT"]
    assert verdict.reasons[0].key == "recall-p99"


def test_a_statement_lists_the_waivers_of_its_part():
    mine = waive(make_gate(0.018))
    theirs = waive(make_check(Finding.MISSING), by=CHLOE, number=9)
    theirs = replace(theirs, condition=replace(theirs.condition, owner="sre-lead"))
    theirs = replace(theirs, waiver=make_waiver(theirs, by=CHLOE, number=9))
    facts = make_facts(enter=[mine, theirs, make_gate(key="other")])
    judged = open_case(facts, Question.ENTER, NOW).judged
    said = {
        role: parse_canonical(build_statement(facts, role, "u:2", Seen(3, "sha256:r", NOW), judged).data)["waivers"]
        for role in ("backend-lead", "sre-lead", "release-manager")
    }
    assert [line["id"] for line in said["backend-lead"]] == [7]
    assert [line["id"] for line in said["release-manager"]] == [7, 9]
    assert said["sre-lead"] == [
        {
            "path": theirs.condition.path,
            "id": 9,
            "reason": "The sandbox has no paging",
            "measure": "Chloe watches it by hand",
            "asked_by": "u:3",
            "granted_by": "u:2",
            "expires_at": "2025-12-08T11:00:00.000000Z",
        }
    ]
    assert [c.condition.key for c in waived_conditions(facts, "sre-lead", judged)] == ["runbook"]


def test_waived_facts_give_the_same_bytes_again():
    facts = sign_all(make_facts(enter=[waive(make_gate(0.018))]))
    again = from_plain(Facts, to_plain(facts))
    assert canonical_bytes(to_plain(enter(again))) == canonical_bytes(to_plain(enter(facts)))


def test_a_waiver_excuses_a_live_condition_that_fails_for_long():
    failing = replace(make_gate(0.018), failing_since=NOW - timedelta(days=1))
    waived = replace(failing, waiver=make_waiver(failing))
    assert evaluate_verdict(sign_all(make_facts(enter=[waived])), Question.ENTER, NOW).decision is Decision.GO
