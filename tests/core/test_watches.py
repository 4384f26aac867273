"""The closer watch: gates that stop the phase in its first hours, and a phase that cannot be left before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.aborts import TriggerState, trigger_state
from readiness.core.conditions import AbortSpec, Condition, ConditionKind, ConditionList, GateSpec
from readiness.core.facts import ConditionFacts, TriggerFacts
from readiness.core.plan import Phase, Plan, RollbackLevel, SignOffRule, Watch
from readiness.core.reasons import reason_sentence
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.core.watches import is_watched, watch_conditions, watch_lasts_s
from readiness.core.watchlist import watchlist
from tests.core.builders import NOW, codes, make_facts, make_gate, make_run, sign_all

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SPEC = GateSpec("metrics", "q", "s", (("<= 15ms",),), hold_for=10 * MINUTE, every=timedelta(seconds=15))
GATE = Condition("gate:p99", ConditionKind.GATE, "p99", "Latency", "sre", "", ConditionList.PROOF, gate=SPEC)
TRIGGER = replace(GATE, path="canary/abort/gate:p99", list=ConditionList.ABORT, abort=AbortSpec("sre", "partial"))
LEVELS = (
    RollbackLevel("partial", "Partial", 10 * MINUTE, "previous"),
    RollbackLevel("off", "Off", MINUTE, "previous"),
)
CANARY = Phase(
    "canary",
    "2",
    "Canary",
    watch=Watch(2 * HOUR, 5 * MINUTE, ("p99", "gone")),
    sign_off=SignOffRule(("lead",), "lead"),
    abort=(TRIGGER,),
)
PLAN = Plan("shop", "Shop", "sha256:x", gates=(GATE,), rollbacks=LEVELS, phases=(Phase("prepare", "1", "P"), CANARY))


def closer(phase=CANARY, plan=PLAN):
    (condition,) = watch_conditions(plan, phase)
    return condition


def test_a_gate_of_the_watch_is_an_abort_trigger_that_stops_at_once():
    condition = closer()
    assert (condition.path, condition.list) == ("canary/abort/gate:p99/watch", ConditionList.ABORT)
    assert (condition.gate.hold_for, condition.gate.expect) == (timedelta(0), (("<= 15ms",),))
    assert (condition.abort.decided_by, condition.abort.roll_back) == ("sre", "partial")


@pytest.mark.parametrize(("every", "looked_at"), [(5 * MINUTE, 15), (timedelta(seconds=5), 5)])
def test_it_is_looked_at_as_often_as_the_watch_says_or_oftener(every, looked_at):
    phase = replace(CANARY, watch=replace(CANARY.watch, every=every))
    assert closer(phase).gate.every == timedelta(seconds=looked_at)


def test_without_a_trigger_of_its_own_the_phase_takes_the_fastest_way_back():
    assert closer(replace(CANARY, abort=())).abort.roll_back == "off"


def test_a_gate_without_an_owner_is_decided_by_whoever_answers_last():
    assert closer(plan=replace(PLAN, gates=(replace(GATE, owner=None),))).abort.decided_by == "lead"


@pytest.mark.parametrize("phase", [None, PLAN.phases[0]])
def test_a_phase_without_a_watch_has_no_closer_trigger(phase):
    assert watch_conditions(PLAN, phase) == ()


def test_closer_triggers_are_observed_before_the_phase_begins_and_while_it_runs():
    for running, following in (("prepare", "canary"), ("canary", None)):
        paths = {watched.path: watched for watched in watchlist(PLAN, running, following)}
        assert paths["canary/abort/gate:p99/watch"].abort
        assert paths["canary/abort/gate:p99/watch"].of_running is (running == "canary")


def test_it_fires_on_the_first_breach_that_the_ordinary_trigger_would_wait_for():
    seen = make_gate(0.018).gate
    for condition, state in ((closer(), TriggerState.FIRING), (TRIGGER, TriggerState.BREACHED)):
        trigger = TriggerFacts(ConditionFacts(condition, gate=seen), running=True)
        assert trigger_state(trigger, NOW) is state


def test_the_watch_cannot_be_left_early():
    run = replace(make_run(), dwell_s=0, watch_s=watch_lasts_s(CANARY))
    done, early = (sign_all(make_facts(running=replace(run, dwelt_s=seconds))) for seconds in (7200, 1200))
    assert evaluate_verdict(done, Question.ENTER, NOW).decision is Decision.GO
    verdict = evaluate_verdict(early, Question.ENTER, NOW)
    assert (verdict.decision, codes(verdict)) == (Decision.NO_GO, ["PHASE_DWELL"])
    assert reason_sentence(verdict.reasons[0]) == "The closer watch of Shadow mode has run 20 min of 2 h."
    assert evaluate_verdict(early, Question.CONTINUE, NOW).decision is Decision.GO


def test_dwell_and_watch_are_told_apart():
    facts = make_facts(running=replace(make_run(dwelt=HOUR), watch_s=7200))
    found = [r for r in evaluate_verdict(facts, Question.ENTER, NOW).reasons if r.code == "PHASE_DWELL"]
    assert [reason_sentence(reason) for reason in found] == [
        "Shadow mode has run 1 h of 7 days.",
        "The closer watch of Shadow mode has run 1 h of 2 h.",
    ]


def test_a_watch_is_over_at_its_end():
    run = make_run()
    assert is_watched(replace(run, dwelt_s=7199, watch_s=7200))
    assert not is_watched(replace(run, dwelt_s=7200, watch_s=7200))
    assert not is_watched(run)
