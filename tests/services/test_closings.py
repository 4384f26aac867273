"""What people close by hand, from its rows to the verdict: what voids who signed over it, and who may sign for it."""

from datetime import timedelta

import pytest

from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Person, Question
from readiness.models import RoleGrant, SignOffEnd
from readiness.queries.facts import load_facts
from readiness.queries.reasons import reason_rows
from readiness.queries.scenes import Address, load_scene
from readiness.queries.steps import fill_step
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.items import claim_item
from readiness.services.signoffs import Answer, sign_off
from readiness.services.verdicts import judge_rollout
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    SHA,
    act_of,
    document,
    grant,
    make_rollout,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
GAP = {"key": "bare", "title": "Nothing measures this", "severity": "high", "owner": "lead", "blocks": ["prepare"]}


@pytest.fixture
def rollout():
    """A phase that needs one attested item and one gap that only people close; both are done."""
    made = make_rollout({**document(**EMPTY_PHASE), "gaps": [GAP]})
    grant(made, MATE, RoleGrant.ROLE, "sre")
    claim_item("demo", "prepare/enter/item:word", act_of(MATE), NOW)
    close()
    return made


def close(person=LEAD, at=NOW):
    close_gap_task("demo", "bare", "", act_of(person), at, reason="the vendor confirmed it")


def sign(rollout, role, person):
    facts = load_facts(rollout, Question.ENTER)
    statement = build_statement(facts, role, person, Seen(0, SHA, NOW), open_case(facts, Question.ENTER, NOW).judged)
    given = Answer("prepare", role, True, "approve-go", "", statement.digest, Seen(0, SHA, NOW))
    sign_off("demo", given, act_of(person), NOW)


def judge(at=NOW):
    return next(each for each in judge_rollout("demo", act_of("readiness"), at) if each.question is Question.ENTER)


def test_a_gap_that_is_opened_and_closed_between_two_evaluations_voids_who_signed_over_it(rollout):
    sign(rollout, "sre", OWNER)
    sign(rollout, "lead", LEAD)
    later = NOW + timedelta(milliseconds=100)
    reopen_gap_task("demo", "bare", "", act_of(LEAD), later, reason="wrong")
    close(at=later)
    judge(later)
    assert [end.sign_off.role for end in SignOffEnd.objects.all()] == ["lead"]


def test_who_closed_a_gap_is_not_enough_to_sign_for_it_and_the_board_says_who_could(rollout):
    grant(rollout, OWNER, RoleGrant.ROLE, "lead")
    sign(rollout, "sre", MATE)
    sign(rollout, "lead", LEAD)
    verdict = judge()
    assert [(r.code, r.kind, r.key) for r in verdict.reasons] == [("SIGN_OFF_NOT_INDEPENDENT", "gap", "bare")]
    scene = load_scene("demo", Person(LEAD, NAMES[LEAD]), Address("board"), NOW)
    (row,) = reason_rows(scene, verdict.reasons)
    (child,) = row.children
    assert (child.clears, child.url) == ("Olga Owner signs as release lead", "/rollouts/demo/gaps/#gap-bare")
    assert fill_step(scene).why == (
        "Every station says GO, but 1 gap rests only on people who worked on it. Olga Owner signs as release lead."
    )


def test_somebody_who_closed_nothing_signs_for_the_gap(rollout):
    grant(rollout, OWNER, RoleGrant.ROLE, "lead")
    sign(rollout, "sre", MATE)
    sign(rollout, "lead", OWNER)
    assert judge().reasons == ()
