"""The verdict: what GO needs, and that nothing talks it into a false GO."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.answers import reason_id, verdict_as_read
from readiness.core.canonical import canonical_bytes
from readiness.core.codec import from_plain, to_plain
from readiness.core.conditions import Enough, EvidenceDemand
from readiness.core.facts import Facts, FiringFacts, HoldFacts, RecordFacts, SinceFacts, TargetFacts
from readiness.core.plan import SignOffRule
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import (
    BaselineFacts,
    Decision,
    EvidenceState,
    Finding,
    GateObservation,
    Question,
    Stage,
    Trouble,
)
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import (
    ANA,
    NOW,
    RULE,
    codes,
    make_check,
    make_claim,
    make_drill,
    make_evidence,
    make_facts,
    make_gap,
    make_gate,
    make_item,
    make_ran,
    make_reading,
    make_review,
    make_run,
    make_trigger,
    make_window,
    sign,
    sign_all,
)


def enter(facts, now=NOW):
    return evaluate_verdict(facts, Question.ENTER, now)


def proceed(facts, now=NOW):
    return evaluate_verdict(facts, Question.CONTINUE, now)


def full():
    """Every kind of condition, all met, everybody signed."""
    return sign_all(
        make_facts(
            enter=[
                make_gate(),
                make_item(make_claim(make_evidence())),
                make_check(),
                make_drill(make_ran()),
                make_review(),
            ],
            complete=[make_gate(key="availability", expect=">= 0ms")],
            gaps=[make_gap(make_check(key="flag-api"), done_tasks=2)],
            triggers=[make_trigger(), make_trigger(running=False, key="errors")],
            running=make_run(),
        )
    )


def observed(reading):
    return make_gate(key="bad", observation=GateObservation(reading))


BAD = {
    "GATE_BREACHED": make_gate(0.018, key="bad"),
    "GATE_NEVER_MEASURED": replace(make_gate(key="bad"), gate=None),
    "GATE_NOT_A_NUMBER": make_gate(float("nan"), key="bad"),
    "GATE_NOT_SUSTAINED": make_gate(key="bad", hold_for=timedelta(minutes=10)),
    "GATE_NO_BASELINE": make_gate(key="bad", expect="<= +5%"),
    "GATE_OTHER_QUERY": observed(replace(make_reading(("", 0.01)), query="max(other)")),
    "GATE_NO_DATA": observed(make_reading()),
    "GATE_STALE": observed(make_reading(("", 0.01), age=timedelta(minutes=3))),
    "GATE_SOURCE_ERROR": observed(make_reading(trouble=Trouble.SOURCE_ERROR, message="did not answer")),
    "GATE_TOO_LITTLE_TRAFFIC": make_gate(
        key="bad",
        observation=GateObservation(make_reading(("", 0.01)), traffic=make_reading(("", 1.0))),
        enough=Enough("traffic", 10),
    ),
    "CHECK_MISSING": make_check(Finding.MISSING, key="bad"),
    "CHECK_MISFIT": make_check(Finding.MISFIT, key="bad"),
    "CHECK_STALE": make_check(key="bad", age=timedelta(hours=1)),
    "CHECK_UNCHECKED": replace(make_check(key="bad"), check=None),
    "CHECK_SOURCE_ERROR": make_check(key="bad", trouble=Trouble.SOURCE_ERROR),
    "SOURCE_NOT_CONFIGURED": make_check(key="bad", trouble=Trouble.NOT_CONFIGURED),
    "ITEM_UNCLAIMED": make_item(key="bad"),
    "EVIDENCE_MISSING": make_item(make_claim(), key="bad"),
    "EVIDENCE_UNREADABLE": make_item(make_claim(make_evidence(EvidenceState.UNREADABLE)), key="bad"),
    "EVIDENCE_UNCHECKED": make_item(make_claim(make_evidence(EvidenceState.UNCHECKED)), key="bad"),
    "CLAIM_CONTRADICTED": make_item(make_claim(make_evidence(EvidenceState.CONTRADICTS)), key="bad"),
    "CLAIM_EXPIRED": make_item(make_claim(make_evidence()), key="bad", valid_for=timedelta(minutes=30)),
    "DRILL_MISSING": make_drill(key="bad"),
    "DRILL_FAILED": make_drill(make_ran(passed=False), key="bad"),
    "DRILL_TOO_SLOW": make_drill(make_ran(timedelta(minutes=3)), key="bad"),
    "DRILL_EXPIRED": make_drill(make_ran(), key="bad", valid_for=timedelta(hours=1)),
    "REVIEW_MISSING": make_review(None, key="bad"),
    "REVIEW_BELOW_SCORE": make_review(6.5, key="bad"),
}
PLACES = {
    "enter": lambda facts, bad: replace(facts, enter=(*facts.enter, bad)),
    "complete": lambda facts, bad: replace(facts, complete=(*facts.complete, bad)),
    "gap": lambda facts, bad: replace(facts, gaps=(*facts.gaps, make_gap(bad, key="late"))),
}


def test_everything_met_and_signed_is_go():
    verdict = enter(full())
    assert (verdict.decision, verdict.stage, verdict.reasons) == (Decision.GO, Stage.CLEARED, ())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("code", BAD)
def test_one_bad_condition_anywhere_is_no_go_with_its_reason(code, place):
    verdict = enter(sign_all(PLACES[place](full(), BAD[code])))
    assert verdict.decision is Decision.NO_GO
    assert code in codes(verdict)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(BAD)), st.sampled_from(sorted(PLACES))), min_size=1, max_size=4))
def test_adding_failing_or_unknown_facts_never_yields_go(bad):
    facts = full()
    for number, (code, place) in enumerate(bad):
        worse = BAD[code]
        condition = replace(worse.condition, path=f"{worse.condition.path}-{number}")
        facts = PLACES[place](facts, replace(worse, condition=condition))
    assert enter(sign_all(facts)).decision is Decision.NO_GO


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_removing_what_is_known_never_yields_go(data):
    facts = PLACES["enter"](full(), BAD[data.draw(st.sampled_from(sorted(BAD)))])
    position = data.draw(st.integers(0, len(facts.enter) - 1))
    known = facts.enter[position]
    blank = replace(known, claims=(), gate=None, check=None, drill=None, review=None, proofs=())
    without = replace(facts, enter=(*facts.enter[:position], blank, *facts.enter[position + 1 :]))
    assert enter(sign_all(without)).decision is Decision.NO_GO


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(BAD)))
def test_the_order_of_facts_changes_nothing(random, code):
    facts = PLACES["enter"](full(), BAD[code])
    shuffled = list(facts.enter)
    random.shuffle(shuffled)
    other = replace(facts, enter=tuple(shuffled), triggers=facts.triggers[::-1])
    first, second = enter(facts), enter(other)
    assert (first.verdict_id, first.reasons) == (second.verdict_id, second.reasons)


@pytest.mark.parametrize("code", [*sorted(BAD), None])
def test_stored_facts_give_the_same_bytes_again(code):
    facts = PLACES["enter"](full(), BAD[code]) if code else full()
    stored = canonical_bytes(to_plain(facts))
    again = from_plain(Facts, to_plain(facts))
    assert canonical_bytes(to_plain(again)) == stored
    assert canonical_bytes(to_plain(enter(again))) == canonical_bytes(to_plain(enter(facts)))


@given(st.integers(0, 10**7))
@settings(deadline=None)
def test_a_go_is_never_read_as_go_after_its_time(seconds):
    verdict = enter(full())
    later = NOW + timedelta(seconds=seconds)
    read = verdict_as_read(verdict, later)
    assert (read.decision is Decision.GO) == (later < verdict.valid_until)
    if later >= verdict.valid_until:
        assert codes(read) == ["VERDICT_EXPIRED"]


def test_a_go_runs_out_with_its_freshest_gate():
    facts = full()
    assert enter(facts).valid_until == NOW - timedelta(seconds=5) + timedelta(minutes=2)


def test_an_empty_phase_is_no_go():
    verdict = enter(sign_all(make_facts(enter=())))
    assert "PHASE_EMPTY" in codes(verdict)


@pytest.mark.parametrize("rule", [None, SignOffRule((), "release-manager")])
def test_a_phase_that_polls_nobody_is_no_go(rule):
    facts = replace(make_facts(), target=TargetFacts("canary", "Canary", 1, rule))
    assert "SIGN_OFF_UNDEFINED" in codes(enter(facts))


def test_a_gap_with_neither_tasks_nor_conditions_is_open_until_somebody_closes_it():
    assert "GAP_OPEN" in codes(enter(sign_all(make_facts(gaps=[make_gap()]))))
    assert enter(sign_all(make_facts(gaps=[make_gap(closed_by=ANA)]))).decision is Decision.GO


def test_an_open_task_keeps_its_gap_open():
    verdict = enter(sign_all(make_facts(gaps=[make_gap(make_check(key="flag-api"), open_tasks=1)])))
    assert reason_sentence(verdict.reasons[0]) == "Gap “No runtime flags” is open: 1 task open."


def test_what_an_open_gap_tracks_stands_under_that_gap():
    missing = make_check(Finding.MISSING, key="flag-api")
    tracked = replace(missing, condition=replace(missing.condition, path="canary/enter/check:flag-api"))
    facts = make_facts(
        enter=[tracked], gaps=[make_gap(replace(missing, condition=replace(missing.condition, path="gap/x")))]
    )
    assert {r.group for r in enter(facts).reasons if r.key == "flag-api"} == {"gap:flags"}


def test_dwell_blocks_until_it_is_over():
    verdict = enter(sign_all(make_facts(running=make_run(timedelta(days=3)))))
    assert reason_sentence(verdict.reasons[0]) == "Shadow mode has run 3 days of 7 days."


def test_a_hold_stops_both_questions():
    held = make_facts(holds=[HoldFacts(ANA, "SRE lead", "backup job is failing", NOW)], running=make_run())
    assert enter(held).stage is Stage.HOLD
    assert proceed(held).stage is Stage.HOLD
    assert reason_sentence(proceed(held).reasons[0]) == "Held by Ana (SRE lead): “backup job is failing”."


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (RecordFacts(None, 0), "RECORD_UNVERIFIED"),
        (RecordFacts(NOW - timedelta(minutes=11), 9), "RECORD_UNVERIFIED"),
        (RecordFacts(NOW, 9, "altered: entry 3"), "RECORD_BROKEN"),
    ],
)
def test_a_record_that_is_not_verified_stops_both_questions(record, code):
    facts = sign_all(make_facts(record=record, running=make_run()))
    assert codes(enter(facts)) == [code]
    assert codes(proceed(facts)) == [code]


def test_a_firing_trigger_aborts_and_a_quiet_one_does_not():
    assert proceed(make_facts(triggers=[make_trigger()], running=make_run())).decision is Decision.GO
    assert proceed(make_facts(triggers=[make_trigger(0.030)], running=make_run())).stage is Stage.ABORT


def test_a_trigger_fires_only_after_its_whole_duration():
    spec = {"hold_for": timedelta(minutes=10)}
    early = make_trigger(0.030, window=make_window(breached=timedelta(minutes=9)), **spec)
    late = make_trigger(0.030, window=make_window(breached=timedelta(minutes=10)), **spec)
    assert proceed(make_facts(triggers=[early], running=make_run())).decision is Decision.GO
    assert codes(proceed(make_facts(triggers=[late], running=make_run()))) == ["ABORT_FIRING"]


def test_a_trigger_that_fired_stays_until_it_is_answered_even_when_it_clears():
    fired = make_trigger(firings=[FiringFacts(NOW - timedelta(hours=1), NOW - timedelta(minutes=50))])
    answered = make_trigger(
        firings=[
            FiringFacts(NOW - timedelta(hours=1), NOW - timedelta(minutes=50), "continue", NOW + timedelta(hours=1))
        ]
    )
    assert codes(proceed(make_facts(triggers=[fired], running=make_run()))) == ["ABORT_UNANSWERED"]
    assert proceed(make_facts(triggers=[answered], running=make_run())).decision is Decision.GO


def test_an_answer_that_ran_out_while_the_trigger_still_fires_counts_no_more():
    ran_out = FiringFacts(NOW - timedelta(hours=1), None, "continue", NOW - timedelta(seconds=1))
    assert codes(proceed(make_facts(triggers=[make_trigger(0.030, firings=[ran_out])], running=make_run()))) == [
        "ABORT_FIRING"
    ]


def test_a_trigger_is_blind_after_ten_minutes_without_data():
    for age, expected in ((timedelta(minutes=9), []), (timedelta(minutes=10), ["ABORT_BLIND"])):
        blind = make_trigger(float("nan"), blind_since=NOW - age)
        assert codes(proceed(make_facts(triggers=[blind], running=make_run()))) == expected


def test_a_trigger_without_data_is_not_armed_and_blocks_entering():
    unarmed = make_trigger(float("nan"), running=False)
    assert "ABORT_UNARMED" in codes(enter(sign_all(make_facts(triggers=[unarmed]))))


def test_a_trigger_that_only_the_next_phase_feeds_does_not_deadlock_its_entry():
    later = make_trigger(float("nan"), running=False, on_entry=True)
    assert enter(sign_all(make_facts(triggers=[later]))).decision is Decision.GO


def test_nobody_signed_is_awaiting_sign_off_when_nothing_else_blocks():
    verdict = enter(make_facts())
    assert verdict.stage is Stage.AWAITING_SIGN_OFF
    assert codes(verdict) == ["SIGN_OFF_MISSING"] * 3


@pytest.mark.parametrize("role", RULE.roles)
def test_every_role_counts(role):
    facts = sign_all(make_facts())
    without = replace(facts, signatures=tuple(s for s in facts.signatures if s.role != role))
    assert [r.key for r in enter(without).reasons] == [role]


def test_a_no_go_stops_whatever_the_others_say():
    facts = sign_all(make_facts())
    against = (*facts.signatures, sign(facts, "sre-lead", go=False, age=timedelta(minutes=1)))
    assert codes(enter(replace(facts, signatures=against))) == ["SIGN_OFF_NO_GO"]


def test_one_person_counts_for_one_role():
    facts = sign_all(make_facts(), **{"sre-lead": ANA, "backend-lead": ANA})
    assert codes(enter(facts)) == ["SIGN_OFF_VOID"]


def test_a_changed_definition_voids_the_signatures_that_cover_it():
    facts = sign_all(make_facts())
    eased = make_gate(expect="<= 50ms")
    verdict = enter(replace(facts, enter=(eased,)))
    assert {r.key for r in verdict.reasons} == {"backend-lead", "release-manager"}
    assert set(codes(verdict)) == {"SIGN_OFF_VOID"}


def test_a_changed_file_voids_and_a_new_commit_does_not():
    facts = sign_all(make_facts(enter=[make_check()]))
    moved = replace(facts.enter[0].check, version="fffffff", checked_at=NOW)
    changed = replace(facts.enter[0].check, content="sha256:other")
    assert enter(replace(facts, enter=(replace(facts.enter[0], check=moved),))).decision is Decision.GO
    assert "SIGN_OFF_VOID" in codes(enter(replace(facts, enter=(replace(facts.enter[0], check=changed),))))


def test_unknown_blocks_and_does_not_void():
    facts = sign_all(make_facts(enter=[make_check()]))
    troubled = replace(facts.enter[0].check, trouble=Trouble.SOURCE_ERROR)
    assert codes(enter(replace(facts, enter=(replace(facts.enter[0], check=troubled),)))) == ["CHECK_SOURCE_ERROR"]


def test_a_signature_does_not_move_with_live_values():
    facts = sign_all(make_facts(enter=[make_gate(0.010)]))
    assert enter(replace(facts, enter=(make_gate(0.011),))).decision is Decision.GO
    assert codes(enter(replace(facts, enter=(make_gate(0.020),)))) == ["GATE_BREACHED"]


def test_a_signature_expires():
    facts = sign_all(make_facts())
    fresh = replace(facts, record=RecordFacts(NOW + timedelta(days=8), 1), enter=(make_review(),))
    assert set(codes(enter(sign_all(fresh), NOW + timedelta(days=8)))) == {"SIGN_OFF_EXPIRED"}


def test_who_claimed_a_condition_cannot_be_the_only_one_to_sign_for_it():
    worked = make_item(make_claim(make_evidence(by=SIGNER), by=SIGNER))
    facts = sign_all(make_facts(enter=[worked]), **{"backend-lead": SIGNER, "release-manager": SIGNER_TOO})
    assert enter(facts).decision is Decision.GO
    both = make_item(make_claim(make_evidence(by=SIGNER_TOO), by=SIGNER))
    facts = sign_all(make_facts(enter=[both]), **{"backend-lead": SIGNER, "release-manager": SIGNER_TOO})
    assert codes(enter(facts)) == ["SIGN_OFF_NOT_INDEPENDENT"]


def test_who_recorded_the_baseline_of_a_gate_is_not_independent_of_it():
    gate = make_gate()
    gate = replace(
        gate, gate=replace(gate.gate, baseline=BaselineFacts("before", 0.01, NOW, SIGNER, gate.condition.gate.query))
    )
    unowned = replace(gate, condition=replace(gate.condition, owner=None))
    signed = sign_all(make_facts(enter=[unowned]), **{"release-manager": SIGNER})
    assert codes(enter(signed)) == ["SIGN_OFF_NOT_INDEPENDENT"]


def test_who_imported_what_a_condition_asks_is_not_independent_of_it():
    gate = replace(make_gate(), changed_by=(SIGNER,))
    facts = sign_all(make_facts(enter=[gate]), **{"backend-lead": ANA, "release-manager": SIGNER})
    assert enter(facts).decision is Decision.GO
    unowned = replace(gate, condition=replace(gate.condition, owner=None))
    facts = make_facts(enter=[unowned])
    assert codes(enter(sign_all(facts, **{"release-manager": SIGNER}))) == ["SIGN_OFF_NOT_INDEPENDENT"]


@pytest.mark.parametrize(("minutes", "voided"), [(14, []), (15, ["backend-lead", "release-manager"])])
def test_a_live_condition_that_fails_without_a_break_voids_the_signatures_of_its_part(minutes, voided):
    signed = sign_all(make_facts())
    failing = replace(make_gate(0.018), failing_since=NOW - timedelta(minutes=minutes))
    reasons = [r for r in enter(replace(signed, enter=(failing,))).reasons if r.code != "GATE_BREACHED"]
    assert [(r.code, r.key) for r in reasons] == [("SIGN_OFF_VOID", role) for role in voided]
    assert {r.found for r in reasons} <= {"Recall p99 has not been met for 15 min"}


def test_what_failed_and_then_cannot_be_measured_blocks_and_does_not_void():
    signed = sign_all(make_facts())
    seen = GateObservation(make_reading(("", 0.018), age=timedelta(hours=1)))
    failed = replace(make_gate(observation=seen), failing_since=NOW - timedelta(hours=1))
    assert codes(enter(replace(signed, enter=(failed,)))) == ["GATE_STALE"]


def test_what_a_signature_rests_on_by_its_content_is_not_voided_by_the_clock():
    signed = sign_all(make_facts(enter=[make_check()]))
    old = replace(signed.enter[0], failing_since=NOW - timedelta(hours=1))
    assert enter(replace(signed, enter=(old,))).decision is Decision.GO


def test_the_plan_says_how_long_a_live_condition_may_fail():
    rule = replace(RULE, void_after=timedelta(hours=2))
    facts = make_facts(target=TargetFacts("canary", "Canary", 1, rule))
    signed = sign_all(facts)
    failing = replace(signed.enter[0], failing_since=NOW - timedelta(hours=1))
    assert enter(replace(signed, enter=(failing,))).decision is Decision.GO


def test_a_reason_keeps_the_moment_it_began():
    facts = make_facts(enter=[make_gate(0.020)])
    began = NOW - timedelta(hours=2)
    known = replace(facts, since=(SinceFacts(reason_id(enter(facts).reasons[0]), began),))
    assert [r.since_at for r in enter(known).reasons] == [began, NOW, NOW, NOW]


def test_worst_comes_first():
    found = codes(enter(make_facts(enter=[make_gate(0.1), make_check(Finding.MISSING), make_item(key="other")])))
    assert found == ["CHECK_MISSING", "GATE_BREACHED", "ITEM_UNCLAIMED", *["SIGN_OFF_MISSING"] * 3]


@pytest.mark.parametrize("code", BAD)
def test_every_reason_reads_as_a_sentence_and_says_what_clears_it(code):
    (reason,) = [r for r in enter(make_facts(enter=[BAD[code]])).reasons if r.code == code]
    assert reason_sentence(reason).endswith((".", "”"))
    assert "{" not in reason_sentence(reason) + reason_clears(reason)
    assert reason.owner == "backend-lead"


def test_an_attested_item_counts_as_a_word_and_not_as_proof():
    facts = sign_all(make_facts(enter=[make_item(make_claim(), demand=EvidenceDemand.ATTESTATION)]))
    verdict = enter(facts)
    assert verdict.decision is Decision.GO
    assert [a.attested for a in verdict.assessments] == [True]


SIGNER, SIGNER_TOO = replace(ANA, id="u:8", name="Sam"), replace(ANA, id="u:9", name="Tess")


@pytest.mark.parametrize("ahead", [timedelta(minutes=11), timedelta(days=2)])
def test_a_record_verified_ahead_of_the_clock_is_not_verified(ahead):
    facts = sign_all(make_facts(record=RecordFacts(NOW + ahead, 9)))
    assert codes(enter(facts)) == ["RECORD_UNVERIFIED"]
    assert "ahead of the clock" in reason_sentence(enter(facts).reasons[0])


def test_a_check_made_ahead_of_the_clock_is_not_fresh():
    facts = sign_all(make_facts(enter=[make_check(age=-timedelta(hours=1))]))
    assert codes(enter(facts)) == ["CHECK_STALE"]


def test_two_holds_of_one_person_are_two_reasons():
    whys = ("the backup fails", "the network is slow")
    twice = [HoldFacts(ANA, "SRE lead", why, NOW, number) for number, why in enumerate(whys)]
    assert [r.found for r in proceed(make_facts(holds=twice, running=make_run())).reasons] == [
        "the backup fails",
        "the network is slow",
    ]


@pytest.mark.parametrize("target", [None, TargetFacts("canary", "Canary", 1, RULE)])
def test_nothing_that_does_not_run_may_continue(target):
    assert codes(proceed(make_facts(target=target))) == ["PHASE_INCOMPLETE"]


def test_a_go_rests_on_the_triggers_of_the_next_phase_too():
    facts = sign_all(make_facts(enter=[make_review()], triggers=[make_trigger(running=False)]))
    until = enter(facts).valid_until
    assert until == NOW - timedelta(seconds=5) + timedelta(minutes=2)
    assert codes(enter(facts, until + timedelta(seconds=1))) == ["ABORT_UNARMED"]
