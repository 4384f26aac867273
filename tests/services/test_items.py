"""Claiming with evidence, and withdrawing."""

import pytest

from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.types import EvidenceState
from readiness.models import Blob, Claim, Evidence, RoleGrant, Rollout
from readiness.queries.blobs import load_blob
from readiness.services.evidence import Brought, EvidenceEmpty, EvidenceTooLarge, prepare_evidence
from readiness.services.items import (
    AlreadyClaimed,
    EvidenceRequired,
    NotAnItem,
    NotClaimed,
    add_evidence,
    claim_item,
    withdraw_claim,
)
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import (
    DOCUMENT,
    LEAD,
    MATE,
    NOW,
    OWNER,
    STRANGER,
    act_of,
    adopt,
    grant,
    make_rollout,
    only_entry,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
WORD, FILE, EACH, TESTS = (f"prepare/enter/item:{key}" for key in ("word", "file", "each", "tests"))
COMPLAINTS = "canary/abort/item:complaints"
PASSES = b'<testsuite name="all" tests="2"><testcase name="a"/><testcase name="b"/></testsuite>'
FAILS = b'<testsuite name="all" tests="1"><testcase name="a"><failure/></testcase></testsuite>'
EMPTY = b'<testsuite name="all" tests="0"></testsuite>'
JUNIT = EvidenceRule(EvidenceDemand.JUNIT)
ANY = EvidenceRule(EvidenceDemand.REQUIRED)


def nothing_kept(url):
    return None, "", "example.org did not answer, so only the address is kept."


def kept(url):
    return b"<html>signed</html>", "text/html", ""


def bring(data=b"signed", rule=ANY, title="contract.pdf", max_bytes=100_000, url="", fetch=nothing_kept):
    return prepare_evidence(Brought(title, data, "application/pdf", url), rule, max_bytes, fetch)


def claim(path=FILE, person=OWNER, evidence=None, note=""):
    return claim_item(
        "demo", path, act_of(person), NOW, note=note, evidence=[bring()] if evidence is None else evidence
    )


def test_a_claim_keeps_who_when_and_the_bytes_and_appends_one_entry():
    make_rollout()
    entry = only_entry(claim(note="signed by both"))
    row, piece = Claim.objects.get(), Evidence.objects.get()
    assert (row.path, row.by_id, row.claimed_at, row.note, row.member) == (FILE, OWNER, NOW, "signed by both", "")
    assert (piece.title, piece.kind, piece.state) == ("contract.pdf", "file", EvidenceState.PROVES)
    assert load_blob(piece.digest) == b"signed"
    assert (entry["action"], entry["object"]["label"]) == ("claim.made", "The contract")
    assert entry["change"]["fields"]["evidence"][1][0]["digest"] == piece.digest
    assert Rollout.objects.get().dirty_at == NOW


@pytest.mark.parametrize("person", [MATE, LEAD, STRANGER])
def test_only_the_owner_claims(person):
    make_rollout()
    with pytest.raises(NotAllowed, match="SRE lead"):
        claim(person=person)
    assert not Claim.objects.exists()
    assert not Blob.objects.filter(media_type="application/pdf").exists()
    assert entries() == []


def test_an_item_is_claimed_once():
    make_rollout()
    claim()
    with pytest.raises(AlreadyClaimed):
        claim()
    assert Claim.objects.count() == Evidence.objects.count() == len(entries()) == 1


def test_an_item_that_needs_evidence_is_not_claimed_without():
    make_rollout()
    with pytest.raises(EvidenceRequired, match="The contract"):
        claim(evidence=[])
    assert not Claim.objects.exists()
    assert entries() == []


def test_a_persons_word_needs_no_file():
    make_rollout()
    only_entry(claim(WORD, evidence=[]))
    assert not Evidence.objects.exists()


def test_each_member_claims_for_themselves():
    rollout = make_rollout()
    for person in (MATE, LEAD):
        grant(rollout, person, RoleGrant.GROUP, "on-call")
        claim(EACH, person, [])
    assert sorted(Claim.objects.values_list("member", flat=True)) == [MATE, LEAD]
    with pytest.raises(NotAllowed, match="you aren’t in that group"):
        claim(EACH, OWNER, [])
    with pytest.raises(AlreadyClaimed):
        claim(EACH, MATE, [])


def test_any_member_reports_what_an_abort_trigger_asks_for():
    make_rollout()
    entry = only_entry(claim(COMPLAINTS, MATE, []))
    assert (entry["action"], entry["object"]["label"]) == ("trigger.reported", "Complaints")
    with pytest.raises(NotAllowed):
        claim(COMPLAINTS, STRANGER, [])


@pytest.mark.parametrize("path", ["prepare/enter/item:nothing", "canary/enter/drill:practised", ""])
def test_only_items_of_the_plan_are_claimed(path):
    make_rollout()
    with pytest.raises(NotAnItem):
        claim(path)
    assert entries() == []


def test_an_item_that_records_a_baseline_is_claimed_by_recording_it():
    rollout = make_rollout()
    item = {"item": "base", "title": "Baseline", "owner": "sre", "records": {"baseline": "b", "gates": ["errors"]}}
    first, *rest = DOCUMENT["phases"]
    adopt(rollout, {**DOCUMENT, "phases": [{**first, "enter": [item]}, *rest]})
    with pytest.raises(EvidenceRequired, match="by recording the baseline b"):
        claim("prepare/enter/item:base", evidence=[])


@pytest.mark.parametrize("person", [OWNER])
def test_its_claimant_withdraws_a_claim_and_it_stays_in_the_record(person):
    make_rollout()
    claim()
    seq = withdraw_claim("demo", FILE, act_of(person), NOW, reason="wrong file")
    row = Claim.objects.get()
    assert (row.withdrawn_at, row.withdrawn_by) == (NOW, "Olga Owner")
    last = entries()[-1]
    assert (last["seq"], last["action"], last["reason"], len(entries())) == (seq, "claim.withdrawn", "wrong file", 2)
    claim()
    assert Claim.objects.filter(withdrawn_at=None).count() == 1


def test_the_owner_withdraws_what_somebody_claimed():
    rollout = make_rollout()
    grant(rollout, MATE, RoleGrant.ROLE, "sre")
    claim(person=MATE)
    withdraw_claim("demo", FILE, act_of(OWNER), NOW)
    assert Claim.objects.get().withdrawn_by == "Olga Owner"


@pytest.mark.parametrize("person", [MATE, LEAD, STRANGER])
def test_nobody_else_withdraws(person):
    make_rollout()
    claim()
    with pytest.raises(NotAllowed):
        withdraw_claim("demo", FILE, act_of(person), NOW)
    assert Claim.objects.get().withdrawn_at is None
    assert len(entries()) == 1


@pytest.mark.parametrize("person", [MATE, OWNER])
def test_a_report_is_taken_back_by_who_made_it_or_by_the_triggers_decider(person):
    make_rollout()
    claim(COMPLAINTS, MATE, [])
    with pytest.raises(NotAllowed, match="SRE lead"):
        withdraw_claim("demo", COMPLAINTS, act_of(LEAD), NOW)
    withdraw_claim("demo", COMPLAINTS, act_of(person), NOW, reason="it was another shop")
    assert Claim.objects.get().withdrawn_at == NOW


@pytest.mark.parametrize("person", [OWNER, MATE])
def test_anybody_on_the_rollout_adds_evidence_to_a_claim(person):
    make_rollout()
    claim()
    seq = add_evidence("demo", FILE, act_of(person), NOW, [bring(b"annex", title="annex.pdf")])
    assert list(Evidence.objects.order_by("pk").values_list("title", "by_id")) == [
        ("contract.pdf", OWNER),
        ("annex.pdf", person),
    ]
    last = entries()[-1]
    assert (last["seq"], last["action"], len(entries())) == (seq, "evidence.added", 2)


def test_a_stranger_adds_no_evidence():
    make_rollout()
    claim()
    with pytest.raises(NotAllowed):
        add_evidence("demo", FILE, act_of(STRANGER), NOW, [bring()])
    assert Evidence.objects.count() == len(entries()) == 1


def test_there_must_be_a_claim_to_add_to_and_something_to_add():
    make_rollout()
    with pytest.raises(NotClaimed):
        add_evidence("demo", FILE, act_of(OWNER), NOW, [bring()])
    claim()
    with pytest.raises(EvidenceRequired):
        add_evidence("demo", FILE, act_of(OWNER), NOW, [])
    assert len(entries()) == 1


def test_among_several_claims_evidence_is_added_to_ones_own():
    rollout = make_rollout()
    for person in (MATE, LEAD):
        grant(rollout, person, RoleGrant.GROUP, "on-call")
        claim(EACH, person, [])
    add_evidence("demo", EACH, act_of(LEAD), NOW, [bring()])
    assert Evidence.objects.get().claim.by_id == LEAD
    with pytest.raises(NotClaimed):
        add_evidence("demo", EACH, act_of(OWNER), NOW, [bring()])


def test_a_member_withdraws_their_own_claim_and_nobody_elses():
    rollout = make_rollout()
    for person in (MATE, LEAD):
        grant(rollout, person, RoleGrant.GROUP, "on-call")
        claim(EACH, person, [])
    withdraw_claim("demo", EACH, act_of(LEAD), NOW)
    assert Claim.objects.get(withdrawn_at=None).by_id == MATE
    with pytest.raises(NotAllowed):
        withdraw_claim("demo", EACH, act_of(LEAD), NOW)


def test_what_is_not_claimed_cannot_be_withdrawn():
    make_rollout()
    with pytest.raises(NotClaimed):
        withdraw_claim("demo", FILE, act_of(OWNER), NOW)
    assert entries() == []


@pytest.mark.parametrize(
    ("data", "state", "finding"),
    [
        (PASSES, EvidenceState.PROVES, "2 tests, none fails"),
        (FAILS, EvidenceState.CONTRADICTS, "1 test, 1 fails"),
        (EMPTY, EvidenceState.CONTRADICTS, "no tests"),
        (b"not xml", EvidenceState.UNREADABLE, ""),
    ],
)
def test_a_test_report_is_read_and_judged_before_it_is_kept(data, state, finding):
    piece = bring(data, JUNIT)
    assert (piece.kind, piece.state) == ("junit", state)
    assert finding in piece.finding


def test_a_contradicting_report_is_kept_with_its_claim():
    make_rollout()
    claim(TESTS, evidence=[bring(FAILS, JUNIT, "report.xml")])
    assert Evidence.objects.get().state == EvidenceState.CONTRADICTS


def test_a_file_has_bytes_and_not_too_many():
    with pytest.raises(EvidenceEmpty, match=r"contract\.pdf is empty"):
        bring(b"")
    with pytest.raises(EvidenceTooLarge, match="has 11 bytes; at most 10 are kept"):
        bring(b"12345678901", max_bytes=10)


def test_a_link_is_kept_as_it_was():
    piece = bring(None, url="https://example.org/contract", title="contract", fetch=kept)
    assert (piece.kind, piece.state, piece.data) == ("link", EvidenceState.PROVES, b"<html>signed</html>")


def test_a_link_that_does_not_answer_only_attests():
    piece = bring(None, url="https://example.org/contract", title="contract", fetch=nothing_kept)
    assert (piece.state, piece.data) == (EvidenceState.ATTESTS, b"https://example.org/contract")
    assert "did not answer" in piece.finding


def test_a_link_to_a_test_report_is_read_like_the_file():
    piece = bring(None, JUNIT, url="https://ci.example.org/report.xml", fetch=lambda url: (FAILS, "text/xml", ""))
    assert (piece.kind, piece.state) == ("junit", EvidenceState.CONTRADICTS)
