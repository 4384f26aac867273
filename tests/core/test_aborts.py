"""Abort triggers: what they say when nobody looks, and until when their silence may be believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.aborts import TriggerState, blind_from, describe_trigger, trigger_state, unarmed_because
from readiness.core.conditions import Against
from readiness.core.facts import FiringFacts
from readiness.core.types import GateObservation, Question, Trouble
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import NOW, make_facts, make_reading, make_run, make_trigger

MINUTE = timedelta(minutes=1)


def proceed(*triggers, now=NOW):
    return evaluate_verdict(make_facts(triggers=triggers, running=make_run()), Question.CONTINUE, now)


def test_a_trigger_that_nobody_looks_at_any_more_goes_blind_by_the_clock():
    """Its sample counts for two minutes; ten minutes after that nobody would notice if it should fire."""
    watched = make_trigger()
    assert blind_from(watched, NOW) == NOW - timedelta(seconds=5) + 2 * MINUTE
    for later, state in ((11 * MINUTE, TriggerState.QUIET), (12 * MINUTE, TriggerState.BLIND)):
        assert trigger_state(watched, NOW + later) is state


def test_a_trigger_that_could_not_be_read_is_blind_from_when_it_was_asked():
    failed = make_trigger(observation=GateObservation(make_reading(trouble=Trouble.SOURCE_ERROR, message="away")))
    assert blind_from(failed, NOW) == NOW
    assert trigger_state(failed, NOW + 10 * MINUTE) is TriggerState.BLIND
    assert describe_trigger(failed, NOW + 3 * MINUTE) == "away; not evaluated for 3 min"


def test_a_trigger_that_was_never_measured_and_nobody_knows_since_when_is_blind():
    unseen = make_trigger()
    unseen = replace(unseen, facts=replace(unseen.facts, gate=None))
    assert trigger_state(unseen, NOW) is TriggerState.BLIND
    assert trigger_state(replace(unseen, blind_since=NOW - MINUTE), NOW) is TriggerState.QUIET


def test_a_go_to_continue_runs_out_with_the_answer_that_keeps_a_trigger_silent():
    until = NOW + timedelta(seconds=40)
    answered = make_trigger(firings=[FiringFacts(NOW - 9 * MINUTE, None, "continue", until)])
    assert proceed(answered).valid_until == until


def test_a_breach_that_is_tolerated_speaks_when_the_last_answer_runs_out():
    until = NOW + timedelta(seconds=40)
    answered = make_trigger(0.030, firings=[FiringFacts(NOW - 9 * MINUTE, NOW - 8 * MINUTE, "continue", until)])
    assert proceed(answered).valid_until == until
    assert [r.code for r in proceed(answered, now=until).reasons] == ["ABORT_FIRING"]


CONTROL = Against(query="control", title="the control")


def on_entry(comparand):
    seen = GateObservation(make_reading(), comparand=comparand)
    return make_trigger(running=False, on_entry=True, expect="<= +5%", against=CONTROL, observation=seen)


def test_what_only_the_next_phase_feeds_needs_its_control_now():
    assert unarmed_because(on_entry(make_reading(("", 0.01))), NOW) == ""


@pytest.mark.parametrize(
    ("comparand", "why"),
    [
        (None, "the control was not measured"),
        (make_reading(), "the control: metrics has no series for the query"),
        (make_reading(("", float("nan"))), "the control: the query is nan"),
        (make_reading(("", 0.01), age=timedelta(hours=1)), "the control: no sample for 1 h"),
        (make_reading(trouble=Trouble.SOURCE_ERROR, message="did not answer"), "the control: did not answer"),
    ],
)
def test_a_control_that_proves_nothing_arms_nothing(comparand, why):
    assert unarmed_because(on_entry(comparand), NOW).startswith(why)
