"""Receipts: whoever reads the signatures may keep one, and it shows what was signed, later and elsewhere."""

import json

import pytest
import time_machine

from readiness.core.canonical import digest_bytes
from readiness.core.receipts import read_receipt, receipt_problem
from readiness.models import Blob, Claim, Rollout, SignOff
from readiness.services.holds import call_hold
from tests.record_fixtures import entries
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NAMES, NOW, OWNER, STRANGER, act_of, document
from tests.views.acting import browser, make_demo, text_of
from tests.views.test_signoffs import sign

pytestmark = pytest.mark.django_db
STATIONS = "/rollouts/demo/sign-off/prepare/"


@pytest.fixture(autouse=True)
def signed():
    with time_machine.travel(NOW, tick=False):
        demo = make_demo(document(**EMPTY_PHASE))
        path = "prepare/enter/item:word"
        Claim.objects.create(rollout=demo, path=path, claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
        sign()
        yield SignOff.objects.get()


def url_of(row, rollout="demo"):
    return f"/rollouts/{rollout}/sign-off/{row.pk}/receipt/"


def test_the_signer_finds_the_receipt_beside_the_signature_and_keeps_it_as_a_file(signed):
    client = browser(OWNER)
    assert f'href="{url_of(signed)}" download' in client.get(STATIONS).content.decode()
    answer = client.get(url_of(signed))
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="receipt-demo-entry-0.json"'
    assert "no-store" in answer["Cache-Control"]


def test_it_holds_the_exact_statement_its_entry_and_the_way_to_the_root(signed):
    call_hold("demo", act_of(MATE), NOW, reason="backup fails")
    data = browser(OWNER).get(url_of(signed)).content
    body, found = json.loads(data), read_receipt(data)
    assert digest_bytes(body["statement"]["text"].encode()) == signed.statement == body["statement"]["digest"]
    assert json.loads(body["statement"]["text"])["person"] == OWNER
    assert json.loads(body["entry"]["text"]) == entries()[0]
    assert (found.seq, found.size) == (0, len(entries()))
    assert receipt_problem(found) == ""


def test_a_receipt_still_holds_when_the_signature_does_not(signed):
    before = browser(OWNER).get(url_of(signed)).content
    browser(OWNER).post(f"/rollouts/demo/sign-off/{signed.pk}/revoke/", {"reason": "I was wrong"})
    after = read_receipt(browser(OWNER).get(url_of(signed)).content)
    assert receipt_problem(read_receipt(before)) == receipt_problem(after) == ""
    assert after.entry == read_receipt(before).entry
    assert f'href="{url_of(signed)}"' in browser(OWNER).get(STATIONS).content.decode()


@pytest.mark.parametrize("person", [LEAD, MATE, STRANGER])
def test_others_who_read_the_record_may_hold_one_too(signed, person):
    assert receipt_problem(read_receipt(browser(person).get(url_of(signed)).content)) == ""


def test_nobody_gets_one_without_signing_in_or_by_another_method(signed, client):
    assert client.get(url_of(signed))["Location"].startswith("/sign-in/")
    assert browser(OWNER).post(url_of(signed)).status_code == 405


def test_what_was_never_signed_has_no_receipt(signed):
    Rollout.objects.create(key="other", title="Other", created_at=NOW, plan=Rollout.objects.get(key="demo").plan)
    assert browser(OWNER).get("/rollouts/demo/sign-off/99/receipt/").status_code == 404
    assert browser(OWNER).get(url_of(signed, "other")).status_code == 404


def test_an_altered_statement_gives_no_receipt_and_says_so(signed):
    Blob.objects.filter(pk=signed.statement).update(data=b"{}")
    answer = browser(OWNER).get(url_of(signed))
    assert answer.status_code == 409
    assert "This statement was altered, so there is no receipt" in text_of(answer)
