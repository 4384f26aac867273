"""A closed rollout: nothing in it changes any more, and the machine leaves it alone."""

from datetime import timedelta
from decimal import Decimal

import pytest

from readiness.core.audit import ChannelKind
from readiness.core.phases import find_phase
from readiness.core.statements import Seen
from readiness.core.types import Decision, Person, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import PhaseRun, RoleGrant, Rollback, StoredVerdict
from readiness.queries.due import load_unjudged_rollouts
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.services.aborts import answer_firing
from readiness.services.drills import DrillRun, add_drill, add_review
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.holds import call_hold, lift_hold
from readiness.services.items import add_evidence, claim_item, withdraw_claim
from readiness.services.overrides import ask_override, close_override, confirm_override, withdraw_override
from readiness.services.people import Grant, grant_role
from readiness.services.phases import enter_phase, explain_rollback, roll_back_phase
from readiness.services.recording import RolloutClosed
from readiness.services.signoff_ends import revoke_sign_off
from readiness.services.signoffs import Answer, sign_off
from readiness.services.verdicts import judge_rollout
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, SHA, STRANGER, act_of, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
HOUR = timedelta(hours=1)
ANSWER = Answer("prepare", "lead", False, "reviewed", "no", SHA, Seen(0, SHA, NOW))
ITEM, MACHINE = "prepare/enter/item:word", act_of("shell:tests", channel=ChannelKind.BEAT)
RAN = DrillRun(NOW - HOUR, timedelta(minutes=1), True)
ACTS = {
    "claim": lambda act: claim_item("demo", ITEM, act, NOW),
    "withdraw": lambda act: withdraw_claim("demo", ITEM, act, NOW),
    "add evidence": lambda act: add_evidence("demo", ITEM, act, NOW, []),
    "close a task": lambda act: close_gap_task("demo", "way-back", "1", act, NOW),
    "reopen a task": lambda act: reopen_gap_task("demo", "way-back", "1", act, NOW),
    "drill": lambda act: add_drill("demo", "practised", act, NOW, RAN),
    "review": lambda act: add_review("demo", "design", act, NOW, score=Decimal(8), note=""),
    "hold": lambda act: call_hold("demo", act, NOW, reason="wait"),
    "lift": lambda act: lift_hold("demo", 1, act, NOW, reason="go on"),
    "sign": lambda act: sign_off("demo", ANSWER, act, NOW),
    "take a signature back": lambda act: revoke_sign_off("demo", 1, act, NOW, reason="no"),
    "enter": lambda act: enter_phase("demo", "prepare", act, NOW, confirmed=(0, 1)),
    "roll back": lambda act: roll_back_phase("demo", "off", act, NOW),
    "answer": lambda act: answer_firing("demo", 1, act, NOW, continue_until=NOW + HOUR, reason="on"),
    "ask to break glass": lambda act: ask_override("demo", "prepare", act, NOW, reason="now"),
    "break glass": lambda act: confirm_override("demo", 1, act, NOW),
    "withdraw an override": lambda act: withdraw_override("demo", 1, act, NOW),
    "close an override": lambda act: close_override("demo", 1, act, NOW, reason="now"),
}


def closed():
    """A rollout that was rolled back once, and then closed."""
    rollout = make_rollout()
    run = start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW - HOUR, run_id=run.pk)
    PhaseRun.objects.filter(state="running").update(state="succeeded", left_at=NOW)
    end = start_phase(rollout, "close")
    end.state, end.left_at = "succeeded", NOW
    end.save()
    return rollout


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("person", [OWNER, LEAD])
def test_nothing_changes_in_a_closed_rollout(what, person):
    closed()
    before = entries()
    with pytest.raises(RolloutClosed, match=r"closed on 2025-12-02 14:32 UTC\. Nothing in it changes"):
        ACTS[what](act_of(person))
    assert entries() == before


def test_a_rollback_may_still_be_explained_and_roles_still_be_given():
    closed()
    explain_rollback("demo", Rollback.objects.get().pk, act_of(MATE), NOW, reason="errors")
    grant_role("demo", Grant(Person(STRANGER, "Stan"), RoleGrant.ROLE, "sre"), act_of(LEAD), NOW)
    assert [entry["action"] for entry in entries()[-2:]] == ["rollback.explained", "role.granted"]


@pytest.mark.parametrize("phase", [None, "canary"])
def test_every_question_about_a_closed_rollout_is_answered_no(phase):
    rollout = closed()
    asked = find_phase(load_plan(rollout), phase) if phase else None
    verdict = evaluate_verdict(load_facts(rollout, Question.ENTER, asked), Question.ENTER, NOW)
    assert (verdict.decision, [reason.code for reason in verdict.reasons]) == (Decision.NO_GO, ["PHASE_CLOSED"])


def test_a_closed_rollout_is_judged_once_more_and_then_left_alone():
    rollout = closed()
    assert load_unjudged_rollouts(NOW) == ["demo"]
    assert judge_rollout("demo", MACHINE, NOW) == ()
    assert not StoredVerdict.objects.filter(rollout=rollout).exists()
    assert load_unjudged_rollouts(NOW + HOUR) == []
