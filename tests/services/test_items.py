"""Claiming with evidence, and withdrawing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.assess import assess_condition
from readiness.core.canonical import digest_bytes
from readiness.core.codec import from_plain
from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.reports import JUnitSummary, Report
from readiness.core.types import EvidenceState, Outcome
from readiness.models import Blob, Claim, Evidence, RoleGrant, Rollout
from readiness.queries.blobs import load_blob
from readiness.queries.conditions import find_condition
from readiness.queries.facts import condition_facts
from readiness.queries.rows import load_rows
from readiness.services.evidence import (
    BYTES,
    Brought,
    EvidenceEmpty,
    EvidenceNotThere,
    EvidenceRefused,
    EvidenceTooLarge,
    Fetched,
    How,
    Prepared,
    UploadLimits,
    prepare_evidence,
    prepare_report,
)
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
    document,
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


def nothing_kept(brought):
    return "example.org did not answer, so only the address is kept."


def kept(brought):
    return Fetched(b"<html>signed</html>", "text/html", brought.title)


def bring(data=b"signed", rule=ANY, title="contract.pdf", max_bytes=100_000, url="", fetch=nothing_kept):
    limits = UploadLimits(max_bytes, ("pdf", "xml"))
    if url:
        return prepare_evidence(Brought(url, how=How.LINK), rule, limits, fetch)
    return prepare_evidence(Brought(title, data, "application/pdf"), rule, limits, fetch)


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
    piece = bring(data, JUNIT).held
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
    piece = bring(url="https://example.org/contract", fetch=kept)
    assert (piece.held.kind, piece.held.state, piece.data) == ("link", EvidenceState.PROVES, b"<html>signed</html>")
    assert piece.held.url == "https://example.org/contract"


def test_a_link_that_does_not_answer_only_attests():
    piece = bring(url="https://example.org/contract")
    assert (piece.held.state, piece.data) == (EvidenceState.ATTESTS, b"https://example.org/contract")
    assert "did not answer" in piece.held.finding


def test_a_link_to_a_test_report_is_read_like_the_file():
    found = bring(rule=JUNIT, url="https://ci.example.org/r", fetch=lambda b: Fetched(FAILS, "text/xml", b.title)).held
    assert (found.kind, found.state) == ("junit", EvidenceState.CONTRADICTS)


# ------------------------------------------------------------------------------------- what is kept, and how long


def test_what_a_report_says_is_kept_with_it():
    make_rollout()
    claim(TESTS, evidence=[bring(PASSES, JUNIT, "report.xml")])
    piece = Evidence.objects.get()
    assert from_plain(Report, piece.report) == Report(junit=JUnitSummary(1, 2, 0, 0, 0))
    assert condition_at(TESTS).outcome is Outcome.MET


def condition_at(path):
    rollout = Rollout.objects.get()
    condition = find_condition(rollout, path)
    return assess_condition(condition_facts(load_rows(rollout), condition), NOW)


def test_a_file_does_not_stand_in_for_a_recorded_baseline():
    rollout = make_rollout()
    item = {"item": "base", "title": "Baseline", "owner": "sre", "records": {"baseline": "b", "gates": ["errors"]}}
    first, *rest = DOCUMENT["phases"]
    adopt(rollout, {**DOCUMENT, "phases": [{**first, "enter": [item]}, *rest]})
    with pytest.raises(EvidenceRequired, match="by recording the baseline b"):
        claim("prepare/enter/item:base")
    assert entries() == []


def test_the_same_piece_is_kept_once_and_adding_it_again_adds_nothing():
    make_rollout()
    claim(evidence=[bring(), bring(), bring(title="copy.pdf")])
    assert list(Evidence.objects.values_list("title", flat=True)) == ["contract.pdf", "copy.pdf"]
    with pytest.raises(EvidenceRequired, match="holds that already"):
        add_evidence("demo", FILE, act_of(MATE), NOW, [bring()])
    assert len(entries()) == 1


@pytest.fixture
def expiring():
    return make_rollout(document(enter=[{"item": "file", "title": "The contract", "owner": "sre", "valid_for": "7d"}]))


def test_a_claim_that_ran_out_is_made_again_in_one_entry(expiring):
    claim()
    later = NOW + timedelta(days=7)
    seq = claim_item("demo", FILE, act_of(OWNER), later, evidence=[bring(b"the new one")])
    old, new = Claim.objects.order_by("pk")
    assert (old.withdrawn_at, old.withdrawn_by, new.claimed_at) == (later, "Olga Owner", later)
    last = entries()[-1]
    assert (last["seq"], last["action"], len(entries())) == (seq, "claim.renewed", 2)
    (ended,) = last["change"]["also"]
    assert (ended["id"], ended["fields"]["withdrawn_by"]) == (str(old.pk), ["", "Olga Owner"])


def test_a_claim_that_counts_is_not_made_again(expiring):
    claim()
    with pytest.raises(AlreadyClaimed):
        claim_item("demo", FILE, act_of(OWNER), NOW + timedelta(days=7, seconds=-1), evidence=[bring()])
    assert Claim.objects.get().withdrawn_at is None
    assert len(entries()) == 1


@pytest.mark.parametrize(
    ("title", "data", "why"),
    [
        ("setup.exe", b"MZ..", "setup.exe is of a kind that isn’t kept. Bring one of pdf, xml, or a link to it."),
        ("report.pdf", b"\x7fELF..", "report.pdf is of a kind"),
        ("page.svg", b"<svg/>", "page.svg is of a kind"),
    ],
)
def test_files_of_other_kinds_are_refused_by_name(title, data, why):
    with pytest.raises(EvidenceRefused) as refusal:
        bring(data, title=title)
    assert why in str(refusal.value)


def test_a_title_and_a_type_are_kept_within_what_a_row_holds():
    held = bring(title="x" * 400 + ".pdf").held
    assert len(held.title) == 300
    odd = Brought("contract.pdf", b"x", "text/html\0; " + "y" * 500)
    assert prepare_evidence(odd, ANY, UploadLimits(9, ("pdf",)), nothing_kept).held.media_type == BYTES


def test_a_note_is_kept_and_proves_nothing():
    note = prepare_evidence(Brought("Note", b"see above", "text/plain", How.NOTE), ANY, UploadLimits(9, ()), kept).held
    assert (note.kind, note.state, note.finding) == ("note", EvidenceState.ATTESTS, "see above")
    make_rollout()
    claim()
    add_evidence("demo", FILE, act_of(MATE), NOW, [Prepared(note, b"see above")])
    assert Evidence.objects.last().title == "Note"


def test_a_file_in_git_is_kept_with_its_commit_and_one_that_is_not_there_is_refused():
    def at_commit(brought):
        return Fetched(b"# Restore", "text/markdown", f"{brought.title} at commit 5d54816")

    brought = Brought("code:docs/restore.md", how=How.GIT)
    piece = prepare_evidence(brought, ANY, UploadLimits(100, ("md",)), at_commit)
    assert (piece.held.kind, piece.held.title) == ("git", "code:docs/restore.md at commit 5d54816")
    assert (piece.held.state, piece.data) == (EvidenceState.PROVES, b"# Restore")
    with pytest.raises(EvidenceNotThere, match="does not exist"):
        prepare_evidence(brought, ANY, UploadLimits(100, ()), lambda _: "docs/restore.md does not exist.")
    with pytest.raises(EvidenceTooLarge):
        prepare_evidence(brought, ANY, UploadLimits(3, ()), at_commit)


RULE = EvidenceRule(EvidenceDemand.REPORT, fields=("cost", "people"))


def test_a_report_is_kept_as_canonical_json_under_its_digest():
    piece = prepare_report({"people": "4", "cost": "12 k€"}, RULE)
    assert piece.data == '{"fields":{"cost":"12 k€","people":"4"}}'.encode()
    assert piece.held.digest == digest_bytes(piece.data)
    assert (piece.held.kind, piece.held.state, piece.held.finding) == ("report", "proves", "states cost, people")


@pytest.mark.parametrize(
    ("data", "kind", "state"),
    [
        (b'{"cost": 12, "people": "four"}', "report", EvidenceState.PROVES),
        (b'{"fields": {"cost": "12"}}', "report", EvidenceState.UNREADABLE),
        (b'{"cost": NaN, "people": "4"}', "report", EvidenceState.UNREADABLE),
        (b'{"cost": "a\\u0000b", "people": "\\ud800c"}', "report", EvidenceState.PROVES),
        (b'{"other": 1}', "file", EvidenceState.PROVES),
        (b"%PDF-1.7", "file", EvidenceState.PROVES),
    ],
)
def test_a_file_that_states_the_fields_is_a_report_and_another_is_only_kept(data, kind, state):
    held = bring(data, RULE).held
    assert (held.kind, held.state) == (kind, state)


def test_the_longest_address_and_the_oddest_report_fit_their_rows():
    rollout = make_rollout()
    item = {"item": "report", "title": "Report", "owner": "sre"}
    first, *rest = DOCUMENT["phases"]
    enter = [{**item, "evidence": {"kind": "report", "fields": ["cost"]}}]
    adopt(rollout, {**DOCUMENT, "phases": [{**first, "enter": enter}, *rest]})
    odd = bring('{"cost": "12\\u0000\\ud800 k€"}'.encode(), replace(RULE, fields=("cost",)))
    link = bring(url="https://example.org/" + "a" * 1_980)
    claim("prepare/enter/item:report", evidence=[odd, link])
    report, address = Evidence.objects.order_by("pk")
    assert from_plain(Report, report.report).fields == (("cost", "12 k€"),)
    assert (len(address.url), len(address.title)) == (2_000, 300)


def test_who_joins_reopens_the_item_of_a_group_and_who_leaves_is_not_asked_any_more():
    rollout = make_rollout()
    assert condition_at(EACH).outcome is Outcome.UNKNOWN
    joined = [grant(rollout, person, RoleGrant.GROUP, "on-call") for person in (MATE, LEAD)]
    claim(EACH, MATE, [])
    assert condition_at(EACH).found == "1 of 2 claimed; missing Lea Lead"
    RoleGrant.objects.filter(pk=joined[1].pk).update(revoked_at=NOW)
    assert condition_at(EACH).outcome is Outcome.MET
    RoleGrant.objects.filter(pk=joined[0].pk).update(revoked_at=NOW)
    assert condition_at(EACH).outcome is Outcome.UNKNOWN
