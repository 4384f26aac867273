"""Items: a tick is a claim, and what was brought with it decides."""

from datetime import timedelta

import pytest

from readiness.core.assess import assess_condition
from readiness.core.conditions import EvidenceDemand
from readiness.core.types import EvidenceState, Finding, Outcome, Trouble
from tests.core.builders import ANA, BEN, NOW, make_check, make_claim, make_evidence, make_item


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
