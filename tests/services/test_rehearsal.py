"""A rehearsal: one person acts every role, everything recorded says so, and nothing of it is for a stranger."""

import pytest

from readiness.core.audit import REHEARSAL
from readiness.core.canonical import parse_canonical
from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Decision, Question
from readiness.models import Override, PhaseRun, StoredVerdict
from readiness.queries.facts import load_facts
from readiness.services.holds import call_hold
from readiness.services.items import claim_item
from readiness.services.overrides import ask_override, close_override, confirm_override
from readiness.services.phases import enter_phase
from readiness.services.rights import NotAllowed
from readiness.services.signoffs import Answer, sign_off
from readiness.services.verdicts import judge_rollout
from tests.core.builders import make_facts
from tests.record_fixtures import entries
from tests.services.helpers import EMPTY_PHASE, MATE, NOW, SHA, STRANGER, act_of, document, make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def rehearse(**more):
    said = document(**EMPTY_PHASE)
    return make_rollout({**said, **more, "rollout": {**said["rollout"], "rehearsal": True}})


def sign(rollout, role, person=MATE):
    facts = load_facts(rollout, Question.ENTER)
    seen = Seen(0, SHA, NOW)
    statement = build_statement(facts, role, person, seen, open_case(facts, Question.ENTER, NOW).judged)
    return sign_off("demo", Answer("prepare", role, True, "reviewed", "", statement.digest, seen), act_of(person), NOW)


def do_it_all(rollout):
    claim_item("demo", "prepare/enter/item:word", act_of(MATE), NOW)
    sign(rollout, "sre")
    sign(rollout, "lead")
    return enter_phase("demo", "prepare", act_of(MATE), NOW, confirmed=(0, 1))


def test_one_person_without_any_role_claims_signs_and_enters_alone():
    rollout = rehearse()
    do_it_all(rollout)
    assert PhaseRun.objects.get().by_id == MATE


def test_the_same_person_does_none_of_it_in_a_real_rollout():
    make_rollout(document(**EMPTY_PHASE))
    with pytest.raises(NotAllowed):
        claim_item("demo", "prepare/enter/item:word", act_of(MATE), NOW)


def test_a_stranger_rehearses_nothing():
    rollout = rehearse()
    with pytest.raises(NotAllowed):
        claim_item("demo", "prepare/enter/item:word", act_of(STRANGER), NOW)
    with pytest.raises(NotAllowed):
        sign(rollout, "sre", STRANGER)
    assert entries() == []


def test_one_person_breaks_glass_alone():
    rehearse(authority={"break_glass": ["lead"]})
    ask_override("demo", "prepare", act_of(MATE), NOW, reason="to try it")
    row = Override.objects.get()
    confirm_override("demo", row.pk, act_of(MATE), NOW, confirmed=(0, 1))
    close_override("demo", row.pk, act_of(MATE), NOW, reason="tried")
    assert PhaseRun.objects.get().override.confirmed_by_id == MATE


def test_every_entry_says_rehearsal():
    rollout = rehearse()
    do_it_all(rollout)
    judge_rollout("demo", act_of("shell:tests"), NOW)
    call_hold("demo", act_of(MATE), NOW, reason="to try it")
    found = [(entry["action"], entry["object"]["label"].startswith(REHEARSAL)) for entry in entries()]
    assert {says for _, says in found} == {True}
    assert {"verdict.changed", "claim.made", "sign_off.given", "phase.entered", "hold.called"} <= {a for a, _ in found}


def test_no_entry_of_a_real_rollout_says_rehearsal():
    make_rollout(document(**EMPTY_PHASE))
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    judge_rollout("demo", act_of("shell:tests"), NOW)
    assert not any(REHEARSAL in entry["object"]["label"] for entry in entries())


def test_the_stored_answer_says_that_it_is_rehearsed():
    rollout = rehearse()
    do_it_all(rollout)
    judge_rollout("demo", act_of("shell:tests"), NOW)
    stored = StoredVerdict.objects.get(question="continue")
    assert (stored.decision, stored.payload["rehearsal"]) == (Decision.GO, True)


def test_what_is_signed_in_a_rehearsal_says_so_and_what_is_signed_for_real_does_not():
    for said, kept in ((True, {"rehearsal": True}), (False, {})):
        facts = make_facts(rehearsal=said)
        judged = open_case(facts, Question.ENTER, NOW).judged
        statement = build_statement(facts, "sre-lead", MATE, Seen(0, SHA, NOW), judged)
        body = parse_canonical(statement.data)
        assert {name: value for name, value in body.items() if name == "rehearsal"} == kept
