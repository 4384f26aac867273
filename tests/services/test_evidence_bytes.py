"""Kept bytes: looked at again and again; what is no longer what its digest names proves nothing."""

from datetime import timedelta

import pytest

from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.types import Outcome
from readiness.models import Blob, Evidence, Rollout
from readiness.services.blobs import CHECK_EVERY, check_blob, check_evidence
from readiness.services.evidence import Brought, UploadLimits, prepare_evidence
from readiness.services.items import claim_item, withdraw_claim
from tests.record_fixtures import entries
from tests.services.helpers import NOW, OWNER, act_of, make_rollout
from tests.services.test_items import FILE, condition_at

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def claim(data=b"signed"):
    limits = UploadLimits(1_000, ("pdf",))
    piece = prepare_evidence(Brought("contract.pdf", data), EvidenceRule(EvidenceDemand.REQUIRED), limits, str)
    claim_item("demo", FILE, act_of(OWNER), NOW, evidence=[piece])
    return piece.held.digest


@pytest.fixture
def digest():
    make_rollout()
    digest = claim()
    Rollout.objects.update(dirty_at=None, dirty_changes=0)
    return digest


def alter(digest):
    Blob.objects.filter(pk=digest).update(data=b"forged")


def test_bytes_that_are_as_they_were_are_noted_and_nothing_else_happens(digest):
    assert check_evidence(NOW) == 1
    blob = Blob.objects.get(pk=digest)
    assert (blob.checked_at, blob.altered_at) == (NOW, None)
    assert Rollout.objects.get().dirty_at is None


def test_altered_bytes_prove_nothing_and_the_rollout_is_judged_again(digest):
    alter(digest)
    check_evidence(NOW)
    found = condition_at(FILE)
    assert (found.outcome, found.code) == (Outcome.NOT_MET, "EVIDENCE_UNREADABLE")
    assert found.found == (
        "what is kept of contract.pdf is no longer what was brought; its digest differs, so it proves nothing"
    )
    assert Rollout.objects.get().dirty_changes == 1
    assert len(entries()) == 1


def test_bytes_that_are_gone_prove_nothing(digest):
    Blob.objects.filter(pk=digest).delete()
    assert condition_at(FILE).code == "EVIDENCE_UNREADABLE"
    assert check_evidence(NOW) == 0


def test_since_when_bytes_are_altered_does_not_move(digest):
    alter(digest)
    check_blob(digest, NOW)
    check_blob(digest, NOW + CHECK_EVERY)
    assert Blob.objects.get(pk=digest).altered_at == NOW
    assert Rollout.objects.get().dirty_changes == 1


def test_restored_bytes_count_again(digest):
    alter(digest)
    check_blob(digest, NOW)
    Blob.objects.filter(pk=digest).update(data=b"signed")
    check_blob(digest, NOW)
    assert condition_at(FILE).outcome is Outcome.MET
    assert Rollout.objects.get().dirty_changes == 2


def test_whoever_brings_the_same_file_again_restores_it(digest):
    alter(digest)
    check_blob(digest, NOW)
    withdraw_claim("demo", FILE, act_of(OWNER), NOW)
    assert claim() == digest
    assert bytes(Blob.objects.get(pk=digest).data) == b"signed"
    assert condition_at(FILE).outcome is Outcome.MET


def test_each_look_is_an_hour_after_the_last_and_within_its_budget(digest):
    assert [check_evidence(NOW), check_evidence(NOW), check_evidence(NOW + CHECK_EVERY)] == [1, 0, 1]
    assert check_evidence(NOW + 2 * CHECK_EVERY, budget_bytes=0) == 0


def test_what_nobody_claims_any_more_is_not_looked_at(digest):
    withdraw_claim("demo", FILE, act_of(OWNER), NOW)
    assert check_evidence(NOW + timedelta(days=9)) == 0
    assert Evidence.objects.count() == 1
