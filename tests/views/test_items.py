"""Claiming in the browser: evidence in, judged before it counts, kept, and read back only by those it concerns."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import RequestFactory
from dulwich import porcelain

from readiness.core.material import practice_of
from readiness.forms.uploads import CappedUploadHandler
from readiness.models import Blob, Claim, DrillRecord, Evidence, RoleGrant
from readiness.queries.plans import load_plan
from tests.collectors.http_servers import answering, sent
from tests.collectors.test_git import commit_files
from tests.record_fixtures import entries
from tests.services.helpers import DOCUMENT, LEAD, MATE, NOW, OWNER, STRANGER, adopt, document, grant
from tests.views.acting import action_of, actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
FILE, WORD, TESTS, EACH, COMPLAINTS = (
    f"/rollouts/demo/claim/{path}"
    for path in (
        "prepare/enter/item:file",
        "prepare/enter/item:word",
        "prepare/enter/item:tests",
        "prepare/enter/item:each",
        "canary/abort/item:complaints",
    )
)
PASSES = b'<testsuite name="all" tests="2"><testcase name="a"/><testcase name="b"/></testsuite>'
FAILS = b'<testsuite name="all" tests="1"><testcase name="restore"><failure/></testcase></testsuite>'


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo()


def upload(data=b"signed", name="contract.pdf", kind="application/pdf"):
    return SimpleUploadedFile(name, data, kind)


def claim(url=FILE, person=OWNER, **said):
    return browser(person).post(url, {"do": "claim", **({"file": upload()} if url == FILE else {}), **said})


def test_the_sheet_says_what_is_needed():
    said = text_of(browser(OWNER).get(TESTS))
    assert "Tests pass" in said
    assert "a claim with a JUnit report that passes" in said
    assert "at most 10 MB" in said
    assert "Phase 1, Prepare. SRE lead claims it" in said


def test_a_claim_with_a_file_goes_back_to_its_row():
    answer = claim(note="signed by both")
    assert answer.status_code == 303
    assert answer["Location"].startswith("/rollouts/demo/phases/prepare/#item-file-")
    piece = Evidence.objects.get()
    assert (piece.title, piece.claim.note, piece.by_id) == ("contract.pdf", "signed by both", OWNER)
    assert actions() == ["claim.made"]


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (LEAD, 403), (STRANGER, 403)])
def test_only_the_owner_claims(person, status):
    answer = claim(person=person)
    assert answer.status_code == status
    assert Claim.objects.count() == (status == 303)
    if status == 403:
        assert "You may not claim here. Who may: SRE lead." in text_of(answer)


def test_several_files_and_links_are_brought_at_once(settings):
    settings.SOURCE_HOSTS = []
    said = {"file": [upload(), upload(b"annex", "annex.pdf")], "link": "http://127.0.0.1/a http://127.0.0.1/b"}
    answer = browser(OWNER).post(FILE, {"do": "claim", **said})
    assert answer.status_code == 303
    assert sorted(Evidence.objects.values_list("title", "state")) == [
        ("annex.pdf", "proves"),
        ("contract.pdf", "proves"),
        ("http://127.0.0.1/a", "attests"),
        ("http://127.0.0.1/b", "attests"),
    ]


def test_what_is_no_address_is_refused_and_kept():
    answer = browser(OWNER).post(FILE, {"do": "claim", "link": "ftp://files/contract"})
    assert answer.status_code == 422
    assert "“ftp://files/contract” is no web address" in text_of(answer)
    assert "ftp://files/contract" in answer.content.decode()
    assert not Claim.objects.exists()


def test_without_evidence_nothing_is_claimed():
    answer = browser(OWNER).post(FILE, {"do": "claim", "note": "trust me"})
    assert answer.status_code == 422
    assert "“The contract” needs evidence. Add a file or a link." in text_of(answer)
    assert "trust me" in answer.content.decode()
    assert entries() == []


@pytest.mark.parametrize("do", ["judge", "claim"])
def test_a_file_over_the_limit_is_refused_by_both_sizes(settings, do):
    settings.MAX_UPLOAD_BYTES = 1_000
    answer = browser(OWNER).post(FILE, {"do": do, "file": upload(b"x" * 1_001)})
    assert answer.status_code == 422
    assert "contract.pdf has 1,001 bytes; at most 1,000 are kept." in text_of(answer)
    assert not Claim.objects.exists()
    assert not Blob.objects.filter(media_type="application/pdf").exists()


def test_what_is_beyond_the_limit_is_thrown_away_while_it_arrives(settings):
    settings.MAX_UPLOAD_BYTES = 100_000
    request = RequestFactory().post("/", {"file": upload(b"x" * 1_000_000)})
    request.upload_handlers = [CappedUploadHandler(request)]
    file = request.FILES["file"]
    assert file.size == 1_000_000
    assert len(file.read()) <= 100_000
    file.close()


def test_an_empty_file_is_refused():
    answer = browser(OWNER).post(FILE, {"do": "claim", "file": upload(b"")})
    assert answer.status_code == 422
    assert "contract.pdf is empty" in text_of(answer)


def test_judging_says_what_a_report_shows_and_claims_nothing():
    answer = browser(OWNER).post(TESTS, {"do": "judge", "file": upload(FAILS, "junit.xml"), "note": "last night"})
    said = text_of(answer)
    assert answer.status_code == 200
    assert "1 test, 1 fails: restore" in said
    assert "Contradicted" in said
    assert "last night" in answer.content.decode()
    assert not Claim.objects.exists()
    assert entries() == []


def test_what_was_judged_is_claimed_without_choosing_the_file_again():
    client = browser(OWNER)
    judged = client.post(TESTS, {"do": "judge", "file": upload(PASSES, "junit.xml", "text/xml")})
    answer = client.post(action_of(judged), {"do": "claim"})
    piece = Evidence.objects.get()
    assert answer.status_code == 303
    assert (piece.title, piece.kind, piece.state, piece.finding) == (
        "junit.xml",
        "junit",
        "proves",
        "2 tests, none fails",
    )


def test_a_judged_piece_can_be_removed_before_it_is_claimed(demo):
    client = browser(OWNER)
    judged = client.post(TESTS, {"do": "judge", "file": upload(FAILS, "failing.xml"), "note": "last night"})
    both = client.post(action_of(judged), {"do": "judge", "file": upload(PASSES, "passing.xml"), "note": "last night"})
    assert "Held, not claimed yet: failing.xml, passing.xml" in text_of(both)
    removed = client.post(action_of(both), {"drop": "0", "note": "last night"})
    sheet = removed.context["sheet"]
    assert [(row.title, row.state, row.drop) for row in sheet.checks] == [("passing.xml", "Proven", "0")]
    assert "last night" in removed.content.decode()
    assert Claim.objects.count() == Evidence.objects.count() == 0
    assert client.post(action_of(removed), {"do": "claim"}).status_code == 303
    assert [piece.title for piece in Evidence.objects.all()] == ["passing.xml"]


def test_a_file_that_is_kept_unread_is_not_called_proven():
    client = browser(OWNER)
    judged = client.post(FILE, {"do": "judge", "file": upload()})
    assert [row.state for row in judged.context["sheet"].checks] == ["Kept"]
    client.post(action_of(judged), {"do": "claim"})
    assert [row.state for row in client.get(FILE).context["sheet"].evidence] == ["Kept"]


def test_a_stranger_removes_nothing_of_what_another_has_judged(demo):
    held = action_of(browser(OWNER).post(TESTS, {"do": "judge", "file": upload(FAILS, "failing.xml")}))
    for person in (MATE, STRANGER):
        refused = browser(person).post(held, {"drop": "5"})
        assert refused.status_code == 403
        assert refused.context["sheet"].checks == (), "what one person has judged is not shown to another"


def test_what_was_judged_for_one_person_or_item_is_not_claimed_by_another(demo):
    grant(demo, MATE, RoleGrant.ROLE, "sre")
    judged = browser(OWNER).post(TESTS, {"do": "judge", "file": upload(PASSES, "junit.xml")})
    held = action_of(judged).partition("?")[2]
    assert browser(MATE).post(f"{TESTS}?{held}", {"do": "claim"}).status_code == 422
    assert browser(OWNER).post(f"{FILE}?{held}", {"do": "claim"}).status_code == 422
    assert not Claim.objects.exists()


def test_what_was_judged_by_another_plan_is_judged_again(demo):
    client = browser(OWNER)
    judged = client.post(TESTS, {"do": "judge", "file": upload(PASSES, "junit.xml")})
    adopt(demo, document(title="Prepare well"))
    assert client.post(action_of(judged), {"do": "claim"}).status_code == 422


def test_who_may_not_claim_cannot_leave_bytes_behind():
    answer = browser(MATE).post(FILE, {"do": "judge", "file": upload()})
    assert answer.status_code == 403
    assert not Blob.objects.filter(media_type="application/pdf").exists()


def test_a_persons_word_is_given_with_a_tick():
    without = claim(WORD)
    assert (without.status_code, "Tick that you have seen it yourself" in text_of(without)) == (422, True)
    assert claim(WORD, attest="1").status_code == 303
    assert Claim.objects.get().path == "prepare/enter/item:word"


def test_a_second_claim_says_who_was_first(demo):
    grant(demo, MATE, RoleGrant.ROLE, "sre")
    claim(WORD, attest="1")
    answer = claim(WORD, MATE, attest="1")
    assert answer.status_code == 409
    assert "Claimed by Olga Owner" in text_of(answer)
    assert Claim.objects.count() == len(actions()) == 1


def test_anybody_on_the_rollout_adds_to_a_claim():
    claim()
    assert claim(person=MATE, file=upload(b"annex", "annex.pdf")).status_code == 303
    assert list(Evidence.objects.order_by("pk").values_list("by_id", flat=True)) == [OWNER, MATE]
    assert claim(person=STRANGER).status_code == 403
    assert actions() == ["claim.made", "evidence.added"]


def test_members_claim_for_themselves(demo):
    grant(demo, MATE, RoleGrant.GROUP, "on-call")
    assert claim(EACH, MATE, attest="1").status_code == 303
    assert Claim.objects.get().member == MATE
    assert claim(EACH, OWNER, attest="1").status_code == 403
    assert "Each of On-call engineers claims this for themselves" in text_of(browser(OWNER).get(EACH))


def test_any_member_reports_a_trigger():
    assert "Report: Complaints" in text_of(browser(MATE).get(COMPLAINTS))
    assert claim(COMPLAINTS, MATE, note="three calls").status_code == 303
    assert claim(COMPLAINTS, STRANGER).status_code == 403
    assert actions() == ["trigger.reported"]


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_a_claim_is_withdrawn_by_its_claimant_or_the_owner(person, status):
    claim()
    url = FILE.replace("/claim/", "/withdraw/")
    answer = browser(person).post(url, {"reason": ""})
    assert answer.status_code == status
    assert (Claim.objects.get().withdrawn_at is not None) == (status == 303)
    if status == 303:
        assert browser(person).post(url, {}).status_code == 409


def test_only_items_of_the_plan_have_a_sheet():
    for path in ("claim/prepare/enter/item:nothing", "claim/canary/enter/drill:practised", "withdraw/x"):
        assert browser(OWNER).get(f"/rollouts/demo/{path}").status_code == 404


def test_htmx_gets_the_sheet_alone():
    html = browser(OWNER, htmx=True).get(FILE).content.decode()
    assert "<html" not in html
    assert 'enctype="multipart/form-data"' in html


def test_the_form_is_still_protected_from_other_sites():
    client = browser(OWNER)
    client.handler.enforce_csrf_checks = True
    assert client.post(FILE, {"do": "claim", "file": upload()}).status_code == 403
    assert not Claim.objects.exists()


# ------------------------------------------------------------------------------------- reading it back


def evidence_url():
    return f"/evidence/{Evidence.objects.get().digest}/"


@pytest.mark.parametrize(("person", "status"), [(OWNER, 200), (MATE, 200), (STRANGER, 404)])
def test_kept_evidence_is_for_people_on_its_rollout(person, status):
    claim()
    answer = browser(person).get(evidence_url())
    assert answer.status_code == status
    if status == 200:
        assert answer.content == b"signed"


def test_kept_evidence_is_a_download_that_no_browser_runs():
    claim(file=upload(b"<script>alert(1)</script>", "../x\r\ny.html", "text/html"))
    answer = browser(MATE).get(evidence_url())
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_other_kept_bytes_are_not_evidence():
    claim()
    statement = Blob.objects.create(digest="sha256:" + "a" * 64, data=b"x", size_bytes=1, media_type="text/plain")
    assert browser(OWNER).get(f"/evidence/{statement.digest}/").status_code == 404
    assert browser(OWNER).get("/evidence/nothing/").status_code == 404


def test_evidence_that_was_altered_is_given_to_nobody_and_proves_nothing(demo):
    claim()
    digest = Evidence.objects.get().digest
    Blob.objects.filter(pk=digest).update(data=b"forged")
    for person, status in ((OWNER, 409), (MATE, 409), (STRANGER, 404)):
        answer = browser(person).get(f"/evidence/{digest}/")
        assert answer.status_code == status
        assert b"forged" not in answer.content
    assert "their digest differs" in text_of(browser(OWNER).get(f"/evidence/{digest}/"))
    assert Blob.objects.get(pk=digest).altered_at == NOW
    assert "what is kept of contract.pdf is no longer what was brought" in text_of(browser(OWNER).get(FILE))


# ------------------------------------------------------------------------------------- seen before it is saved


def test_what_does_not_bear_it_out_is_shown_before_it_is_saved():
    client = browser(OWNER)
    first = client.post(TESTS, {"do": "claim", "file": upload(FAILS, "junit.xml"), "note": "last night"})
    said = text_of(first)
    assert first.status_code == 200
    assert "With this, it shows as Contradicted : 1 test, 1 fails: restore. Nothing is claimed yet." in said
    assert not Claim.objects.exists()
    assert client.post(action_of(first), {"do": "claim", "note": "last night"}).status_code == 303
    assert (Evidence.objects.get().state, Claim.objects.get().note) == ("contradicts", "last night")


def test_an_address_alone_is_shown_before_it_is_saved(settings):
    settings.SOURCE_HOSTS = []
    said = text_of(browser(OWNER).post(FILE, {"do": "claim", "link": "http://127.0.0.1/a"}))
    assert "Only the address was kept: 127.0.0.1 is not a public address; such links are not fetched." in said
    assert "it shows as Unproven : claimed by Olga Owner; only an address was kept." in said
    assert not Claim.objects.exists()


def test_nothing_is_fetched_for_somebody_who_may_not_claim(settings):
    with answering(sent(200, b"kept")) as (url, asked):
        settings.SOURCE_HOSTS = ["127.0.0.1"]
        for do in ("judge", "claim"):
            assert browser(STRANGER).post(FILE, {"do": do, "link": url}).status_code == 403
        assert asked == []
        assert browser(OWNER).post(FILE, {"do": "claim", "link": url}).status_code == 303
        assert len(asked) == 1


def test_a_link_is_fetched_while_no_transaction_is_open(settings):
    database, open_then = connections["default"], []
    ours = len(database.atomic_blocks)

    def reply(handler):
        open_then.append(len(database.atomic_blocks) - ours)
        sent(200, b"kept")(handler)

    with answering(reply) as (url, _):
        settings.SOURCE_HOSTS = ["127.0.0.1"]
        assert browser(OWNER).post(FILE, {"do": "claim", "link": url}).status_code == 303
    assert open_then == [0]


def test_a_machine_that_disagrees_is_said_before_claiming(demo):
    check = {"kind": "file", "source": "code", "path": "docs/runbook.md", "title": "Runbook"}
    item = {"item": "book", "title": "Runbook is there", "owner": "sre", "proved_by": ["runbook"]}
    said = {**document(enter=[item]), "checks": {"runbook": check}, "sources": {"code": {"kind": "git", "path": "/x"}}}
    adopt(demo, said)
    sheet = text_of(browser(OWNER).get("/rollouts/demo/claim/prepare/enter/item:book"))
    assert "Claimed now, it shows as Unproven : Runbook: never checked." in sheet


# ------------------------------------------------------------------------------------- other ways to bring something


def test_a_note_beside_a_claim_is_kept_with_it():
    claim(note="signed by both")
    assert claim(person=MATE, file="", note="and by legal").status_code == 303
    piece = Evidence.objects.last()
    assert (piece.kind, piece.finding, piece.by_id) == ("note", "and by legal", MATE)
    sheet = text_of(browser(OWNER).get(FILE))
    assert "signed by both" in sheet
    assert "and by legal" in sheet


def test_a_file_of_another_kind_is_refused_with_those_that_are_kept(settings):
    settings.UPLOAD_ENDINGS = ["pdf", "png"]
    answer = claim(file=upload(b"MZ", "setup.exe"))
    assert answer.status_code == 422
    assert "setup.exe is of a kind that isn’t kept. Bring one of pdf, png, or a link to it." in text_of(answer)
    assert not Claim.objects.exists()


def test_a_link_too_long_to_keep_is_refused():
    answer = browser(OWNER).post(FILE, {"do": "claim", "link": "https://example.org/" + "a" * 2_000})
    assert answer.status_code == 422
    assert "has 2,020 characters; a link may have 2,000" in text_of(answer)


def test_a_persons_word_may_rest_on_an_address_and_stays_a_word(settings):
    settings.SOURCE_HOSTS = []
    assert claim(WORD, attest="1", link="http://127.0.0.1/minutes").status_code == 303
    assert Evidence.objects.get().state == "attests"
    page = text_of(browser(OWNER).get("/rollouts/demo/phases/prepare/"))
    assert "Attested" in page
    assert "Olga Owner’s word" in page


@pytest.fixture
def code(demo, tmp_path, settings):
    """A checkout that the plan names, with one file."""
    porcelain.init(str(tmp_path))
    version = commit_files(tmp_path, {"docs/restore.md": b"# Restore", "junit.xml": PASSES})
    settings.SOURCE_HOSTS = [str(tmp_path.parent)]
    adopt(demo, {**DOCUMENT, "sources": {"code": {"kind": "git", "path": str(tmp_path)}}})
    return version


def test_a_file_in_git_is_kept_and_its_commit_is_shown(code):
    assert "As code:path, kept as it is at the newest commit" in text_of(browser(OWNER).get(FILE))
    assert browser(OWNER).post(FILE, {"do": "claim", "git": "code:docs/restore.md"}).status_code == 303
    piece = Evidence.objects.get()
    assert (piece.kind, piece.title) == ("git", f"code:docs/restore.md at commit {code}")
    answer = browser(MATE).get(evidence_url())
    assert (answer.content, answer["Content-Disposition"]) == (b"# Restore", 'attachment; filename="restore.md"')
    assert f"at commit {code}" in text_of(browser(MATE).get(FILE))


def test_a_test_report_in_git_is_read_like_the_file(code):
    assert browser(OWNER).post(TESTS, {"do": "claim", "git": "code:junit.xml"}).status_code == 303
    assert (Evidence.objects.get().kind, Evidence.objects.get().state) == ("junit", "proves")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("docs/restore.md", "“docs/restore.md” names no file in git. Give one such as code:docs/a.md."),
        ("code:docs/nothing.md", "docs/nothing.md does not exist at commit"),
        ("other:docs/restore.md", "The plan has no git source other; it has code."),
    ],
)
def test_a_file_that_is_not_in_git_is_refused(code, place, words):
    answer = browser(OWNER).post(FILE, {"do": "claim", "git": place})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert place in answer.content.decode()
    assert not Claim.objects.exists()


# ------------------------------------------------------------------------------------- reports

REPORT = "/rollouts/demo/claim/prepare/enter/item:report"
FIELDS = ["cost", "rollbacks", "practised"]


@pytest.fixture
def report(demo):
    item = {"item": "report", "title": "Cost is written up", "owner": "sre"}
    adopt(demo, document(enter=[{**item, "evidence": {"kind": "report", "fields": FIELDS}}]))
    ran = {"drill": "practised", "ran_at": NOW, "recorded_at": NOW, "took": timedelta(seconds=90), "passed": True}
    (drill,) = load_plan(demo).drills
    DrillRecord.objects.create(rollout=demo, by_id=OWNER, by_name="Olga", practised=practice_of(drill), **ran)
    return demo


def test_a_report_is_filled_in_with_what_the_board_knows(report):
    answer = browser(OWNER).get(REPORT)
    html = answer.content.decode()
    assert "Report kept as it is written; every field is needed" in text_of(answer)
    assert re.findall(r'name="field-(\d)"[^>]*>\s*([^<]*)</textarea>', html) == [
        ("0", ""), ("1", "0"), ("2", "1 min 30 s"),
    ]  # fmt: skip
    assert "Way back practised, on 2 Dec 2025" in text_of(answer)


def test_a_sheet_that_is_only_opened_finds_no_fault(report):
    assert "Nothing is claimed" not in text_of(browser(OWNER).get(REPORT))
    adopt(report, DOCUMENT)
    assert "Nothing is claimed" not in text_of(browser(OWNER).get(WORD))


def test_every_field_of_a_report_is_required(report):
    answer = browser(OWNER).post(REPORT, {"do": "claim", "field-0": " ", "field-1": "0", "field-2": "90 s"})
    assert answer.status_code == 422
    assert "Fill in “cost”; the plan asks for it." in text_of(answer)
    assert not Claim.objects.exists()
    assert entries() == []


def test_a_report_is_kept_as_what_was_written(report):
    said = {"do": "claim", "field-0": "12 k€", "field-1": "0", "field-2": "80 s", "note": "with finance"}
    assert browser(OWNER).post(REPORT, said).status_code == 303
    piece = Evidence.objects.get()
    assert (piece.kind, piece.state, piece.finding) == ("report", "proves", "states cost, rollbacks, practised")
    kept = browser(MATE).get(evidence_url())
    assert json.loads(kept.content) == {"fields": {"cost": "12 k€", "rollbacks": "0", "practised": "80 s"}}
    assert actions() == ["claim.made"]


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_only_the_owner_reports(report, person, status):
    said = {"do": "claim", "field-0": "12 k€", "field-1": "0", "field-2": "80 s"}
    assert browser(person).post(REPORT, said).status_code == status
    assert Claim.objects.count() == (status == 303)


def test_a_plan_that_asks_for_more_reopens_the_report(report):
    browser(OWNER).post(REPORT, {"do": "claim", "field-0": "12 k€", "field-1": "0", "field-2": "80 s"})
    item = {"item": "report", "title": "Cost is written up", "owner": "sre"}
    adopt(report, document(enter=[{**item, "evidence": {"kind": "report", "fields": [*FIELDS, "people"]}}]))
    assert "The report lacks people" in text_of(browser(MATE).get("/rollouts/demo/phases/prepare/"))


# ------------------------------------------------------------------------------------- what has run out, what repeats


def test_a_claim_that_ran_out_is_claimed_again(demo):
    adopt(demo, document(enter=[{"item": "file", "title": "The contract", "owner": "sre", "valid_for": "7d"}]))
    claim()
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        assert "Claim it again" in text_of(browser(OWNER).get(FILE))
        assert claim(person=MATE).status_code == 403
        assert claim(file=upload(b"the new one")).status_code == 303
    assert Claim.objects.filter(withdrawn_at=None).count() == 1
    assert actions() == ["claim.made", "claim.renewed"]


SOAK = json.dumps({"requests": 90_000, "p99_ms": 41.25, "error_rate": 0.0005, "duration_s": 86_400}).encode()


def test_one_load_test_for_two_items_contradicts_the_second_and_says_so_first(demo):
    items = [
        {"item": key, "title": title, "owner": "sre", "evidence": {"kind": "loadtest"}}
        for key, title in (("soak", "Soak"), ("load", "Load"))
    ]
    adopt(demo, document(enter=items))
    soak, load = (f"/rollouts/demo/claim/prepare/enter/item:{key}" for key in ("soak", "load"))
    assert claim(soak, file=upload(SOAK, "soak.json")).status_code == 303
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        first = claim(load, file=upload(SOAK.replace(b", ", b",\n"), "load.json"))
        words = "its numbers are those of soak.json, brought for “Soak”, to the digit; no two runs agree so"
        assert words in text_of(first)
        assert Claim.objects.count() == 1
        assert browser(OWNER).post(action_of(first), {"do": "claim"}).status_code == 303
    page = text_of(browser(MATE).get("/rollouts/demo/phases/prepare/"))
    assert "Contradicted" in page
    assert page.count("Its numbers are those of soak.json") == 1


def test_a_report_says_that_it_stops_the_phase_and_is_not_called_a_claim():
    said = text_of(browser(OWNER).get(COMPLAINTS))
    assert "This stops the phase" in said
    assert "One report is enough" in said
    assert "Report it" in said
    assert "Claim it" not in said
