"""Entering, rolling back and counting."""

from datetime import timedelta

import pytest

from readiness.core.canonical import parse_canonical
from readiness.core.case import open_case
from readiness.core.codec import from_plain
from readiness.core.facts import Facts
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Question, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import (
    Blob,
    Claim,
    DwellClock,
    Firing,
    Observation,
    PhaseRun,
    RecordCheck,
    Rollback,
    Rollout,
    SignOff,
)
from readiness.queries.facts import load_facts
from readiness.services.gaps import ReasonRequired
from readiness.services.phases import (
    NoSuchLevel,
    NoSuchRollback,
    NotGo,
    NothingRuns,
    RunEnded,
    enter_phase,
    explain_rollback,
    roll_back_phase,
)
from readiness.services.rights import NotAllowed
from readiness.services.runs import CommandsNotConfirmed, NotNext
from readiness.services.signoffs import Answer, sign_off
from tests.record_fixtures import entries
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    SHA,
    STRANGER,
    act_of,
    document,
    make_rollout,
    only_entry,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rollout():
    return make_rollout(document(**EMPTY_PHASE))


def clear(rollout):
    """Claim and sign everything that the first phase asks for."""
    Claim.objects.create(
        rollout=rollout, path="prepare/enter/item:word", claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE]
    )
    for role, person in (("sre", OWNER), ("lead", LEAD)):
        facts = load_facts(rollout, Question.ENTER)
        seen = Seen(0, SHA, NOW)
        statement = build_statement(facts, role, person, seen, open_case(facts, Question.ENTER, NOW).judged)
        sign_off("demo", Answer("prepare", role, True, "approve-go", "", statement.digest, seen), act_of(person), NOW)


def enter(person=LEAD, phase="prepare", confirmed=(0, 1)):
    return enter_phase("demo", phase, act_of(person), NOW, confirmed=confirmed)


def test_a_go_lets_the_phase_begin_with_one_entry(rollout):
    clear(rollout)
    before = len(entries())
    seq = enter()
    run = PhaseRun.objects.get()
    assert (run.phase, run.number, run.state, run.entered_at, run.by_id) == ("prepare", 1, "running", NOW, LEAD)
    assert run.commands == ["make ready", "make sure"]
    assert DwellClock.objects.get().run == run
    last = entries()[-1]
    assert (len(entries()) - before, last["seq"], last["action"]) == (1, seq, "phase.entered")
    assert last["signature"]["verdict"] == "GO"
    assert run.verdict_id == last["signature"]["statement"]
    assert run.facts == last["signature"]["evidence"]
    assert Rollout.objects.get().dirty_at == NOW


def test_what_a_phase_is_entered_on_is_kept_and_gives_the_same_answer(rollout):
    clear(rollout)
    enter()
    run = PhaseRun.objects.get()
    facts, kept = (parse_canonical(bytes(Blob.objects.get(pk=key).data)) for key in (run.facts, run.verdict))
    again = evaluate_verdict(from_plain(Facts, facts), Question.ENTER, run.entered_at)
    assert (again, again.verdict_id) == (from_plain(Verdict, kept), run.verdict_id)


def test_no_go_lets_nothing_begin_and_says_why(rollout):
    with pytest.raises(NotGo, match=r"nothing has started\. .+ And \d more reasons?\."):
        enter()
    assert not PhaseRun.objects.exists()
    assert entries() == []


@pytest.mark.parametrize("person", [OWNER, MATE, STRANGER])
def test_only_who_answers_last_enters(rollout, person):
    clear(rollout)
    before = len(entries())
    with pytest.raises(NotAllowed, match="Release lead"):
        enter(person)
    assert not PhaseRun.objects.exists()
    assert len(entries()) == before


def test_every_command_is_confirmed_first(rollout):
    clear(rollout)
    with pytest.raises(CommandsNotConfirmed, match="Not confirmed: 2"):
        enter(confirmed=(0,))
    assert not PhaseRun.objects.exists()


def test_no_phase_is_skipped_and_none_is_entered_twice(rollout):
    clear(rollout)
    with pytest.raises(NotNext):
        enter(phase="canary")
    enter()
    with pytest.raises(NotNext):
        enter()
    assert PhaseRun.objects.count() == 1


def test_a_go_that_rests_on_an_old_check_of_the_record_is_none(rollout):
    clear(rollout)
    RecordCheck.objects.update(verified_at=NOW - timedelta(minutes=11))
    with pytest.raises(NotGo):
        enter()


@pytest.mark.parametrize("person", [OWNER, MATE, LEAD])
def test_one_person_of_the_rollout_rolls_back(rollout, person):
    run = start_phase(rollout, "canary")
    seq = roll_back_phase("demo", "off", act_of(person, age_s=9000), NOW + MINUTE)
    run.refresh_from_db()
    back = Rollback.objects.get()
    assert (run.state, run.left_at) == ("rolled_back", NOW + MINUTE)
    assert (back.level, back.to_phase, back.reason, back.due_at) == ("off", "prepare", "", NOW + 2 * MINUTE)
    assert back.reason_due_at == NOW + 61 * MINUTE
    again = PhaseRun.objects.get(state="running")
    assert (again.phase, again.number) == ("prepare", 1)
    entry = only_entry(seq)
    assert (entry["action"], entry["object"]["label"]) == ("phase.rolled_back", "Turn it off: back to Prepare")


def test_a_stranger_rolls_nothing_back(rollout):
    start_phase(rollout, "canary")
    with pytest.raises(NotAllowed):
        roll_back_phase("demo", "off", act_of(STRANGER), NOW)
    assert PhaseRun.objects.get().state == "running"
    assert entries() == []


def test_rolling_back_answers_what_fired(rollout):
    run = start_phase(rollout, "canary")
    Firing.objects.create(run=run, path="canary/abort/item:complaints", found="3 complaints", fired_at=NOW)
    roll_back_phase("demo", "off", act_of(MATE), NOW + MINUTE, reason="complaints")
    firing = Firing.objects.get()
    assert (firing.answer, firing.reason, firing.by_id) == (Firing.ROLLED_BACK, "complaints", MATE)


def test_there_must_be_something_to_roll_back_and_a_way(rollout):
    with pytest.raises(NothingRuns):
        roll_back_phase("demo", "off", act_of(MATE), NOW)
    start_phase(rollout, "canary")
    with pytest.raises(NoSuchLevel, match="It has: off"):
        roll_back_phase("demo", "sideways", act_of(MATE), NOW)
    assert entries() == []


def test_the_phase_after_a_rollback_is_a_run_of_its_own_whose_signatures_are_new(rollout):
    clear(rollout)
    enter()
    PhaseRun.objects.update(state="succeeded", left_at=NOW)
    start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW + MINUTE)
    assert PhaseRun.objects.get(state="running").number == 2
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    assert (facts.target.phase, facts.target.run, facts.signatures) == ("canary", 2, ())
    assert SignOff.objects.count() == 2


def test_what_the_phase_rolled_back_to_watches_is_due(rollout):
    start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW + MINUTE)
    assert set(Observation.objects.values_list("next_due_at", flat=True)) <= {NOW + MINUTE}


def test_the_reason_of_a_rollback_follows(rollout):
    start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW)
    back = Rollback.objects.get()
    seq = explain_rollback("demo", back.pk, act_of(OWNER), NOW + MINUTE, reason="it was slow")
    back.refresh_from_db()
    assert back.reason == "it was slow"
    last = entries()[-1]
    assert (last["seq"], last["action"], last["reason"], len(entries())) == (
        seq,
        "rollback.explained",
        "it was slow",
        2,
    )


def test_a_rollback_is_explained_in_words_and_must_exist(rollout):
    start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW)
    with pytest.raises(ReasonRequired):
        explain_rollback("demo", Rollback.objects.get().pk, act_of(OWNER), NOW, reason=" ")
    with pytest.raises(NoSuchRollback):
        explain_rollback("demo", 0, act_of(OWNER), NOW, reason="it was slow")
    assert len(entries()) == 1


def test_what_was_rolled_back_already_is_not_rolled_back_again(rollout):
    run = start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW, run_id=run.pk)
    with pytest.raises(RunEnded, match="prepare runs now"):
        roll_back_phase("demo", "off", act_of(LEAD), NOW, run_id=run.pk)
    assert Rollback.objects.count() == len(entries()) == 1


def test_a_stranger_explains_no_rollback(rollout):
    start_phase(rollout, "canary")
    roll_back_phase("demo", "off", act_of(MATE), NOW)
    with pytest.raises(NotAllowed):
        explain_rollback("demo", Rollback.objects.get().pk, act_of(STRANGER), NOW, reason="because")
    assert len(entries()) == 1
