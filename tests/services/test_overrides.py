"""Breaking glass: two people, one with the authority, in person and in time; the run is overridden until closed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from readiness.core.audit import ChannelKind
from readiness.core.canonical import parse_canonical
from readiness.core.codec import from_plain
from readiness.core.facts import Facts
from readiness.core.types import Decision, Question, Stage, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import Blob, Firing, Override, PhaseRun, RecordCheck, RoleGrant, Rollout, StoredVerdict
from readiness.queries.facts import load_facts
from readiness.services.gaps import ReasonRequired
from readiness.services.overrides import (
    AlreadyAsked,
    NotAsked,
    NotOverridable,
    NotOverridden,
    ask_override,
    close_override,
    confirm_override,
    withdraw_override,
)
from readiness.services.phases import roll_back_phase
from readiness.services.rights import NotAllowed, NotReauthenticated
from readiness.services.runs import CommandsNotConfirmed, NotNext
from readiness.services.verdicts import judge_rollout
from tests.record_fixtures import entries
from tests.services.helpers import (
    DOCUMENT,
    EMPTY_PHASE,
    LEAD,
    MATE,
    NOW,
    OWNER,
    STRANGER,
    act_of,
    adopt,
    document,
    make_rollout,
    only_entry,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
WHY = "the old path burns"
GLASS = {"authority": {"lift_hold": ["lead"], "break_glass": ["lead"]}}


@pytest.fixture
def rollout():
    return make_rollout({**document(**EMPTY_PHASE), **GLASS})


def ask(person=MATE, phase="prepare", *, at=NOW, reason=WHY, **how):
    return ask_override("demo", phase, act_of(person, **how), at, reason=reason)


def asked():
    return Override.objects.latest("pk").pk


def confirm(person=LEAD, *, at=NOW + MINUTE, confirmed=(0, 1), **how):
    return confirm_override("demo", asked(), act_of(person, **how), at, confirmed=confirmed)


def close(person=LEAD, *, reason="it holds", **how):
    return close_override("demo", asked(), act_of(person, **how), NOW + 2 * MINUTE, reason=reason)


def judged(question, at=NOW + MINUTE):
    judge_rollout("demo", act_of("shell:tests", channel=ChannelKind.BEAT), at)
    return StoredVerdict.objects.get(question=question)


def test_asking_changes_nothing_but_waits_for_a_second_person(rollout):
    entry = only_entry(ask())
    row = Override.objects.get()
    assert (row.phase, row.by_id, row.reason, row.run, row.expires_at) == (
        "prepare",
        MATE,
        WHY,
        None,
        NOW + 30 * MINUTE,
    )
    assert (entry["action"], entry["reason"], entry["object"]["label"]) == (
        "override.asked",
        WHY,
        "Prepare without GO",
    )
    assert not PhaseRun.objects.exists()
    assert load_facts(rollout, Question.ENTER).overrides == ()


def test_a_second_person_with_the_authority_enters_without_go(rollout):
    ask()
    before = len(entries())
    seq = confirm()
    run, row = PhaseRun.objects.get(), Override.objects.get()
    assert (run.phase, run.state, run.by_id, row.run, row.confirmed_by_id) == ("prepare", "running", LEAD, run, LEAD)
    last = entries()[-1]
    assert (len(entries()) - before, last["seq"], last["action"]) == (1, seq, "phase.overridden")
    assert (last["reason"], last["signature"]["verdict"], last["signature"]["meaning"]) == (WHY, "NO_GO", "break-glass")
    (told,) = [row for row in last["change"]["also"] if row["type"] == "override"]
    assert (told["id"], told["fields"]["confirmed_by_id"]) == (str(row.pk), ["", LEAD])
    assert any("I have read it" in sentence for sentence in row.standing)
    assert Rollout.objects.get().dirty_at is not None


def test_what_it_was_entered_on_is_kept_and_says_no_go_again(rollout):
    ask()
    confirm()
    run = PhaseRun.objects.get()
    facts = from_plain(Facts, parse_canonical(bytes(Blob.objects.get(pk=run.facts).data)))
    kept = from_plain(Verdict, parse_canonical(bytes(Blob.objects.get(pk=run.verdict).data)))
    again = evaluate_verdict(facts, Question.ENTER, run.entered_at)
    assert (again.verdict_id, again.decision) == (run.verdict_id, Decision.NO_GO)
    assert again == kept


def test_the_authority_may_ask_and_anybody_else_confirm(rollout):
    ask(LEAD)
    confirm(OWNER)
    assert Override.objects.get().run is not None


def test_one_of_the_two_must_have_the_authority(rollout):
    ask(MATE)
    before = len(entries())
    with pytest.raises(NotAllowed, match="Release lead"):
        confirm(OWNER)
    assert not PhaseRun.objects.exists()
    assert len(entries()) == before


def test_nobody_confirms_their_own(rollout):
    ask(LEAD)
    with pytest.raises(NotAllowed, match="somebody else"):
        confirm(LEAD)
    assert not PhaseRun.objects.exists()


def test_the_table_itself_refuses_one_person_alone(rollout):
    ask(LEAD)
    run = start_phase(rollout, "prepare")
    with pytest.raises(IntegrityError, match="two_people_break_glass"), transaction.atomic():
        Override.objects.update(run=run, confirmed_at=NOW, confirmed_by_id=LEAD)


@pytest.mark.parametrize("said", [DOCUMENT, {**DOCUMENT, "authority": {"break_glass": []}}])
def test_without_an_authority_in_the_plan_nobody_may(said):
    make_rollout(said)
    with pytest.raises(NotAllowed, match="names nobody under authority: break_glass"):
        ask(LEAD)
    assert (Override.objects.count(), entries()) == (0, [])


def test_a_stranger_neither_asks_nor_confirms_nor_closes_nor_withdraws(rollout):
    with pytest.raises(NotAllowed):
        ask(STRANGER)
    ask(LEAD)
    with pytest.raises(NotAllowed, match="Only people on this rollout"):
        confirm(STRANGER)
    with pytest.raises(NotAllowed):
        withdraw_override("demo", asked(), act_of(STRANGER), NOW)
    confirm(OWNER)
    with pytest.raises(NotAllowed):
        close(STRANGER)
    assert Override.objects.get().closed_at is None


@pytest.mark.parametrize("channel", [ChannelKind.SHELL, ChannelKind.API, ChannelKind.BEAT])
def test_glass_is_broken_on_the_page_only(rollout, channel):
    with pytest.raises(NotAllowed, match="never from the shell or with a token"):
        ask(LEAD, channel=channel)
    ask(LEAD)
    with pytest.raises(NotAllowed):
        confirm(OWNER, channel=channel)
    confirm(OWNER)
    with pytest.raises(NotAllowed):
        close(channel=channel)
    assert Override.objects.get().closed_at is None


def test_a_token_of_a_service_breaks_no_glass(rollout):
    with pytest.raises(NotAllowed):
        ask("service:deployer")


def test_everybody_proves_who_they_are_again(rollout):
    with pytest.raises(NotReauthenticated):
        ask(age_s=121)
    ask()
    with pytest.raises(NotReauthenticated):
        confirm(age_s=121)
    confirm()
    with pytest.raises(NotReauthenticated):
        close(age_s=121)
    assert Override.objects.get().closed_at is None


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_needs_a_reason(rollout, reason):
    with pytest.raises(ReasonRequired):
        ask(reason=reason)
    ask()
    confirm()
    with pytest.raises(ReasonRequired):
        close(reason=reason)
    assert Override.objects.get().closed_at is None


def test_what_was_asked_runs_out_by_the_clock(rollout):
    ask()
    with pytest.raises(NotAsked, match="Nobody confirmed this by 15:02 UTC"):
        confirm(at=NOW + 30 * MINUTE)
    ask(at=NOW + 30 * MINUTE)
    confirm(at=NOW + 31 * MINUTE)
    assert PhaseRun.objects.count() == 1


def test_it_is_asked_once_at_a_time(rollout):
    ask()
    with pytest.raises(AlreadyAsked, match="Mia Mate"):
        ask(OWNER)
    assert Override.objects.count() == len(entries()) == 1


@pytest.mark.parametrize("person", [MATE, OWNER])
def test_anybody_on_the_rollout_withdraws_what_was_asked(rollout, person):
    ask()
    seq = withdraw_override("demo", asked(), act_of(person), NOW)
    last = entries()[-1]
    assert (last["seq"], last["action"], len(entries())) == (seq, "override.withdrawn", 2)
    with pytest.raises(NotAsked):
        confirm()
    assert not PhaseRun.objects.exists()


def test_it_is_confirmed_once(rollout):
    ask()
    confirm()
    with pytest.raises(NotAsked):
        confirm(OWNER)
    assert PhaseRun.objects.count() == 1


def test_a_new_plan_asks_for_asking_again(rollout):
    ask()
    adopt(rollout, {**document(**EMPTY_PHASE, title="Prepare well"), **GLASS})
    with pytest.raises(NotAsked, match="The plan has changed"):
        confirm()


def test_whoever_asked_must_still_be_on_the_rollout(rollout):
    ask()
    RoleGrant.objects.filter(person_id=MATE).update(revoked_at=NOW)
    with pytest.raises(NotAllowed, match="Mia Mate is no longer on this rollout"):
        confirm()


def test_no_phase_is_skipped_even_so(rollout):
    with pytest.raises(NotNext, match="No phase is skipped"):
        ask(phase="canary")
    assert not Override.objects.exists()


def test_every_command_is_confirmed_even_so(rollout):
    ask()
    with pytest.raises(CommandsNotConfirmed, match="Not confirmed: 2"):
        confirm(confirmed=(0,))
    assert not PhaseRun.objects.exists()


def test_what_fires_is_not_overridden(rollout):
    run = start_phase(rollout, "prepare")
    start_canary(rollout, run)
    Firing.objects.create(
        run=PhaseRun.objects.get(state="running"), path="canary/abort/item:complaints", found="3", fired_at=NOW
    )
    adopt(rollout, {**with_third_phase(), **GLASS})
    with pytest.raises(NotOverridable, match="fired and nobody has answered"):
        ask(phase="full")


def start_canary(rollout, run):
    run.state, run.left_at = "succeeded", NOW
    run.save()
    start_phase(rollout, "canary")


def with_third_phase():
    full = {
        "key": "full",
        "number": "3",
        "title": "Full",
        "duration": "1m",
        "sign_off": document()["phases"][0]["sign_off"],
    }
    said = document(**EMPTY_PHASE)
    return {**said, "phases": [*said["phases"], full]}


def test_a_second_override_waits_until_the_first_is_closed(rollout):
    ask()
    confirm()
    with pytest.raises(NotOverridable, match="was entered without GO"):
        ask(phase="canary")
    close()
    ask(phase="canary")
    confirm(confirmed=())
    assert PhaseRun.objects.get(state="running").phase == "canary"
    assert PhaseRun.objects.get(phase="prepare").state == "succeeded"


def test_the_close_is_never_entered_without_go(rollout):
    ending = {
        "title": "Close",
        "enter": [{"item": "told", "owner": "lead"}],
        "sign_off": {"roles": ["lead"], "last": "lead"},
    }
    adopt(rollout, {**document(**EMPTY_PHASE), **GLASS, "close": ending})
    start_phase(rollout, "canary")
    with pytest.raises(NotOverridable, match="never closed by breaking glass"):
        ask(phase="close")


def test_an_overridden_run_never_looks_like_go_until_it_is_closed(rollout):
    ask()
    confirm()
    for question in Question:
        stored = judged(question)
        assert (stored.decision, stored.stage) == (Decision.NO_GO, Stage.OVERRIDDEN)
    close()
    assert judged("continue", NOW + 3 * MINUTE).decision == Decision.GO
    assert judged("enter", NOW + 3 * MINUTE).stage == Stage.BLOCKED


def test_closing_is_one_row_and_one_entry_and_happens_once(rollout):
    ask()
    confirm()
    before = len(entries())
    seq = close()
    row = Override.objects.get()
    assert (row.closed_by_id, row.close_reason, row.closed_at) == (LEAD, "it holds", NOW + 2 * MINUTE)
    last = entries()[-1]
    assert (last["seq"], last["action"], last["reason"], len(entries()) - before) == (
        seq,
        "override.closed",
        "it holds",
        1,
    )
    with pytest.raises(NotOverridden):
        close()


@pytest.mark.parametrize("person", [MATE, OWNER])
def test_only_the_authority_closes_it(rollout, person):
    ask()
    confirm()
    with pytest.raises(NotAllowed, match="Release lead"):
        close(person)
    assert Override.objects.get().closed_at is None


def test_what_was_only_asked_cannot_be_closed(rollout):
    ask()
    with pytest.raises(NotOverridden):
        close()


def test_rolling_back_ends_the_run_and_leaves_the_override_open(rollout):
    ask()
    confirm()
    roll_back_phase("demo", "off", act_of(MATE), NOW + MINUTE)
    assert judged("continue").decision == Decision.GO
    assert judged("enter").stage == Stage.OVERRIDDEN
    close()
    assert judged("enter", NOW + 3 * MINUTE).stage == Stage.BLOCKED


def test_a_rollback_ends_what_was_asked_before_it(rollout):
    start_phase(rollout, "canary")
    waiting = Override.objects.create(
        rollout=rollout, phase="canary", plan=rollout.plan.digest, reason=WHY, asked_at=NOW,
        expires_at=NOW + 30 * MINUTE, by_id=MATE, by_name="Mia Mate",
    )  # fmt: skip
    roll_back_phase("demo", "off", act_of(MATE), NOW + MINUTE)
    waiting.refresh_from_db()
    assert (waiting.withdrawn_at, waiting.withdrawn_by) == (NOW + MINUTE, "The rollback")
    assert "override" in [row["type"] for row in only_entry(0)["change"]["also"]]
    with pytest.raises(NotAsked, match="entered or withdrawn already"):
        confirm(at=NOW + 2 * MINUTE)


@pytest.mark.parametrize("problem", ["entry 4 was altered", ""])
def test_a_record_that_does_not_verify_is_said_loudly(rollout, problem):
    RecordCheck.objects.update(problem=problem, verified_at=NOW - timedelta(hours=1))
    ask()
    confirm()
    last = entries()[-1]
    assert last["object"]["label"] == "Prepare without GO, over a record that does not verify"
    (told,) = [row for row in last["change"]["also"] if row["type"] == "override"]
    said = told["fields"]["record_problem"][1]
    assert (problem or "not verified") in said
