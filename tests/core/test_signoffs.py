"""The poll: who may count for what, and that nobody decides alone."""

from dataclasses import replace

import pytest

from readiness.core.facts import TargetFacts
from readiness.core.plan import SignOffRule
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import (
    ANA,
    BEN,
    DEV,
    NOW,
    codes,
    make_check,
    make_claim,
    make_drill,
    make_evidence,
    make_facts,
    make_gate,
    make_item,
    make_ran,
    make_review,
    sign_all,
)

ALONE = SignOffRule(("release-manager",), "release-manager")


def enter(facts):
    return evaluate_verdict(facts, Question.ENTER, NOW)


def polled(rule, *conditions, **more):
    return sign_all(make_facts(enter=conditions, target=TargetFacts("canary", "Canary", 1, rule), **more))


def test_one_person_alone_with_machines_is_no_go_from_the_start():
    facts = polled(ALONE, make_gate())
    (reason,) = enter(facts).reasons
    assert reason.code == "SIGN_OFF_UNDEFINED"
    assert reason_sentence(reason) == "Canary polls one role only, and nobody else has a part in it."
    assert reason_clears(reason) == "The plan polls two roles"
    assert "SIGN_OFF_UNDEFINED" in codes(enter(replace(facts, signatures=())))


@pytest.mark.parametrize("facts", [make_item(make_claim(make_evidence())), make_drill(make_ran()), make_review()])
def test_one_role_is_enough_where_somebody_else_did_the_work(facts):
    assert enter(polled(ALONE, facts)).decision is Decision.GO


def test_one_role_is_enough_where_somebody_else_changed_what_is_asked():
    assert enter(polled(ALONE, replace(make_gate(), changed_by=(ANA,)))).decision is Decision.GO


def test_in_a_rehearsal_one_person_decides_alone():
    assert enter(polled(ALONE, make_gate(), rehearsal=True)).decision is Decision.GO


@pytest.mark.parametrize(
    "worked_on",
    [
        make_drill(replace(make_ran(), by=DEV)),
        replace(make_review(), review=replace(make_review().review, by=DEV)),
        make_item(make_claim(make_evidence()), proofs=[make_drill(replace(make_ran(), by=DEV))]),
    ],
)
def test_who_ran_a_drill_or_gave_a_score_cannot_be_the_only_one_to_sign_for_it(worked_on):
    both = SignOffRule(("sre-lead", "release-manager"), "release-manager")
    assert codes(enter(polled(both, make_gate(), worked_on))) == ["SIGN_OFF_NOT_INDEPENDENT"]
    owner = SignOffRule(("backend-lead", "release-manager"), "release-manager")
    assert enter(polled(owner, make_gate(), worked_on)).decision is Decision.GO


def test_who_recorded_the_proof_of_an_unproven_tick_is_known():
    proven = make_item(make_claim(make_evidence(), by=BEN), proofs=[make_check()])
    assert enter(polled(ALONE, proven)).decision is Decision.GO
