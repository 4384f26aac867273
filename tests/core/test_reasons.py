"""Reasons: each code is one that the rules give, in a sentence that holds together."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.answers import verdict_as_read
from readiness.core.conditions import ConditionKind, ConditionList, ExperimentSpec, GateSpec
from readiness.core.facts import (
    ConditionFacts,
    ExposureFacts,
    FiringFacts,
    FlagFacts,
    HoldFacts,
    IncompleteFacts,
    OverrideFacts,
    RecordFacts,
    RowDifference,
    TargetFacts,
    WaiverFacts,
)
from readiness.core.material import condition_definition
from readiness.core.reasons import REASONS, reason_clears, reason_sentence, reason_word
from readiness.core.types import ExperimentResult, ExperimentState, GateObservation, Question
from readiness.core.verdict import RULES, evaluate_verdict
from tests.core.builders import (
    ANA,
    BEN,
    NOW,
    codes,
    make_condition,
    make_facts,
    make_gap,
    make_gate,
    make_reading,
    make_run,
    make_trigger,
    make_window,
    sign,
    sign_all,
)
from tests.core.test_verdict import BAD

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLES = {"sre-lead": "SRE lead", "backend-lead": "Backend lead", "release-manager": "Release manager"}


def entered(**more):
    """A rollout in which all is well and everybody has signed, but for what is given."""
    return sign_all(make_facts(**{"running": make_run(), "titles": TITLES, **more}))


def experiment(state):
    made = make_condition(ConditionKind.EXPERIMENT, "slower", experiment=ExperimentSpec({}))
    return ConditionFacts(made, experiment=ExperimentResult(state, "p99 +9 %", NOW - HOUR) if state else None)


def waived():
    """A gate that is breached, and whose waiver has run out."""
    bad = make_gate(0.5)
    over = condition_definition(bad.condition)
    waiver = WaiverFacts(1, over, "a spike", "on call", ANA, NOW - DAY, BEN, NOW - DAY, NOW - HOUR)
    return replace(bad, waiver=waiver)


def exposed(value):
    spec = GateSpec("metrics", "q", "ratio", ((">= 4%", "<= 6%"),), hold_for=timedelta(minutes=1))
    made = make_condition(ConditionKind.GATE, "new", ConditionList.ABORT, gate=spec)
    reading = make_reading() if value is None else make_reading(("", value))
    seen = GateObservation(reading, window=make_window(breached=HOUR))
    return (ExposureFacts("new", "New path", "5 %", ConditionFacts(made, gate=seen)),)


def unsigned(role="sre-lead", **more):
    """Everybody has signed but one role, whose answer is given."""
    facts = entered()
    others = tuple(each for each in facts.signatures if each.role != role)
    return replace(facts, signatures=(*others, *([sign(facts, role, **more)] if more else [])))


FIRED = FiringFacts(NOW - HOUR)
WHOLE = {
    "RECORD_BROKEN": entered(record=RecordFacts(NOW, 9, "altered: entry 3")),
    "RECORD_UNVERIFIED": entered(record=RecordFacts(None, 0)),
    "STATE_DIFFERS_FROM_RECORD": entered(
        record=RecordFacts(NOW, 9, differences=(RowDifference("claim:7", "Claim 7", "note is “x”"),))
    ),
    "ABORT_FIRING": entered(triggers=[make_trigger(0.5)]),
    "ABORT_UNANSWERED": entered(triggers=[make_trigger(firings=[replace(FIRED, cleared_at=NOW)])]),
    "ABORT_BLIND": entered(triggers=[make_trigger(float("nan"), blind_since=NOW - HOUR)]),
    "ABORT_UNARMED": entered(triggers=[make_trigger(float("nan"), running=False)]),
    "PHASE_OVERRIDDEN": entered(
        overrides=(OverrideFacts(1, "shadow", "Shadow mode", 1, True, ANA, BEN, "it burns", NOW - HOUR),)
    ),
    "PHASE_CLOSED": entered(closed_at=NOW - HOUR),
    "PHASE_INCOMPLETE": entered(incomplete=(IncompleteFacts("shadow", "Shadow mode", "runs", "It is completed"),)),
    "PHASE_EMPTY": entered(enter=()),
    "PHASE_DWELL": entered(running=make_run(dwelt=DAY)),
    "EXPOSURE_DIFFERS": entered(exposures=exposed(0.25)),
    "EXPOSURE_UNOBSERVED": entered(exposures=exposed(None)),
    "FLAG_KILLED": entered(flags=(FlagFacts("new", "New path", 500, 0, NOW - HOUR, ANA, "it burns"),)),
    "HOLD_CALLED": entered(holds=[HoldFacts(ANA, "SRE lead", "backup fails", NOW)]),
    "WAIVER_EXPIRED": entered(enter=[waived()]),
    "GAP_OPEN": entered(gaps=[make_gap(open_tasks=1)]),
    "EXPERIMENT_HARMFUL": entered(enter=[experiment(ExperimentState.HARMFUL)]),
    "EXPERIMENT_UNDECIDED": entered(enter=[experiment(ExperimentState.UNDECIDED)]),
    "EXPERIMENT_INVALID": entered(enter=[experiment(ExperimentState.INVALID)]),
    "EXPERIMENT_NOT_RUN": entered(enter=[experiment(None)]),
    "SIGN_OFF_UNDEFINED": replace(make_facts(), target=TargetFacts("canary", "Canary", 1, None)),
    "SIGN_OFF_NO_GO": unsigned(go=False),
    "SIGN_OFF_VOID": unsigned(voided="the runbook changed"),
    "SIGN_OFF_EXPIRED": unsigned(age=8 * DAY),
    "SIGN_OFF_MISSING": unsigned(),
    "SIGN_OFF_NOT_INDEPENDENT": entered(
        enter=[replace(make_gate(), changed_by=tuple(each.by for each in entered().signatures))]
    ),
}


def reasons_of(facts):
    return [reason for question in RULES for reason in evaluate_verdict(facts, question, NOW).reasons]


def given():
    """The reasons that each of these facts give, by the code that they are about."""
    for code, facts in WHOLE.items():
        yield code, reasons_of(facts)
    for code, bad in BAD.items():
        yield code, reasons_of(entered(enter=[bad]))
    late = verdict_as_read(evaluate_verdict(entered(), Question.ENTER, NOW), NOW + DAY)
    yield "VERDICT_EXPIRED", late.reasons


def test_every_code_is_given_by_a_rule_and_no_other():
    assert codes(evaluate_verdict(entered(), Question.ENTER, NOW)) == []
    found = dict(given())
    assert set(found) == set(REASONS)
    for code, reasons in found.items():
        assert code in {reason.code for reason in reasons}


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_is_said_in_one_whole_sentence(code):
    (reason, *_) = [each for each in dict(given())[code] if each.code == code]
    sentence, clears = reason_sentence(reason), reason_clears(reason)
    assert re.fullmatch(r"[A-Z“].*\.", sentence)
    assert not re.search(r"[{}]|\s\s|\.\.|: \.|None", sentence + clears)
    assert not clears[:1].islower()
    assert not clears.endswith(".")
    assert reason_word(reason)
