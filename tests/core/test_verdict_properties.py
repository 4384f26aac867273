"""Whatever the facts are: nothing that is missing, failing, unknown or out of order yields a GO that was not earned."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from readiness.core.answers import verdict_as_read
from readiness.core.canonical import canonical_bytes, parse_canonical
from readiness.core.codec import from_plain, to_plain
from readiness.core.conditions import ConditionKind, ConditionList
from readiness.core.facts import Facts, RecordFacts
from readiness.core.reasons import REASONS, reason_clears, reason_rank, reason_sentence, reason_word
from readiness.core.signoffs import all_conditions
from readiness.core.types import Decision, Outcome, Question, Stage
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import NOW, make_facts, make_review, sign_all
from tests.core.changes import closed_otherwise, endings, is_known, less_decided, less_known, shuffled, spots
from tests.core.strategies import MET_KINDS, SIGNERS, place, waive
from tests.core.strategies_facts import (
    FAILING_FACTS,
    OF_SIGNATURES,
    STOPS_BOTH,
    add_conditions,
    bad_conditions,
    go_facts,
    good_facts,
    measured_triggers,
    met_conditions,
    no_go_of,
    rough_facts,
    running_of,
    sign_everything,
    worse_facts,
)
from tests.core.troubles import unknown_for, worse_for

QUESTIONS = st.sampled_from(Question)
often = settings(max_examples=100, deadline=None)
FINE = (Outcome.MET, Outcome.WAIVED)


def ask(facts, question=Question.ENTER, now=NOW):
    return evaluate_verdict(facts, question, now)


def is_go(facts, question=Question.ENTER, now=NOW):
    return ask(facts, question, now).decision is Decision.GO


def one_of(data, named):
    """Draw one of several named things."""
    found = list(named)
    return found[data.draw(st.integers(0, len(found) - 1))] if found else None


# ------------------------------------------------------------------------------------- GO is there to be lost


@often
@given(go_facts)
def test_facts_with_nothing_wrong_are_go(facts):
    verdict = ask(facts)
    assert (verdict.decision, verdict.stage, verdict.reasons) == (Decision.GO, Stage.CLEARED, ())
    assert facts.running is None or is_go(facts, Question.CONTINUE)


def drawn_from(strategy, count=200):
    """Give what a strategy draws, the same every time."""
    drawn = []
    fixed = settings(max_examples=count, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    fixed(given(strategy)(lambda facts: drawn.append(facts)))()
    return drawn


def test_go_and_no_go_are_both_drawn_often():
    drawn = drawn_from(rough_facts())
    assert 0.2 < sum(map(is_go, drawn)) / len(drawn) < 0.8


def test_go_rests_on_every_kind_of_condition_met_and_waived():
    seen = set()
    for facts in drawn_from(go_facts):
        kinds = {c.condition.path: c.condition.kind for c in all_conditions(facts)}
        seen |= {(kinds[a.path], a.outcome) for a in ask(facts).assessments}
    assert seen == set(product([k for k in ConditionKind if k is not ConditionKind.EXPERIMENT], FINE))


# ------------------------------------------------------------------------------------- what is added or taken away


@often
@given(rough_facts(), st.data())
def test_adding_a_failing_fact_never_yields_go(facts, data):
    assert not is_go(data.draw(worse_facts(facts)))


@pytest.mark.parametrize("name", FAILING_FACTS)
@settings(max_examples=8, deadline=None)
@given(good_facts())
def test_what_stops_an_entry_stops_it_whatever_else_is_good(name, facts):
    """Signed after it was there, so that no signature that went void is all that stops it."""
    assert is_go(sign_everything(facts))
    worse = FAILING_FACTS[name]
    assert not is_go(worse(sign_everything(facts)) if name in OF_SIGNATURES else sign_everything(worse(facts)))


@pytest.mark.parametrize("name", STOPS_BOTH)
@settings(max_examples=8, deadline=None)
@given(good_facts())
def test_what_stops_a_running_phase_stops_it_whatever_else_is_good(name, facts):
    assert not is_go(FAILING_FACTS[name](facts), Question.CONTINUE)


@often
@given(rough_facts(), QUESTIONS, st.booleans(), st.data())
def test_knowing_less_about_a_condition_never_turns_no_go_into_go(facts, question, again, data):
    """Signed again or not: signatures that went void must not be all that stops it."""
    condition, changed = one_of(data, spots(facts)) or (None, None)
    assume(condition is not None)
    name, poorer = one_of(data, less_known(condition)) or ("", condition)
    before, after = (sign_everything(f) if again else f for f in (facts, changed(poorer)))
    assert is_go(before, question) or not is_go(after, question), name


@often
@given(rough_facts(), QUESTIONS, st.data())
def test_fewer_decisions_never_turn_no_go_into_go(facts, question, data):
    name, poorer = one_of(data, less_decided(facts))
    assert is_go(facts, question) or not is_go(poorer, question), name


@often
@given(rough_facts(), QUESTIONS, st.booleans(), st.data())
def test_an_unknown_never_turns_no_go_into_go(facts, question, again, data):
    condition, changed = one_of(data, (s for s in spots(facts) if is_known(s[0]))) or (None, None)
    assume(condition is not None)
    name, worse = one_of(data, unknown_for(condition))
    before, after = (sign_everything(f) if again else f for f in (facts, changed(worse)))
    assert is_go(before, question) or not is_go(after, question), name


@often
@given(go_facts, st.data())
def test_each_unknown_alone_takes_a_go_away_and_says_where(facts, data):
    known = (s for s in spots(facts) if is_known(s[0]) and s[0].waiver is None and needed_now(s[0]))
    condition, changed = one_of(data, known) or (None, None)
    assume(condition is not None)
    name, worse = one_of(data, needed_now(condition))
    verdict = ask(sign_everything(changed(worse)))
    assert verdict.decision is Decision.NO_GO, name
    assert condition.condition.path in {reason.path for reason in verdict.reasons}, name


def needed_now(condition):
    """What must be known already. Of a trigger that reads what only the next phase produces that is its control."""
    waits = condition.condition.abort is not None and condition.condition.abort.arms_on_entry
    of_control = ("comparand", "nothing to compare with", "never measured")
    return [named for named in unknown_for(condition) if not waits or named[0].startswith(of_control)]


@pytest.mark.parametrize("kind", MET_KINDS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_every_way_to_fail_or_to_be_unknown_is_no_go_and_says_where(kind, data):
    met = place(data.draw(kind()), "canary", 1, ConditionList.ENTER, None)
    asked = replace(make_facts(enter=(make_review(), met)), record=RecordFacts(NOW, 9))
    assert is_go(sign_all(asked))
    for name, worse in worse_for(met) + unknown_for(met):
        verdict = ask(sign_all(replace(asked, enter=(make_review(), worse))))
        assert [reason.path for reason in verdict.reasons] == [met.condition.path], name


@often
@given(bad_conditions(), st.sampled_from(["enter", "complete", "gap"]), go_facts)
def test_a_condition_that_is_not_met_is_named_wherever_it_stands(bad, where, facts):
    name, condition = bad
    verdict = ask(sign_everything(add_conditions(facts, [condition], where)))
    assert condition.condition.path in {reason.path for reason in verdict.reasons}, name


# ------------------------------------------------------------------------------------- the same answer every time


@often
@given(rough_facts(), QUESTIONS)
def test_stored_facts_give_the_same_bytes_again(facts, question):
    stored = canonical_bytes(to_plain(facts))
    again = from_plain(Facts, parse_canonical(stored))
    assert canonical_bytes(to_plain(again)) == stored
    assert answer_bytes(again, question) == answer_bytes(facts, question)


@often
@given(rough_facts(), QUESTIONS, st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_not_a_byte(facts, question, random):
    assert answer_bytes(shuffled(facts, random), question) == answer_bytes(facts, question)


def answer_bytes(facts, question):
    return canonical_bytes(to_plain(ask(facts, question)))


# ------------------------------------------------------------------------------------- until when


@settings(max_examples=300, deadline=None)
@given(go_facts)
def test_a_go_counts_no_longer_than_the_first_thing_that_it_rests_on(facts):
    assert ask(facts).valid_until <= min(endings(facts))


@pytest.mark.parametrize("kind", MET_KINDS)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_go_counts_exactly_until_its_condition_ends(kind, data):
    met = place(data.draw(kind()), "canary", 1, ConditionList.ENTER, None)
    facts = sign_all(replace(make_facts(enter=(make_review(), met)), record=RecordFacts(NOW, 9)))
    assert ask(facts).valid_until == min(endings(facts))


SOON = st.integers(0, 20 * 60)
LATE = st.integers(0, 9 * 86400)


@often
@given(go_facts, QUESTIONS, SOON | LATE)
def test_a_go_is_read_as_go_exactly_until_its_time(facts, question, seconds):
    verdict, later = ask(facts, question), NOW + timedelta(seconds=seconds)
    read = verdict_as_read(verdict, later)
    if verdict.decision is Decision.GO:
        assert verdict.valid_until is not None
        assert (read.decision is Decision.GO) == (later < verdict.valid_until)


@often
@given(go_facts, SOON)
def test_facts_that_nobody_refreshes_are_go_until_its_time_and_not_after(facts, seconds):
    until, later = ask(facts).valid_until, NOW + timedelta(seconds=seconds)
    if later != until:
        assert is_go(facts, now=later) == (later < until)


@often
@given(good_facts(), measured_triggers(), st.integers(20 * 60, 9 * 86400))
def test_a_running_phase_whose_triggers_nobody_measures_does_not_stay_go(facts, trigger, seconds):
    """A sample here counts for nine minutes at most, and then a trigger may be blind for ten; the record is fine."""
    later = NOW + timedelta(seconds=seconds)
    facts = replace(facts, running=running_of(facts), triggers=(*facts.triggers, trigger), record=RecordFacts(later, 9))
    verdict = ask(facts, Question.CONTINUE, later)
    assert {reason.code for reason in verdict.reasons} & {"ABORT_BLIND", "ABORT_UNANSWERED"}


# ------------------------------------------------------------------------------------- reasons


@often
@given(rough_facts(), QUESTIONS)
def test_go_is_the_silence_of_reasons_and_each_reason_is_whole(facts, question):
    verdict = ask(facts, question)
    assert (verdict.decision is Decision.GO) == (not verdict.reasons) == (verdict.stage is Stage.CLEARED)
    assert list(verdict.reasons) == sorted(verdict.reasons, key=reason_rank)
    for reason in verdict.reasons:
        assert reason.code in REASONS
        assert reason.title
        assert reason.since_at is not None
        assert reason.since_at <= NOW
        for words in (reason_sentence(reason), reason_clears(reason), reason_word(reason)):
            assert words.strip()
            assert not {"{title}", "{found}", "{required}"} & set(words.split())


@often
@given(rough_facts())
def test_every_condition_that_is_not_met_has_its_reason_with_its_owner(facts):
    verdict = ask(facts)
    owners = {c.condition.path: c.condition.owner or "" for c in all_conditions(facts)}
    unmet = {a.path for a in verdict.assessments if a.outcome not in FINE}
    given_reasons = {r.path: r.owner for r in verdict.reasons if r.path in owners}
    assert unmet <= given_reasons.keys()
    assert all(owner == owners[path] for path, owner in given_reasons.items())


# ------------------------------------------------------------------------------------- signatures


@often
@given(go_facts, st.data())
def test_a_smaller_poll_than_was_signed_is_no_go(facts, data):
    rule = facts.target.sign_off
    gone = data.draw(st.sampled_from(rule.roles))
    left = tuple(role for role in rule.roles if role != gone)
    smaller = replace(rule, roles=left, last=rule.last if rule.last in left else left[-1])
    assert not is_go(replace(facts, target=replace(facts.target, sign_off=smaller)))


@often
@given(go_facts, st.data())
def test_what_is_asked_otherwise_after_it_was_signed_is_no_go(facts, data):
    """Editing a plan: another owner, another validity, a condition less, or one more that is met."""
    condition, changed = one_of(data, (s for s in spots(facts) if s[0].condition.place != "flag"))
    c = condition.condition
    edits = {
        "another owner": replace(condition, condition=replace(c, owner="nobody-yet")),
        "another validity": replace(condition, condition=replace(c, valid_for=timedelta(days=99))),
        "another place": replace(condition, condition=replace(c, path=f"{c.path}/moved")),
        "taken out": None,
    }
    name = data.draw(st.sampled_from(sorted(edits)))
    assert not is_go(changed(edits[name]) if edits[name] or c.abort is None else without_trigger(facts, c.path)), name


def without_trigger(facts, path):
    return replace(facts, triggers=tuple(t for t in facts.triggers if t.facts.condition.path != path))


@often
@given(go_facts, met_conditions("later", ConditionList.ENTER, most=1, least=1))
def test_what_is_asked_beside_what_was_signed_is_no_go_though_it_is_met(facts, more):
    assert not is_go(add_conditions(facts, more, "enter"))


@often
@given(go_facts, st.data())
def test_a_no_go_of_anybody_polled_stops_whoever_said_go_before(facts, data):
    role = data.draw(st.sampled_from(facts.target.sign_off.roles))
    against = replace(no_go_of(facts), role=role, by=data.draw(st.sampled_from(SIGNERS)))
    verdict = ask(replace(facts, signatures=(*facts.signatures, against)))
    assert ("SIGN_OFF_NO_GO", role) in {(reason.code, reason.key) for reason in verdict.reasons}


@often
@given(good_facts(), st.sampled_from(SIGNERS))
def test_one_person_for_every_role_is_no_go(facts, person):
    assert not is_go(sign_everything(facts, [person] * len(facts.target.sign_off.roles)))


@often
@given(go_facts, st.data())
def test_who_changed_what_is_asked_is_not_enough_to_sign_for_it(facts, data):
    condition, changed = one_of(data, (s for s in spots(facts) if s[0].condition.list is not ConditionList.ABORT))
    last = facts.signatures[-1].by
    worked = replace(condition, condition=replace(condition.condition, owner=None), changed_by=(last,), waiver=None)
    verdict = ask(sign_everything(changed(worked)))
    assert verdict.decision is Decision.NO_GO
    fine = not [r for r in verdict.reasons if r.code != "SIGN_OFF_NOT_INDEPENDENT"]
    assert not fine or condition.condition.path in {reason.path for reason in verdict.reasons}


@often
@given(go_facts, st.sampled_from([{"closed_by": SIGNERS[3]}, {"closed_at": NOW}, {"closed_by": None}]), st.data())
def test_what_is_closed_otherwise_than_it_was_signed_is_no_go(facts, changes, data):
    name, changed = one_of(data, closed_otherwise(facts, **changes)) or ("", None)
    assume(changed is not None)
    assert not is_go(changed), name


@often
@given(good_facts(), st.data())
def test_who_closed_a_gap_by_hand_is_not_enough_to_sign_for_it(facts, data):
    """Where the last role owns it, whoever signs for that role is the only one to cover it."""
    gap = one_of(data, facts.gaps)
    assume(gap is not None and (gap.tasks or gap.closed_by) and all(c.waiver is None for c in gap.conditions))
    last = sign_everything(facts).signatures[-1].by
    conditions = tuple(replace(c, condition=replace(c.condition, owner=None)) for c in gap.conditions)
    by_last = replace(gap, gap=replace(gap.gap, owner=None), conditions=conditions)
    for name, changed in closed_otherwise(replace(facts, gaps=(by_last,)), closed_by=last):
        reasons = ask(sign_everything(changed)).reasons
        assert {reason.code for reason in reasons} == {"SIGN_OFF_NOT_INDEPENDENT"}, name
        keys = {c.condition.key for c in conditions} or {gap.gap.key}
        assert keys == {reason.key for reason in reasons}, name


@often
@given(good_facts(), bad_conditions(), st.integers(1, 90))
def test_a_waiver_excuses_only_what_it_was_granted_over(facts, bad, minutes):
    """The condition asks for more than before: a shorter validity, which excuses nothing by itself."""
    waived = waive(bad[1])
    asked = replace(waived, condition=replace(waived.condition, valid_for=timedelta(minutes=minutes)))
    assert is_go(sign_everything(add_conditions(facts, [waived], "enter")))
    assert not is_go(sign_everything(add_conditions(facts, [asked], "enter")))


@often
@given(good_facts(), bad_conditions(), st.integers(0, 10**6))
def test_a_waiver_that_is_over_excuses_nothing(facts, bad, seconds):
    over = waive(bad[1], lasts=-timedelta(seconds=seconds))
    verdict = ask(sign_everything(add_conditions(facts, [over], "enter")))
    assert (over.condition.path, "WAIVER_EXPIRED") in {(r.path, r.code) for r in verdict.reasons}
