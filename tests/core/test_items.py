"""Items: a tick is a claim, and what was brought with it decides."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.assess import assess_condition
from readiness.core.conditions import EvidenceDemand, EvidenceRule, Records
from readiness.core.reports import LoadTestSummary, Report
from readiness.core.types import EvidenceState, Finding, Outcome, Trouble
from tests.core.builders import (
    ANA,
    BEN,
    NOW,
    make_check,
    make_claim,
    make_drill,
    make_evidence,
    make_gate,
    make_item,
    make_ran,
    make_review,
)


def judge(*claims, **item):
    return assess_condition(make_item(*claims, **item), NOW)


def test_a_bare_tick_is_never_met():
    assert judge(make_claim()).code == "EVIDENCE_MISSING"


def test_an_address_alone_is_not_evidence():
    found = judge(make_claim(make_evidence(EvidenceState.ATTESTS, "link")))
    assert (found.code, found.found) == ("EVIDENCE_MISSING", "claimed by Ana; only an address was kept")


@pytest.mark.parametrize("kind", ["file", "link", "loadtest"])
def test_an_item_that_asks_for_junit_takes_nothing_else(kind):
    assert judge(make_claim(make_evidence(kind=kind)), demand=EvidenceDemand.JUNIT).code == "EVIDENCE_MISSING"
    assert judge(make_claim(make_evidence(kind="junit")), demand=EvidenceDemand.JUNIT).outcome is Outcome.MET


def test_a_machine_that_disagrees_contradicts_the_claim():
    missing = make_check(Finding.MISSING, detail="not at commit 5d54816")
    found = judge(make_claim(), demand=EvidenceDemand.NONE, proofs=[missing])
    assert (found.outcome, found.code) == (Outcome.NOT_MET, "CLAIM_CONTRADICTED")
    assert found.found == "Runbook: not at commit 5d54816"


def test_a_machine_that_does_not_know_leaves_the_claim_unproven():
    unknown = make_check(trouble=Trouble.SOURCE_ERROR)
    assert judge(make_claim(), demand=EvidenceDemand.NONE, proofs=[unknown]).code == "EVIDENCE_UNCHECKED"


def test_a_machine_that_agrees_proves_the_claim_and_dates_it():
    found = judge(make_claim(), demand=EvidenceDemand.NONE, proofs=[make_check()])
    assert found.outcome is Outcome.MET
    assert found.expires_at == NOW - timedelta(seconds=20) + timedelta(minutes=15)


def test_proof_beside_a_claim_does_not_replace_evidence_that_is_asked_for():
    assert judge(make_claim(), proofs=[make_check()]).code == "EVIDENCE_MISSING"


def test_a_list_needs_one_claim_of_each_member():
    attest = {"demand": EvidenceDemand.ATTESTATION, "each": "on-call", "members": (ANA, BEN)}
    one = judge(make_claim(member=ANA.id), **attest)
    assert (one.code, one.found) == ("ITEM_UNCLAIMED", "1 of 2 claimed; missing Ben")
    assert judge(make_claim(member=ANA.id), make_claim(member=BEN.id, by=BEN), **attest).outcome is Outcome.MET


def test_a_list_without_members_is_unknown():
    assert judge(demand=EvidenceDemand.ATTESTATION, each="on-call").outcome is Outcome.UNKNOWN


def test_a_claim_expires_by_the_clock():
    kept = {"valid_for": timedelta(hours=2)}
    assert judge(make_claim(make_evidence()), **kept).expires_at == NOW + timedelta(hours=1)
    assert judge(make_claim(make_evidence(), age=timedelta(hours=2)), **kept).code == "CLAIM_EXPIRED"


def test_a_tick_that_nothing_can_prove_is_never_met():
    assert judge(make_claim(), demand=EvidenceDemand.NONE).code == "EVIDENCE_MISSING"


def test_a_baseline_is_claimed_only_by_what_was_recorded_of_each_gate():
    records = {"demand": EvidenceDemand.NONE, "records": Records("before", ("errors", "latency"))}
    part = make_evidence(kind="baseline", title="before: errors")
    assert judge(make_claim(make_evidence()), **records).found.endswith("no baseline of errors, latency was recorded")
    assert judge(make_claim(part), **records).found.endswith("no baseline of latency was recorded")
    whole = make_claim(part, make_evidence(kind="baseline", title="before: latency"))
    assert judge(whole, **records).outcome is Outcome.MET


def test_what_was_brought_instead_is_named():
    found = judge(make_claim(make_evidence()), demand=EvidenceDemand.JUNIT)
    assert found.found == "claimed by Ana; a file was brought instead"
    noted = judge(make_claim(make_evidence(EvidenceState.ATTESTS, "note")))
    assert noted.found == "claimed by Ana; no evidence"


def test_a_word_with_machine_proof_beside_it_is_more_than_a_word():
    word = {"demand": EvidenceDemand.ATTESTATION}
    assert judge(make_claim(), **word).attested
    assert not judge(make_claim(), proofs=[make_check()], **word).attested


def test_a_link_that_was_not_kept_is_an_attestation_and_meets_only_what_takes_one():
    address = make_evidence(EvidenceState.ATTESTS, "link")
    assert judge(make_claim(address), demand=EvidenceDemand.ATTESTATION).attested
    for demand in set(EvidenceDemand) - {EvidenceDemand.ATTESTATION}:
        assert judge(make_claim(address), demand=demand).outcome is not Outcome.MET


def test_disagreement_is_said_before_what_is_only_missing():
    found = judge(make_claim(), proofs=[make_check(Finding.MISSING, detail="gone")])
    assert (found.code, found.found) == ("CLAIM_CONTRADICTED", "Runbook: gone")


@pytest.mark.parametrize(
    "proof",
    [make_drill(), make_drill(make_ran(age=timedelta(days=40)), valid_for=timedelta(days=30)), make_review(None)],
    ids=["no drill", "an old drill", "no review"],
)
def test_proof_that_is_still_to_come_leaves_the_claim_unproven(proof):
    found = judge(make_claim(), demand=EvidenceDemand.NONE, proofs=[proof])
    assert (found.code, found.outcome) == ("EVIDENCE_UNCHECKED", Outcome.NOT_MET)


@pytest.mark.parametrize("proof", [make_drill(make_ran(passed=False)), make_review(3.0), make_gate(0.020)])
def test_proof_that_says_no_contradicts(proof):
    assert judge(make_claim(), demand=EvidenceDemand.NONE, proofs=[proof]).code == "CLAIM_CONTRADICTED"


def test_who_joins_a_group_reopens_its_item_and_who_leaves_is_not_asked_any_more():
    attest = {"demand": EvidenceDemand.ATTESTATION, "each": "on-call", "valid_for": timedelta(days=1)}
    ana, ben = make_claim(member=ANA.id), make_claim(member=BEN.id, by=BEN, age=timedelta(days=2))
    assert judge(ana, members=(ANA,), **attest).outcome is Outcome.MET
    assert judge(ana, members=(ANA, BEN), **attest).code == "ITEM_UNCLAIMED"
    assert judge(ana, ben, members=(ANA, BEN), **attest).code == "CLAIM_EXPIRED"
    assert judge(ana, ben, members=(ANA,), **attest).outcome is Outcome.MET
    assert judge(ana, ben, members=(), **attest).outcome is Outcome.UNKNOWN


def test_a_limit_that_a_plan_tightens_counts_for_what_was_brought_before():
    run = Report(loadtest=LoadTestSummary(1_000, 40.0, 0.0, timedelta(hours=1)))
    piece = make_evidence(kind="loadtest", report=run)
    wide, tight = (EvidenceRule(EvidenceDemand.LOADTEST, p99=limit) for limit in ("<= 50ms", "<= 20ms"))
    assert judge(make_claim(piece), demand=wide).outcome is Outcome.MET
    assert judge(make_claim(piece), demand=tight).found == "p99 is 40 ms; it must be at most 20 ms"


def test_a_field_that_a_plan_adds_reopens_the_report():
    piece = make_evidence(kind="report", report=Report(fields=(("cost", "low"),)))
    rule = EvidenceRule(EvidenceDemand.REPORT, fields=("cost",))
    assert judge(make_claim(piece), demand=rule).outcome is Outcome.MET
    more = judge(make_claim(piece), demand=replace(rule, fields=("cost", "people")))
    assert (more.code, more.found) == ("EVIDENCE_UNREADABLE", "the report lacks people")


pieces = st.builds(
    make_evidence,
    st.sampled_from(EvidenceState),
    st.sampled_from(["file", "link", "junit", "loadtest", "note"]),
    finding=st.sampled_from(["one", "another"]),
)
claims = st.lists(pieces, max_size=4).flatmap(lambda found: st.permutations(found).map(lambda same: (found, same)))


@given(claims, st.sampled_from(EvidenceDemand))
def test_the_order_in_which_evidence_came_changes_nothing(orders, demand):
    first, second = orders
    assert judge(make_claim(*first), demand=demand) == judge(make_claim(*second), demand=demand)


@given(st.lists(pieces, max_size=4), pieces, st.sampled_from(EvidenceDemand))
def test_bad_evidence_added_to_a_claim_never_makes_it_met(found, piece, demand):
    bad = replace(piece, state=EvidenceState.CONTRADICTS)
    assert judge(make_claim(*found, bad), demand=demand).outcome is not Outcome.MET


@given(st.lists(pieces, min_size=1, max_size=4), st.sampled_from(EvidenceDemand))
def test_evidence_taken_away_never_makes_a_claim_met_unless_it_was_bad(found, demand):
    rest = found[1:]
    good = found[0].state not in (EvidenceState.CONTRADICTS, EvidenceState.UNREADABLE, EvidenceState.UNCHECKED)
    if good and judge(make_claim(*rest), demand=demand).outcome is Outcome.MET:
        assert judge(make_claim(*found), demand=demand).outcome is Outcome.MET
