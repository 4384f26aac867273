"""Overrides: a phase entered without GO never looks like one, and some things nobody overrides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.facts import FiringFacts, HoldFacts, OverrideFacts, RecordFacts
from readiness.core.overrides import NEVER_OVERRIDDEN, override_refused, record_problem
from readiness.core.phases import incomplete_before
from readiness.core.plan import Phase, Plan
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import Decision, Question, Stage
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import ANA, BEN, NOW, codes, make_facts, make_gate, make_item, make_run, make_trigger, sign_all

OVERRIDE = OverrideFacts(1, "shadow", "Shadow mode", 1, True, ANA, BEN, "the old path burns", NOW - timedelta(hours=1))
PLAN = Plan(
    "shop",
    "Shop",
    "sha256:x",
    phases=tuple(Phase(key, str(n), key.title()) for n, key in enumerate(("prepare", "canary", "full"))),
    close=Phase("close", "", "Close"),
)


def enter(facts):
    return evaluate_verdict(facts, Question.ENTER, NOW)


def proceed(facts):
    return evaluate_verdict(facts, Question.CONTINUE, NOW)


def cleared(**more):
    return sign_all(make_facts(running=make_run(), triggers=[make_trigger()], **more))


def test_an_open_override_of_the_running_run_blocks_both_questions():
    facts = replace(cleared(), overrides=(OVERRIDE,))
    assert (enter(cleared()).decision, proceed(cleared()).decision) == (Decision.GO, Decision.GO)
    for verdict in (enter(facts), proceed(facts)):
        assert (verdict.decision, verdict.stage, codes(verdict)) == (
            Decision.NO_GO,
            Stage.OVERRIDDEN,
            ["PHASE_OVERRIDDEN"],
        )
        assert reason_sentence(verdict.reasons[0]) == (
            "Shadow mode, run 1 was entered without GO by Ana and Ben: “the old path burns”."
        )
        assert verdict.valid_until is None


def test_an_override_of_a_run_that_ended_blocks_what_is_next_until_it_is_closed():
    facts = replace(cleared(), overrides=(replace(OVERRIDE, running=False),))
    assert codes(proceed(facts)) == []
    assert codes(enter(facts)) == ["PHASE_OVERRIDDEN"]


def test_an_abort_is_worse_than_an_override_and_an_override_than_a_hold():
    held = (HoldFacts(ANA, "", "wait", NOW),)
    facts = replace(cleared(), overrides=(OVERRIDE,), holds=held)
    assert proceed(facts).stage is Stage.OVERRIDDEN
    assert codes(proceed(facts)) == ["PHASE_OVERRIDDEN", "HOLD_CALLED"]
    firing = replace(facts, triggers=(make_trigger(0.020),))
    assert proceed(firing).stage is Stage.ABORT


def test_two_people_override_what_was_not_shown():
    facts = make_facts(enter=[make_gate(0.020), make_item()], holds=[HoldFacts(ANA, "", "wait", NOW)])
    assert override_refused(enter(facts)) == ""
    assert len(enter(facts).reasons) > 3


STOPPED = {
    "ABORT_FIRING": {"triggers": [make_trigger(0.020)]},
    "ABORT_UNANSWERED": {"triggers": [make_trigger(firings=[FiringFacts(NOW, NOW)])]},
    "PHASE_OVERRIDDEN": {"overrides": (replace(OVERRIDE, running=False),)},
    "PHASE_INCOMPLETE": {"incomplete": incomplete_before(PLAN, None, "full")},
    "PHASE_CLOSED": {"closed_at": NOW},
}


@pytest.mark.parametrize("code", STOPPED)
def test_nobody_overrides(code):
    verdict = enter(make_facts(running=make_run(), **STOPPED[code]))
    assert code in codes(verdict)
    assert set(STOPPED) == NEVER_OVERRIDDEN
    assert override_refused(verdict).startswith("Breaking glass doesn’t override this: ")


def test_there_is_nothing_to_override_in_a_go():
    assert "nothing to override" in override_refused(enter(cleared()))


def test_a_rollout_is_never_closed_by_breaking_glass():
    facts = make_facts(enter=[make_item()])
    closing = replace(facts, target=replace(facts.target, phase="close", title="Close"))
    assert "never closed" in override_refused(enter(closing))


def test_what_is_wrong_with_the_record_is_said_apart():
    broken = make_facts(record=RecordFacts(NOW, 9, "entry 4 was altered"))
    assert record_problem(enter(broken).reasons) == "The record contradicts itself: entry 4 was altered."
    assert override_refused(enter(broken)) == ""
    old = make_facts(record=RecordFacts(NOW - timedelta(hours=1), 9))
    assert "not verified" in record_problem(enter(old).reasons)
    assert record_problem(enter(make_facts(enter=[make_item()])).reasons) == ""


@pytest.mark.parametrize(
    ("running", "asked", "named"),
    [
        (None, "prepare", []),
        (None, "canary", ["prepare"]),
        (None, "close", ["prepare", "canary", "full"]),
        ("prepare", "canary", []),
        ("prepare", "full", ["prepare", "canary"]),
        ("full", "close", []),
        ("canary", "canary", ["canary"]),
        ("canary", "prepare", ["prepare"]),
    ],
)
def test_every_phase_that_stands_before_the_one_asked_about_is_named(running, asked, named):
    found = incomplete_before(PLAN, running, asked)
    assert [phase.phase for phase in found] == named


def test_a_phase_that_is_not_the_next_one_is_never_go():
    facts = cleared()
    for running, asked in ((None, "full"), ("canary", "canary"), ("full", "prepare")):
        verdict = enter(replace(facts, incomplete=incomplete_before(PLAN, running, asked)))
        assert verdict.decision is Decision.NO_GO
        assert set(codes(verdict)) == {"PHASE_INCOMPLETE"}


def test_why_a_phase_is_not_the_next_one_is_said():
    ahead, behind = incomplete_before(PLAN, "prepare", "full"), incomplete_before(PLAN, "full", "canary")
    said = [reason_sentence(r) for r in enter(replace(cleared(), incomplete=ahead)).reasons]
    assert said == ["Canary has not been completed.", "Prepare runs and has not been completed."]
    (reason,) = enter(replace(cleared(), incomplete=behind)).reasons
    assert reason_sentence(reason) == "Canary isn’t the next phase; Close is."
    assert reason_clears(reason) == "A rollback makes it the next phase again"


def test_a_closed_rollout_answers_no_to_everything_and_says_when_it_was_closed():
    closed = replace(cleared(), running=None, target=None, closed_at=NOW, complete=(), enter=(), triggers=())
    for verdict in (enter(closed), proceed(closed)):
        assert (verdict.decision, codes(verdict)) == (Decision.NO_GO, ["PHASE_CLOSED"])
        assert reason_sentence(verdict.reasons[0]) == "The rollout was closed on 2025-12-08 09:00 UTC."


def test_nothing_that_does_not_run_may_go_on():
    verdict = proceed(make_facts())
    assert (verdict.decision, codes(verdict)) == (Decision.NO_GO, ["PHASE_INCOMPLETE"])
    assert reason_sentence(verdict.reasons[0]) == "Canary has not been entered, so nothing runs."
