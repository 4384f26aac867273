"""Asking for waivers, granting, declining and ending them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from readiness.core.audit import ChannelKind
from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Decision, Outcome, Question
from readiness.models import PlanVersion, RoleGrant, Rollout, SignOff, SignOffEnd, StoredVerdict, Waiver
from readiness.queries.facts import load_facts
from readiness.services.gaps import ReasonRequired
from readiness.services.rights import NotAllowed, NotReauthenticated
from readiness.services.signoffs import Answer, sign_off
from readiness.services.verdicts import judge_rollout
from readiness.services.waivers import (
    AlreadyAsked,
    ExpiryUnfit,
    MeasureRequired,
    NoSuchCondition,
    NotOpen,
    NotWaivable,
    Terms,
    ask_waiver,
    decline_waiver,
    grant_waiver,
    revoke_waiver,
)
from tests.record_fixtures import entries
from tests.services.helpers import (
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
WORD = "prepare/enter/item:word"
ENDS = NOW + timedelta(days=2)
TERMS = Terms("The reader is away", "Two others have read it", ENDS)
MACHINE = "system:tests"


def plan(**first):
    return {**document(**(first or EMPTY_PHASE)), "authority": {"waive": ["lead"]}}


@pytest.fixture
def rollout():
    return make_rollout(plan())


def ask(person=MATE, terms=TERMS, path=WORD, now=NOW, channel=ChannelKind.WEB):
    return ask_waiver("demo", path, terms, act_of(person, channel=channel), now)


def asked(**said):
    ask(**said)
    return Waiver.objects.latest("pk")


def granted(**said):
    row = asked(**said)
    grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    row.refresh_from_db()
    return row


def outcome(now=NOW, path=WORD):
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    found = open_case(facts, Question.ENTER, now).judged[path]
    return (found.outcome, found.code)


def sign(role, person, reason="The measure does"):
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    judged, seen = open_case(facts, Question.ENTER, NOW).judged, Seen(0, SHA, NOW)
    statement = build_statement(facts, role, person, seen, judged)
    said = Answer("prepare", role, True, "approve-go", reason, statement.digest, seen)
    return sign_off("demo", said, act_of(person), NOW)


def test_any_member_asks_and_that_excuses_nothing_yet(rollout):
    entry = only_entry(ask())
    row = Waiver.objects.get()
    assert (row.path, row.title, row.reason, row.measure) == (WORD, "I have read it", TERMS.reason, TERMS.measure)
    assert (row.by_id, row.asked_at, row.expires_at, row.granted_at, row.ended_at) == (MATE, NOW, ENDS, None, None)
    assert (entry["action"], entry["reason"]) == ("waiver.asked", TERMS.reason)
    assert (entry["object"]["type"], entry["object"]["id"]) == ("waiver", str(row.pk))
    assert outcome() == (Outcome.NOT_MET, "ITEM_UNCLAIMED")
    assert Rollout.objects.get().dirty_at == NOW


@pytest.mark.parametrize(
    ("person", "channel", "words"),
    [
        (STRANGER, ChannelKind.WEB, "Only people on this rollout may ask for a waiver"),
        ("shell:tests", ChannelKind.SHELL, "Only people on this rollout may ask for a waiver"),
        (MATE, ChannelKind.API, "A token may not ask for a waiver"),
    ],
)
def test_no_stranger_shell_or_token_asks(rollout, person, channel, words):
    with pytest.raises(NotAllowed, match=words):
        ask(person, channel=channel)
    assert not Waiver.objects.exists()
    assert entries() == []


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"reason": " "}, ReasonRequired, "Say why"),
        ({"measure": ""}, MeasureRequired, "what you do instead"),
        ({"expires_at": NOW}, ExpiryUnfit, "must end in the future"),
        ({"expires_at": NOW + timedelta(days=30, seconds=1)}, ExpiryUnfit, "lasts at most 30 days.*2026-01-01 14:32"),
    ],
)
def test_a_waiver_needs_why_what_instead_and_an_end_within_thirty_days(rollout, change, error, words):
    with pytest.raises(error, match=words):
        ask(terms=replace(TERMS, **change))
    assert not Waiver.objects.exists()


def test_a_waiver_may_last_thirty_days(rollout):
    assert asked(terms=replace(TERMS, expires_at=NOW + timedelta(days=30))).expires_at == NOW + timedelta(days=30)


def test_what_the_plan_does_not_ask_is_not_waived(rollout):
    with pytest.raises(NoSuchCondition, match="prepare/enter/item:nothing"):
        ask(path="prepare/enter/item:nothing")


@pytest.mark.parametrize("trigger", ["item:complaints", "item:outage"])
def test_abort_triggers_are_not_waived(rollout, trigger):
    with pytest.raises(NotWaivable, match="abort trigger"):
        ask(path=f"canary/abort/{trigger}")
    assert not Waiver.objects.exists()


def test_nobody_asks_where_nobody_could_grant():
    make_rollout(document(**EMPTY_PHASE))
    with pytest.raises(NotWaivable, match="names nobody"):
        ask()
    assert not Waiver.objects.exists()


def test_what_is_met_is_not_waived():
    made = make_rollout(plan())
    made.claims.create(path=WORD, claimed_at=NOW, by_id=MATE, by_name="Mia Mate")
    with pytest.raises(NotWaivable, match="is met"):
        ask()


def test_one_waiver_of_a_condition_is_open_at_a_time(rollout):
    ask()
    with pytest.raises(AlreadyAsked, match="Mia Mate asked"):
        ask(OWNER)
    grant_waiver("demo", Waiver.objects.get().pk, act_of(LEAD), NOW)
    with pytest.raises(AlreadyAsked, match="is waived already"):
        ask(OWNER)
    assert Waiver.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.create(
            rollout=rollout, path=WORD, expires_at=ENDS, asked_at=NOW, by_id=OWNER, by_name="Olga", definition=SHA
        )


def test_another_person_with_the_authority_grants(rollout):
    row = asked()
    seq = grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    row.refresh_from_db()
    assert (row.granted_at, row.granted_by_id, row.granted_by_name) == (NOW, LEAD, "Lea Lead")
    last = entries()[-1]
    assert (last["seq"], last["action"], last["actor"]["id"], len(entries())) == (seq, "waiver.granted", LEAD, 2)
    assert outcome() == (Outcome.WAIVED, "")


@pytest.mark.parametrize("person", [OWNER, STRANGER, "shell:tests"])
def test_nobody_without_the_authority_grants_or_declines(rollout, person):
    row = asked()
    channel = ChannelKind.SHELL if person.startswith("shell") else ChannelKind.WEB
    with pytest.raises(NotAllowed, match="Who may: Release lead"):
        grant_waiver("demo", row.pk, act_of(person, channel=channel), NOW)
    with pytest.raises(NotAllowed, match="Who may: Release lead"):
        decline_waiver("demo", row.pk, act_of(person, channel=channel), NOW, reason="no")
    assert Waiver.objects.get().granted_at is None
    assert len(entries()) == 1


def test_no_token_decides_or_ends_one_whatever_its_person_holds(rollout):
    row, token = asked(), act_of(LEAD, channel=ChannelKind.API)
    for act in (grant_waiver, decline_waiver, revoke_waiver):
        words = {} if act is grant_waiver else {"reason": "no"}
        with pytest.raises(NotAllowed, match="A token may not waive"):
            act("demo", row.pk, token, NOW, **words)
    with pytest.raises(NotAllowed, match="A token may not waive"):
        revoke_waiver("demo", row.pk, act_of(MATE, channel=ChannelKind.API), NOW, reason="mine")
    assert len(entries()) == 1


def test_in_a_rehearsal_one_person_does_both_and_it_counts_only_there(rollout):
    said = plan()
    adopt(rollout, {**said, "rollout": {**said["rollout"], "rehearsal": True}})
    row = asked(person=LEAD)
    grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    assert outcome() == (Outcome.WAIVED, "")
    adopt(rollout, said)
    assert outcome() == (Outcome.NOT_MET, "ITEM_UNCLAIMED")
    ask()
    row.refresh_from_db()
    assert row.end == "replaced"


def test_what_was_asked_in_a_rehearsal_is_granted_nowhere_else(rollout):
    said = plan()
    adopt(rollout, {**said, "rollout": {**said["rollout"], "rehearsal": True}})
    row = asked(person=LEAD)
    adopt(rollout, said)
    with pytest.raises(NotOpen):
        grant_waiver("demo", row.pk, act_of(LEAD), NOW)


def test_nobody_grants_where_the_plan_names_nobody(rollout):
    row = asked()
    adopt(rollout, document(**EMPTY_PHASE))
    with pytest.raises(NotAllowed, match="nobody; the plan names no role"):
        grant_waiver("demo", row.pk, act_of(LEAD), NOW)


def test_nobody_grants_what_they_asked_for_themselves(rollout):
    row = asked(person=LEAD)
    with pytest.raises(NotAllowed, match="asked for this waiver yourself"):
        grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.filter(pk=row.pk).update(granted_at=NOW, granted_by_id=LEAD)
    assert outcome() == (Outcome.NOT_MET, "ITEM_UNCLAIMED")


def test_granting_asks_who_one_is_again(rollout):
    row = asked()
    with pytest.raises(NotReauthenticated):
        grant_waiver("demo", row.pk, act_of(LEAD, age_s=121), NOW)
    assert len(entries()) == 1


def test_a_waiver_is_granted_once(rollout):
    row = granted()
    with pytest.raises(NotOpen):
        grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    assert len(entries()) == 2


def test_what_ran_out_before_anybody_granted_it_is_not_granted(rollout):
    row = asked()
    with pytest.raises(NotOpen, match="its time ran out"):
        grant_waiver("demo", row.pk, act_of(LEAD), ENDS)
    assert Waiver.objects.get().granted_at is None


def test_what_the_plan_has_changed_since_it_was_asked_for_is_not_granted(rollout):
    row = asked()
    adopt(rollout, plan(enter=[{**EMPTY_PHASE["enter"][0], "valid_for": "1d"}]))
    with pytest.raises(NotOpen, match="the plan now asks something else"):
        grant_waiver("demo", row.pk, act_of(LEAD), NOW)


def test_whoever_may_waive_declines_with_a_reason(rollout):
    row = asked()
    with pytest.raises(ReasonRequired):
        decline_waiver("demo", row.pk, act_of(LEAD), NOW, reason=" ")
    seq = decline_waiver("demo", row.pk, act_of(LEAD), NOW, reason="Wait for her")
    row.refresh_from_db()
    assert (row.end, row.end_reason, row.ended_at, row.ended_by_id) == ("declined", "Wait for her", NOW, LEAD)
    last = entries()[-1]
    assert (last["seq"], last["action"], last["reason"]) == (seq, "waiver.declined", "Wait for her")
    with pytest.raises(NotOpen):
        grant_waiver("demo", row.pk, act_of(LEAD), NOW)
    assert asked(person=OWNER).pk != row.pk


def test_who_asked_takes_it_back_and_nobody_else_but_the_authority_does(rollout):
    row = asked()
    for person in (OWNER, STRANGER):
        with pytest.raises(NotAllowed, match="Who may: Release lead"):
            revoke_waiver("demo", row.pk, act_of(person), NOW, reason="no")
    with pytest.raises(ReasonRequired):
        revoke_waiver("demo", row.pk, act_of(MATE), NOW, reason="")
    seq = revoke_waiver("demo", row.pk, act_of(MATE), NOW, reason="I read it")
    row.refresh_from_db()
    assert (row.end, row.end_reason) == ("withdrawn", "I read it")
    assert (entries()[-1]["seq"], entries()[-1]["action"], len(entries())) == (seq, "waiver.withdrawn", 2)
    with pytest.raises(NotOpen):
        revoke_waiver("demo", row.pk, act_of(MATE), NOW, reason="twice")


@pytest.mark.parametrize("person", [MATE, LEAD])
def test_who_asked_and_who_may_waive_revoke_what_was_granted(rollout, person):
    row = granted()
    seq = revoke_waiver("demo", row.pk, act_of(person), NOW, reason="Read after all")
    row.refresh_from_db()
    assert (row.end, row.ended_by_id) == ("revoked", person)
    assert (entries()[-1]["seq"], entries()[-1]["action"], len(entries())) == (seq, "waiver.revoked", 3)
    assert outcome() == (Outcome.NOT_MET, "ITEM_UNCLAIMED")


def test_a_waiver_ends_by_the_clock_with_no_job(rollout):
    granted()
    assert outcome(ENDS - timedelta(microseconds=1)) == (Outcome.WAIVED, "")
    assert outcome(ENDS) == (Outcome.NOT_MET, "WAIVER_EXPIRED")


def test_one_that_ran_out_makes_room_for_another_in_one_entry(rollout):
    old = granted()
    ask(OWNER, replace(TERMS, expires_at=ENDS + timedelta(days=1)), now=ENDS)
    old.refresh_from_db()
    new = Waiver.objects.get(ended_at=None)
    assert (old.end, old.ended_at, new.by_id, new.granted_at) == ("replaced", ENDS, OWNER, None)
    assert [e["action"] for e in entries()] == ["waiver.asked", "waiver.granted", "waiver.asked"]
    assert outcome(ENDS) == (Outcome.NOT_MET, "ITEM_UNCLAIMED")


@pytest.mark.parametrize("change", [{"valid_for": "1d"}, {"owner": "lead"}, {"evidence": "required"}])
def test_a_new_plan_that_asks_something_else_ends_what_it_excuses(rollout, change):
    granted()
    adopt(rollout, plan(enter=[{**EMPTY_PHASE["enter"][0], **change}]))
    assert outcome() == (Outcome.NOT_MET, "WAIVER_EXPIRED")
    assert asked(person=OWNER).by_id == OWNER


def test_other_words_for_what_people_answer_end_a_waiver(rollout):
    """The title of an item is its whole question, so another title is another question."""
    granted()
    adopt(rollout, plan(enter=[{**EMPTY_PHASE["enter"][0], "title": "The backup was restored"}]))
    assert outcome() == (Outcome.NOT_MET, "WAIVER_EXPIRED")


def test_a_moved_limit_says_that_the_waiver_counts_no_more():
    made = make_rollout(plan(enter=[{"gate": "errors"}]))
    path = "prepare/enter/gate:errors"
    (full,) = load_facts(made, Question.ENTER).enter
    granted(path=full.condition.path)
    assert outcome(path=full.condition.path) == (Outcome.WAIVED, "")
    adopt(made, plan(enter=[{"gate": "errors", "expect": "<= 2"}]))
    (eased,) = load_facts(made, Question.ENTER).enter
    assert eased.condition.path.startswith(path)
    assert eased.condition.path != full.condition.path
    assert outcome(path=eased.condition.path) == (Outcome.UNKNOWN, "WAIVER_EXPIRED")


def test_a_go_over_a_waiver_needs_a_reason_and_a_no_go_says_one_anyway(rollout):
    granted()
    with pytest.raises(ReasonRequired, match="You sign over a waiver of “I have read it”"):
        sign("sre", OWNER, reason=" ")
    assert not SignOff.objects.exists()
    sign("sre", OWNER)
    assert SignOff.objects.get().reason == "The measure does"


def test_a_go_rests_on_a_waiver_until_it_is_revoked_or_over(rollout):
    row = granted(terms=replace(TERMS, expires_at=NOW + timedelta(minutes=5)))
    sign("sre", OWNER)
    sign("lead", LEAD)
    (verdict,) = judge_rollout("demo", act_of(MACHINE), NOW)
    assert (verdict.decision, verdict.valid_until) == (Decision.GO, NOW + timedelta(minutes=5))
    revoke_waiver("demo", row.pk, act_of(LEAD), NOW, reason="No longer")
    (verdict,) = judge_rollout("demo", act_of(MACHINE), NOW)
    assert verdict.decision is Decision.NO_GO
    assert SignOffEnd.objects.filter(kind=SignOffEnd.VOID).count() == 2
    assert StoredVerdict.objects.get().decision == "NO_GO"


def test_who_asked_does_not_cover_the_condition_by_signing(rollout):
    grant(rollout, MATE, RoleGrant.ROLE, "sre")
    PlanVersion.objects.update(changed_by={WORD: [LEAD, "Lea Lead"]})
    granted(person=MATE)
    sign("sre", MATE)
    sign("lead", LEAD)
    (verdict,) = judge_rollout("demo", act_of(MACHINE), NOW)
    assert [(r.code, r.path) for r in verdict.reasons] == [("SIGN_OFF_NOT_INDEPENDENT", WORD)]
    sign("sre", OWNER)
    assert judge_rollout("demo", act_of(MACHINE), NOW)[0].decision is Decision.GO
