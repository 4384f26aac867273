"""Signing, and what ends a signature."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from readiness.core.canonical import digest_bytes, parse_canonical
from readiness.core.case import open_case
from readiness.core.locks import go_lock
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Question
from readiness.models import Claim, RoleGrant, Rollout, SignOff, SignOffEnd
from readiness.queries.blobs import load_blob
from readiness.queries.facts import load_facts
from readiness.services.drills import DrillRun, add_drill, add_review
from readiness.services.gaps import ReasonRequired
from readiness.services.holds import call_hold
from readiness.services.rights import NotAllowed, NotReauthenticated
from readiness.services.signoff_ends import NotStanding, revoke_sign_off
from readiness.services.signoffs import (
    AlreadySigned,
    Answer,
    FactsMoved,
    GoLocked,
    MeaningUnfit,
    NotPolled,
    sign_off,
)
from readiness.services.verdicts import judge_rollout
from tests.record_fixtures import entries
from tests.services.helpers import (
    DOCUMENT,
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
    grant,
    make_rollout,
    only_entry,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
SEEN = Seen(0, SHA, NOW)


@pytest.fixture
def rollout():
    made = make_rollout(document(**EMPTY_PHASE))
    claim(made, "prepare/enter/item:word", MATE)
    return made


def claim(rollout, path, person):
    return Claim.objects.create(rollout=rollout, path=path, claimed_at=NOW, by_id=person, by_name="Mia Mate")


def answer(role="sre", person=OWNER, *, go=True, phase="prepare", reason="", meaning="approve-go", seen=SEEN):
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    judged = open_case(facts, Question.ENTER, NOW).judged
    statement = build_statement(facts, role, person, seen, judged)
    return Answer(phase, role, go, meaning, reason, statement.digest, seen)


def sign(role="sre", person=OWNER, **said):
    return sign_off("demo", answer(role, person, **said), act_of(person), NOW)


def test_signing_keeps_the_answer_its_statement_and_one_entry(rollout):
    entry = only_entry(sign())
    row = SignOff.objects.get()
    assert (row.phase, row.run, row.role, row.go, row.by_id) == ("prepare", 1, "sre", True, OWNER)
    assert row.expires_at == NOW + timedelta(days=7)
    statement = parse_canonical(load_blob(row.statement))
    assert statement["person"] == OWNER
    assert (statement["answer"], statement["meaning"]) == ("GO", "approve-go")
    assert entry["signature"]["statement"] == row.statement == digest_bytes(load_blob(row.statement))
    assert [c["path"] for c in statement["conditions"]] == ["prepare/enter/item:word"]
    assert entry["action"] == "sign_off.given"
    assert entry["signature"]["statement"] == row.statement
    assert entry["signature"]["verdict"] == "GO"


@pytest.mark.parametrize("person", [MATE, LEAD, STRANGER])
def test_only_a_holder_of_the_role_signs_for_it(rollout, person):
    with pytest.raises(NotAllowed):
        sign(person=person)
    assert not SignOff.objects.exists()
    assert entries() == []


def test_a_signature_needs_the_password_typed_just_now(rollout):
    with pytest.raises(NotReauthenticated):
        sign_off("demo", answer(), act_of(OWNER, age_s=121), NOW)
    assert entries() == []


def test_no_go_needs_a_reason_and_go_does_not(rollout):
    with pytest.raises(ReasonRequired):
        sign(go=False, meaning="approve-no-go")
    sign(go=False, meaning="approve-no-go", reason="the backup fails")
    assert entries()[0]["signature"]["verdict"] == "NO_GO"


@pytest.mark.parametrize(("go", "meaning"), [(True, "whatever"), (True, "approve-no-go"), (False, "approve-go")])
def test_the_meaning_is_one_of_a_closed_list_and_fits_the_answer(rollout, go, meaning):
    with pytest.raises(MeaningUnfit):
        sign(go=go, meaning=meaning, reason="because")
    assert entries() == []


def test_nothing_is_signed_over_facts_that_moved(rollout):
    said = answer()
    Claim.objects.update(withdrawn_at=NOW)
    with pytest.raises(FactsMoved):
        sign_off("demo", said, act_of(OWNER), NOW)
    assert not SignOff.objects.exists()


def test_go_is_locked_until_the_part_is_met_and_no_go_is_not(rollout):
    Claim.objects.update(withdrawn_at=NOW)
    with pytest.raises(GoLocked, match="1 of your 1 conditions isn’t met"):
        sign()
    sign(go=False, reason="not read", meaning="approve-no-go")


def test_who_answers_last_waits_for_the_rest(rollout):
    with pytest.raises(GoLocked, match="1 reason stands in the way"):
        sign("lead", LEAD)
    sign()
    sign("lead", LEAD)
    assert [e["object"]["label"] for e in entries()] == ["sre", "lead"]


def test_a_hold_locks_the_last_go(rollout):
    sign()
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    with pytest.raises(GoLocked):
        sign("lead", LEAD)


def test_one_person_answers_for_one_role(rollout):
    grant(rollout, OWNER, RoleGrant.ROLE, "lead")
    sign()
    with pytest.raises(NotAllowed, match="one person counts for one role"):
        sign("lead", OWNER)


@pytest.mark.parametrize(("role", "phase"), [("sre", "canary"), ("backend", "prepare")])
def test_only_who_is_asked_about_the_next_phase_signs(rollout, role, phase):
    with pytest.raises(NotPolled):
        sign_off("demo", Answer(phase, role, True, "approve-go", "", SHA, SEEN), act_of(OWNER), NOW)


def test_a_form_sent_twice_signs_once(rollout):
    said = answer()
    sign_off("demo", said, act_of(OWNER), NOW)
    with pytest.raises(AlreadySigned):
        sign_off("demo", said, act_of(OWNER), NOW)
    assert SignOff.objects.count() == len(entries()) == 1


def test_what_was_shown_is_answered_once_whatever_the_second_answer_is(rollout):
    said = answer()
    sign_off("demo", said, act_of(OWNER), NOW)
    other = replace(said, go=False, meaning="approve-no-go", reason="I thought again")
    with pytest.raises(AlreadySigned):
        sign_off("demo", other, act_of(OWNER), NOW)
    SignOff.objects.update(statement=said.digest)  # as rows of before name it, when the answer was not in it
    with pytest.raises(AlreadySigned):
        sign_off("demo", said, act_of(OWNER), NOW)
    assert SignOff.objects.count() == len(entries()) == 1


def test_a_statement_names_drills_and_reviews_as_their_entries_do():
    canary = {**DOCUMENT["phases"][1], "abort": []}
    make_rollout({**DOCUMENT, "gaps": [], "phases": [canary]})
    ran = DrillRun(NOW - timedelta(hours=1), timedelta(minutes=1), True)
    add_drill("demo", "practised", act_of(OWNER), NOW, ran)
    add_review("demo", "design", act_of(OWNER), NOW, score=Decimal("8.5"), note="sound")
    sign("lead", LEAD, phase="canary", go=False, reason="not yet", meaning="reviewed")
    drill, review, given = entries()
    lines = parse_canonical(load_blob(given["signature"]["statement"]))["conditions"]
    assert [line["drill"]["record"] for line in lines if "drill" in line] == [drill["change"]["after"]]
    assert [line["review"]["record"] for line in lines if "review" in line] == [review["change"]["after"]]


def test_the_newest_answer_of_a_role_counts_whoever_of_its_holders_gave_it(rollout):
    grant(rollout, MATE, RoleGrant.ROLE, "sre")
    sign()
    sign(person=MATE, go=False, reason="not yet", meaning="approve-no-go")
    facts = load_facts(rollout, Question.ENTER)
    assert [s.answer for s in open_case(facts, Question.ENTER, NOW).stations] == ["NO_GO", "WAITS"]
    assert len(entries()) == 2


def test_go_lock_of_a_phase_that_polls_nobody_says_so(rollout):
    adopt(rollout, {**DOCUMENT, "phases": [{"key": "prepare", "title": "Prepare", **EMPTY_PHASE}]})
    assert go_lock(load_facts(rollout, Question.ENTER), "sre", NOW) == "Nobody is polled for this phase."


def test_its_signer_takes_an_answer_back_with_a_reason(rollout):
    sign()
    row = SignOff.objects.get()
    with pytest.raises(ReasonRequired):
        revoke_sign_off("demo", row.pk, act_of(OWNER), NOW, reason=" ")
    with pytest.raises(NotAllowed, match="Olga Owner"):
        revoke_sign_off("demo", row.pk, act_of(LEAD), NOW, reason="no")
    seq = revoke_sign_off("demo", row.pk, act_of(OWNER), NOW, reason="I was wrong")
    end = SignOffEnd.objects.get()
    assert (end.kind, end.why, end.by_id) == (SignOffEnd.REVOKED, "I was wrong", OWNER)
    assert (entries()[-1]["seq"], entries()[-1]["action"], len(entries())) == (seq, "sign_off.revoked", 2)
    with pytest.raises(NotStanding):
        revoke_sign_off("demo", row.pk, act_of(OWNER), NOW, reason="twice")


def test_a_signature_goes_void_once_when_what_it_rests_on_changes(rollout):
    sign()
    Claim.objects.update(withdrawn_at=NOW)
    claim(rollout, "prepare/enter/item:word", MATE).save()
    Claim.objects.filter(withdrawn_at=None).update(claimed_at=NOW + timedelta(seconds=1))
    judge_rollout("demo", act_of("system:tests"), NOW + timedelta(seconds=2))
    judge_rollout("demo", act_of("system:tests"), NOW + timedelta(seconds=3))
    end = SignOffEnd.objects.get()
    assert (end.kind, end.why) == (SignOffEnd.VOID, "facts it was signed on have changed")
    assert [e["action"] for e in entries()].count("sign_off.voided") == 1
