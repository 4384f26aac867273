"""Evidence from programs: judged like what people bring, under the name of the token's person, once a key."""

import json
from datetime import timedelta

import pytest
import requests
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.permissions import Scope
from readiness.models import Claim, Evidence, KeptReply, RoleGrant, SignOff
from readiness.services.evidence import Brought, UploadLimits, prepare_evidence
from readiness.services.items import claim_item
from readiness.services.tokens import NewToken, make_token, revoke_token
from tests.api.callers import told
from tests.collectors.http_servers import answering, sent
from tests.factories import shell_act
from tests.record_fixtures import _emptiable_record, committed_record, entries  # noqa: F401 (fixtures)
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, adopt, document
from tests.views.acting import actions, make_demo

pytestmark = pytest.mark.django_db
URL = "/api/v1/rollouts/demo/evidence"
ITEMS = {name: f"prepare/enter/item:{name}" for name in ("tests", "file", "word", "each")}
PASSES = b'<testsuite name="all" tests="2"><testcase name="a"/><testcase name="b"/></testsuite>'
FAILS = b'<testsuite name="all" tests="1"><testcase name="restore"><failure/></testcase></testsuite>'
NAMES = {OWNER: "olga", MATE: "mia", LEAD: "lea", STRANGER: "stan"}


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo()


def secret_of(person=OWNER, scopes=("evidence",), **more):
    return make_token(NewToken(NAMES[person], "CI", scopes, **more), shell_act(), NOW)[1]


def report(data=PASSES, name="report.xml", kind="application/xml"):
    return SimpleUploadedFile(name, data, kind)


def send(secret=None, *, url=URL, key="", **fields):
    """Call as a program does, with a token of the owner that may add evidence."""
    headers = {"Authorization": f"Bearer {secret or secret_of()}"} | ({"Idempotency-Key": key} if key else {})
    return told(Client(headers=headers, enforce_csrf_checks=True).post(url, fields))


def claimed(item="tests", data=PASSES, person=OWNER):
    """Let somebody have claimed an item on the board."""
    rule = EvidenceRule(EvidenceDemand.JUNIT if item == "tests" else EvidenceDemand.REQUIRED)
    piece = prepare_evidence(Brought("own.xml", data), rule, UploadLimits(10_000, ("xml",)), str)
    claim_item("demo", ITEMS[item], act_of(person), NOW, evidence=[piece])


def test_a_report_is_added_to_the_claim_that_stands():
    claimed()
    secret = secret_of(MATE)
    before = len(entries())
    answer = send(secret, item="tests", file=report())
    assert answer.status_code == 201
    assert (answer.said["item"], answer.said["title"], answer.said["claimed"]) == (ITEMS["tests"], "Tests pass", False)
    (piece,) = answer.said["pieces"]
    assert (piece["kind"], piece["title"], piece["state"]) == ("junit", "report.xml", "proves")
    assert (answer.said["contradicts"], answer.said["outcome"]) == (False, "MET")
    (entry, *_) = entries()[before:]
    assert (entry["seq"], entry["action"]) == (answer.said["entry"], "evidence.added")
    assert (entry["actor"]["id"], entry["channel"]["kind"]) == (MATE, "api")
    kept = Evidence.objects.get(title="report.xml")
    assert (kept.claim.by_id, kept.by_id, kept.by_name) == (OWNER, MATE, "Mia Mate")
    assert answer.said["url"] == "http://testserver/rollouts/demo/"


def test_what_fails_contradicts_at_once_and_is_kept_all_the_same():
    claimed()
    answer = send(item=ITEMS["tests"], file=report(FAILS))
    assert (answer.status_code, answer.said["contradicts"], answer.said["outcome"]) == (201, True, "NOT_MET")
    assert answer.said["pieces"][0]["state"] == "contradicts"
    assert "1 test, 1 fails: restore" in answer.said["found"]
    assert Evidence.objects.filter(title="report.xml", state="contradicts").exists()


@pytest.mark.parametrize(
    ("item", "name", "data", "kind", "state"),
    [
        ("tests", "report.xml", b"<no", "junit", "unreadable"),
        ("file", "notes.pdf", b"%PDF-1.7", "file", "proves"),
        ("load", "k6.json", None, "loadtest", "proves"),
        ("load", "plain.json", b'{"requests": 5, "p99_ms": 9, "error_rate": 0.5, "duration_s": 60}', "loadtest",
         "contradicts"),
        ("load", "load_stats.csv", None, "loadtest", "proves"),
    ],
)  # fmt: skip
def test_each_kind_is_read_by_what_the_item_demands(demo, item, name, data, kind, state):
    limits = {"kind": "loadtest", "error_rate": "<= 1%"}
    load = {"item": "load", "title": "Load test", "owner": "sre", "evidence": limits}
    adopt(demo, document(enter=[*document()["phases"][0]["enter"], load]))
    data = data or {"k6.json": K6, "load_stats.csv": LOCUST}[name]
    answer = send(secret_of(scopes=["evidence", "claim"]), item=item, file=report(data, name), claim="yes")
    assert answer.status_code == 201
    assert (answer.said["pieces"][0]["kind"], answer.said["pieces"][0]["state"]) == (kind, state)


K6 = json.dumps(
    {"metrics": {
        "http_reqs": {"count": 900, "rate": 15.0},
        "http_req_duration": {"avg": 8.0, "p(99)": 12.5},
        "http_req_failed": {"value": 0.001, "passes": 1, "fails": 899},
    }, "state": {"testRunDurationMs": 60000}}
).encode()  # fmt: skip
LOCUST = (
    b"Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    b"Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
    b"GET,/a,900,1,8,8.5,1,30,10,15,0.01,8,9,9,10,11,12,12,12,13,14,30\n"
    b",Aggregated,900,1,8,8.5,1,30,10,15,0.01,8,9,9,10,11,12,12,12,13,14,30\n"
)


def test_links_notes_and_several_files_come_in_one_call(settings):
    claimed("file")
    with answering(sent(200, b"signed by both", ("Content-Type", "text/plain"))) as (site, _):
        settings.SOURCE_HOSTS = ["127.0.0.1"]
        answer = send(item="file", file=[report(b"a", "a.txt"), report(b"b", "b.txt")], link=f"{site}/c", note="by fax")
    assert answer.status_code == 201
    assert [piece["kind"] for piece in answer.said["pieces"]] == ["file", "file", "link", "note"]
    assert Evidence.objects.count() == 5


def test_what_the_claim_holds_already_changes_nothing():
    claimed()
    secret = secret_of()
    send(secret, item="tests", file=report())
    before = len(entries())
    answer = send(secret, item="tests", file=report())
    assert (answer.status_code, answer.said["entry"]) == (200, None)
    assert len(entries()) == before


# ------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(("person", "status"), [(OWNER, 201), (MATE, 201), (LEAD, 201), (STRANGER, 403)])
def test_anybody_on_the_rollout_adds_evidence_by_token(person, status):
    claimed()
    secret = secret_of(person)
    before = len(entries())
    answer = send(secret, item="tests", file=report())
    assert answer.status_code == status
    assert Evidence.objects.filter(title="report.xml").count() == (status == 201)
    if status == 403:
        assert "Only people on this rollout may add evidence" in answer.said["detail"]
        assert len(entries()) == before


def test_nothing_is_fetched_for_somebody_who_may_not_bring_it(settings):
    claimed()
    with answering(sent(200, b"x")) as (site, asked):
        settings.SOURCE_HOSTS = ["127.0.0.1"]
        assert send(secret_of(STRANGER), item="tests", link=f"{site}/c").status_code == 403
        assert asked == []


@pytest.mark.parametrize("scope", sorted(set(Scope) - {Scope.EVIDENCE}))
def test_it_takes_the_scope(scope):
    claimed()
    answer = send(secret_of(scopes=[scope]), item="tests", file=report())
    assert answer.status_code == 403
    assert 'scope="evidence"' in answer["WWW-Authenticate"]


def test_a_token_for_another_rollout_or_taken_back_is_refused(demo):
    claimed()
    row, secret = make_token(NewToken("olga", "CI", ["evidence"]), shell_act(), NOW)
    revoke_token(row.pk, shell_act(), NOW)
    assert send(secret, item="tests", file=report()).status_code == 401
    answer = send(secret_of(rollout="demo"), url="/api/v1/rollouts/other/evidence", item="tests", file=report())
    assert (answer.status_code, answer.said["type"]) == (403, "urn:readiness:problem:other-rollout")
    assert send(secret_of(rollout="demo"), item="tests", file=report()).status_code == 201


def test_a_session_is_no_token(client):
    client.force_login(User.objects.get(pk=1))
    assert client.post(URL, {"item": "tests", "file": report()}).status_code == 401


# ------------------------------------------------------------------------------------- claiming with it


def test_without_a_claim_there_is_nothing_to_add_to():
    answer = send(item="tests", file=report())
    assert (answer.status_code, answer.said["type"]) == (409, "urn:readiness:problem:not-claimed")
    assert "“Tests pass” isn’t claimed" in answer.said["detail"]
    assert not Claim.objects.exists()


@pytest.mark.parametrize(("person", "status"), [(OWNER, 201), (MATE, 403), (LEAD, 403), (STRANGER, 403)])
def test_who_may_claim_an_item_claims_it_by_a_token_with_that_scope(person, status):
    secret = secret_of(person, ["evidence", "claim"])
    answer = send(secret, item="tests", file=report(), claim="yes")
    assert answer.status_code == status
    assert Claim.objects.filter(by_id=person).count() == (status == 201)
    if status == 201:
        assert (answer.said["claimed"], answer.said["outcome"]) == (True, "MET")
        assert "claim.made" in actions()
        again = send(secret, item="tests", file=report(PASSES + b"\n", "second.xml"), claim="yes")
        assert (again.status_code, again.said["claimed"]) == (201, False)


def test_claiming_takes_its_own_scope():
    answer = send(item="tests", file=report(), claim="yes")
    assert answer.status_code == 403
    assert 'scope="claim"' in answer["WWW-Authenticate"]
    assert not Claim.objects.exists()


def test_a_program_has_no_word_to_give(demo):
    RoleGrant.objects.create(
        rollout=demo, kind="group", key="on-call", person_id=OWNER, person_name="Olga Owner", granted_at=NOW,
        by_id="x", by_name="x",
    )  # fmt: skip
    secret = secret_of(scopes=["evidence", "claim"])
    for item in ("word", "each"):
        answer = send(secret, item=item, note="I have read it", claim="yes")
        assert answer.status_code == 403
        assert "asks for a person’s word" in answer.said["detail"]
    assert not Claim.objects.exists()


def test_a_claim_that_ran_out_is_made_again_and_not_added_to(demo):
    short = {"item": "tests", "title": "Tests pass", "owner": "sre", "valid_for": "7d", "evidence": {"kind": "junit"}}
    adopt(demo, document(enter=[short]))
    claimed()
    later = NOW + timedelta(days=8)
    secret = secret_of(scopes=["evidence", "claim"])
    with time_machine.travel(later, tick=False):
        assert send(secret, item="tests", file=report()).status_code == 409
        answer = send(secret, item="tests", file=report(), claim="yes")
    assert (answer.status_code, answer.said["claimed"]) == (201, True)
    assert "claim.renewed" in actions()


def test_it_signs_nothing_and_whoever_brought_it_worked_on_it():
    claimed()
    send(secret_of(LEAD), item="tests", file=report())
    assert not SignOff.objects.exists()
    assert not {"sign_off.given", "sign_off.signed"} & set(actions())


# ------------------------------------------------------------------------------------- what does not do


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"file": report}, 422, "Name the item"),
        ({"item": "tests"}, 422, "Nothing was brought. Send at least one file, link, git or note."),
        ({"item": "tests", "file": report, "fiel": "x"}, 422, "There is no field fiel; there are item, file, link"),
        ({"item": "tests", "file": report, "claim": "maybe"}, 422, "claim is yes or no; found maybe."),
        ({"item": "tests", "link": "ftp://x"}, 422, "is no web address"),
        ({"item": "tests", "git": "nothing"}, 422, "names no file in git"),
        ({"item": "tests", "git": "code:a.md"}, 422, "The plan has no git source code"),
        ({"item": "nothing", "file": report}, 404, "The plan of demo has no item nothing."),
        ({"item": "file", "file": lambda: report(b"", "a.txt")}, 422, "empty"),
        ({"item": "tests", "file": lambda: report(b"MZ", "a.exe")}, 415, "of a kind that isn’t kept"),
        ({"item": "tests", "file": lambda: [report(name=f"{n}.xml") for n in range(11)]}, 422, "11 files at once"),
    ],
)
def test_what_does_not_do_is_said_and_changes_nothing(fields, status, says):
    claimed()
    claimed("file", b"signed")
    secret = secret_of()
    before = len(entries())
    answer = send(secret, **{name: value() if callable(value) else value for name, value in fields.items()})
    assert answer.status_code == status
    assert says in answer.said["detail"]
    assert (len(entries()), Evidence.objects.count()) == (before, 2)


def test_too_large_a_file_is_refused_by_name_and_limit(settings):
    claimed()
    settings.MAX_UPLOAD_BYTES = 1_000
    answer = send(item="tests", file=report(b"x" * 1_001))
    assert answer.status_code == 413
    assert "report.xml has 1,001 bytes; at most 1,000 are kept" in answer.said["detail"]
    assert answer.said["faults"][0]["field"] == "file"


def test_a_call_that_is_too_long_is_refused_before_it_is_read(settings):
    claimed()
    settings.MAX_UPLOAD_BYTES = 10
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    answer = send(item="tests", file=report(b"x" * 1_100_000))
    assert answer.status_code == 413
    assert "A call brings at most 1,000,100 bytes" in answer.said["detail"]


def test_another_form_of_body_is_415():
    secret = secret_of()
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = told(client.post(URL, PASSES, content_type="application/xml"))
    assert answer.status_code == 415
    assert "such as curl -F does; found application/xml" in answer.said["detail"]


def test_a_rollout_that_is_not_there_is_404():
    assert send(url="/api/v1/rollouts/other/evidence", item="tests", file=report()).status_code == 404


def test_an_item_in_two_places_is_named_by_its_path(demo):
    two = document()
    two["phases"][1] = {**two["phases"][1], "enter": [two["phases"][0]["enter"][0]]}
    adopt(demo, two)
    answer = send(item="tests", file=report())
    assert (answer.status_code, answer.said["items"]) == (409, [ITEMS["tests"], "canary/enter/item:tests"])


# ------------------------------------------------------------------------------------- once


def test_the_same_call_under_a_key_is_done_once():
    claimed()
    secret = secret_of()
    first = send(secret, key="run-4182", item="tests", file=report())
    before = len(entries())
    again = send(secret, key="run-4182", item="tests", file=report())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.said == first.said
    assert (len(entries()), Evidence.objects.filter(title="report.xml").count()) == (before, 1)


def test_another_call_under_the_same_key_is_refused():
    claimed()
    secret = secret_of()
    send(secret, key="run-4182", item="tests", file=report())
    answer = send(secret, key="run-4182", item="tests", file=report(FAILS))
    assert (answer.status_code, answer.said["type"]) == (422, "urn:readiness:problem:key-reused")
    assert not Evidence.objects.filter(state="contradicts").exists()


def test_keys_are_each_tokens_own_and_last_a_day():
    claimed()
    secret = secret_of()
    send(secret, key="1", item="tests", file=report())
    assert send(secret_of(MATE), key="1", item="tests", file=report(FAILS)).status_code == 201
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        answer = send(secret, key="1", item="tests", file=report(PASSES + b" ", "next.xml"))
    assert answer.status_code == 201
    assert KeptReply.objects.count() == 2


def test_a_call_that_was_refused_may_be_put_right_under_its_key():
    secret = secret_of(scopes=["evidence", "claim"])
    assert send(secret, key="1", item="tests", file=report()).status_code == 409
    assert send(secret, key="1", item="tests", file=report(), claim="yes").status_code == 201


def test_a_key_is_plain():
    assert send(key="a b", item="tests", file=report()).status_code == 400
    assert send(key="x" * 201, item="tests", file=report()).status_code == 400


# ------------------------------------------------------------------------------------- over a real connection


@pytest.mark.django_db(transaction=True)
def test_a_program_sends_a_report_over_http(live_server):
    claimed()
    headers = {"Authorization": f"Bearer {secret_of()}", "Idempotency-Key": "run-1"}
    url = live_server.url + URL
    files = {"file": ("report.xml", FAILS, "application/xml")}
    answers = [requests.post(url, headers=headers, data={"item": "tests"}, files=files, timeout=20) for _ in range(2)]
    connections.close_all()
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["contradicts"] is True
    refused = requests.post(url, data={"item": "tests"}, files=files, timeout=20, allow_redirects=False)
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json")
    assert Evidence.objects.filter(state="contradicts").count() == 1
