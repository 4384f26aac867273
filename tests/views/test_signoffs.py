"""Signing in the browser: the sheet, its answer, and everything that can come between."""

from datetime import timedelta

import pytest
import time_machine

from readiness.core.canonical import parse_canonical
from readiness.models import Claim, Evidence, EvidenceOpening, RoleGrant, SignOff, SignOffEnd
from readiness.queries.blobs import load_blob
from readiness.services.blobs import keep_blob
from readiness.services.holds import call_hold
from tests.record_fixtures import entries
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    STRANGER,
    act_of,
    document,
    grant,
)
from tests.views.acting import PASSWORD, action_of, actions, browser, hidden_of, make_demo, text_of

pytestmark = pytest.mark.django_db
URL = "/rollouts/demo/sign-off/prepare/"
SRE, LAST = f"{URL}?role=sre", f"{URL}?role=lead"


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        made = make_demo(document(**EMPTY_PHASE))
        claim(made)
        yield made


def claim(rollout, at=NOW):
    path = "prepare/enter/item:word"
    return Claim.objects.create(rollout=rollout, path=path, claimed_at=at, by_id=MATE, by_name=NAMES[MATE])


def answer_with(shown, *, go=True, password=PASSWORD, reason="", meaning=None):
    meaning = meaning or ("approve-go" if go else "approve-no-go")
    said = {"answer": "go" if go else "no-go", "meaning": meaning, "reason": reason, "password": password}
    return said | {"role": hidden_of(shown, "role"), "digest": hidden_of(shown, "digest")}


def sign(person=OWNER, url=SRE, client=None, **said):
    client = client or browser(person)
    shown = client.get(url)
    return client.post(action_of(shown), answer_with(shown, **said))


def test_the_sheet_shows_what_is_signed_and_preselects_nothing():
    answer = browser(OWNER).get(SRE)
    said, html = text_of(answer), answer.content.decode()
    assert answer.status_code == 200
    assert "Sign for SRE lead" in said
    assert "I have read it" in said
    assert "1 of 1 met" in said
    assert (
        "SRE lead answers whether to enter phase 1, Prepare: 1 of 1 condition met, 1 of them by a person’s word."
        in said
    )
    assert "checked" not in html[html.index('id="sheet"') :]
    assert hidden_of(answer, "digest").startswith("sha256:")


def test_signing_keeps_the_statement_that_was_shown():
    client = browser(OWNER)
    shown = client.get(SRE)
    answer = client.post(action_of(shown), answer_with(shown))
    row = SignOff.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, URL)
    assert (row.role, row.go, row.by_id) == ("sre", True, OWNER)
    said = parse_canonical(load_blob(row.statement))
    assert (said["shown"], said["answer"], said["meaning"]) == (hidden_of(shown, "digest"), "GO", "approve-go")
    assert said["means"] == "I approve: it may start"
    assert actions() == ["sign_off.given"]
    assert entries()[0]["auth"] == {"methods": ["password"], "at": "2025-12-02T14:32:06.000000Z", "age_s": 0}
    said = text_of(client.get(URL))
    assert "Signed GO for SRE lead. It is entry 0 of the record." in said


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_only_a_holder_of_the_role_signs(person, status):
    shown = browser(OWNER).get(SRE)
    answer = browser(person).post(action_of(shown), answer_with(shown))
    assert answer.status_code == status
    assert SignOff.objects.count() == (status == 303)
    if status == 403:
        assert "Who may: SRE lead" in text_of(answer)


def test_somebody_elses_sheet_cannot_be_signed():
    grant(SignOff._meta.get_field("rollout").related_model.objects.get(), LEAD, RoleGrant.ROLE, "sre")
    shown = browser(OWNER).get(SRE)
    answer = browser(LEAD).post(action_of(shown), answer_with(shown))
    assert answer.status_code == 409
    assert not SignOff.objects.exists()


def test_a_wrong_password_signs_nothing_and_keeps_what_was_typed():
    answer = sign(go=False, reason="the backup fails", password="wrong")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "That isn’t your password" in text_of(answer)
    assert "the backup fails" in html
    assert "wrong" not in html
    assert html.count("checked") == 1
    assert not SignOff.objects.exists()
    assert entries() == []


def test_the_same_sheet_signs_after_a_wrong_password():
    client = browser(OWNER)
    shown = client.get(SRE)
    again = client.post(action_of(shown), answer_with(shown, password="wrong"))
    assert hidden_of(again, "digest") == hidden_of(shown, "digest")
    assert client.post(action_of(again), answer_with(again)).status_code == 303


def test_five_wrong_passwords_lock_the_form_for_five_minutes():
    for _ in range(5):
        sign(password="wrong")
    answer = sign()
    assert answer.status_code == 422
    assert "Wait 5 minutes" in text_of(answer)
    assert not SignOff.objects.exists()
    assert sign(LEAD, LAST, go=False, reason="somebody guesses").status_code == 303


def test_neither_answer_without_choosing_one_nor_no_go_without_a_reason():
    client = browser(OWNER)
    shown = client.get(SRE)
    nothing = client.post(action_of(shown), {**answer_with(shown), "answer": ""})
    assert (nothing.status_code, "Choose GO or NO-GO" in text_of(nothing)) == (422, True)
    silent = sign(go=False)
    assert (silent.status_code, "Say why it is NO-GO" in text_of(silent)) == (422, True)
    contradictory = sign(meaning="approve-no-go")
    assert (contradictory.status_code, "Choose what your answer means" in text_of(contradictory)) == (422, True)
    assert not SignOff.objects.exists()


def test_when_facts_moved_nothing_is_signed_and_the_reason_is_kept(demo):
    client = browser(OWNER)
    shown = client.get(SRE)
    Claim.objects.update(withdrawn_at=NOW)
    answer = client.post(action_of(shown), answer_with(shown, reason="I have looked twice"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "1 fact changed while you were reading" in text_of(answer)
    assert "I have looked twice" in html
    assert "checked" not in html[html.index('id="sheet"') :]
    assert hidden_of(answer, "digest") != hidden_of(shown, "digest")
    assert not SignOff.objects.exists()


def test_a_moved_sheet_can_be_answered_over_the_new_facts():
    client = browser(OWNER)
    shown = client.get(SRE)
    Claim.objects.update(withdrawn_at=NOW)
    moved = client.post(action_of(shown), answer_with(shown))
    answer = client.post(action_of(moved), answer_with(moved, go=False, reason="it was taken back"))
    assert answer.status_code == 303
    assert not SignOff.objects.get().go


def test_a_sheet_that_we_did_not_write_is_not_signed():
    client = browser(OWNER)
    shown = client.get(SRE)
    for action in (SRE, f"{SRE}&seen=made-up"):
        assert client.post(action, answer_with(shown)).status_code == 409
    assert client.post(action_of(shown), {**answer_with(shown), "digest": "sha256:" + "1" * 64}).status_code == 409
    assert not SignOff.objects.exists()


def test_a_sheet_of_yesterday_is_shown_again():
    client = browser(OWNER)
    shown = client.get(SRE)
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert client.post(action_of(shown), answer_with(shown)).status_code == 409


def test_pressing_twice_signs_once():
    client = browser(OWNER)
    shown = client.get(SRE)
    first, second = (client.post(action_of(shown), answer_with(shown)) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert "It was not recorded again" in text_of(client.get(URL))
    assert SignOff.objects.count() == 1


def test_go_is_locked_with_its_reason_while_the_part_is_not_met():
    Claim.objects.update(withdrawn_at=NOW)
    shown = browser(OWNER).get(SRE)
    assert "1 of your 1 conditions isn’t met. You can still record NO-GO." in text_of(shown)
    assert "disabled" in shown.content.decode()
    forced = sign()
    assert forced.status_code == 409
    assert not SignOff.objects.exists()


def test_who_answers_last_sees_what_stands_in_the_way():
    said = text_of(browser(LEAD).get(LAST))
    assert "1 reason stands in the way, and you answer last." in said
    assert "What stands between you and GO" in said
    assert sign(LEAD, LAST).status_code == 409
    assert sign().status_code == 303
    assert sign(LEAD, LAST).status_code == 303


def test_a_hold_called_while_the_last_reads_locks_go(demo):
    sign()
    client = browser(LEAD)
    shown = client.get(LAST)
    call_hold("demo", act_of(MATE), NOW, reason="wait")
    answer = client.post(action_of(shown), answer_with(shown))
    assert answer.status_code == 409
    assert "1 reason stands in the way" in text_of(answer)
    assert SignOff.objects.count() == 1


def test_one_person_answers_for_one_role(demo):
    grant(demo, OWNER, RoleGrant.ROLE, "lead")
    sign()
    answer = browser(OWNER).get(LAST)
    assert "You already answer for SRE lead; one person counts for one role." in text_of(answer)


def test_what_changed_since_ones_last_signature_is_shown(demo):
    sign()
    Claim.objects.update(withdrawn_at=NOW)
    said = text_of(browser(OWNER).get(SRE))
    assert "What changed since you signed" in said
    assert "I have read it" in said
    assert "Unclaimed" in said


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"{URL}?role=backend", "This role isn’t polled"),
        ("/rollouts/demo/sign-off/canary/?role=sre", "This phase isn’t the next one"),
    ],
)
def test_only_who_is_asked_now_gets_a_form(url, why):
    answer = browser(OWNER).get(url)
    assert why in text_of(answer)
    assert "password" not in answer.content.decode()


def test_htmx_gets_the_sheet_alone_and_is_sent_on():
    client = browser(OWNER, htmx=True)
    shown = client.get(SRE)
    assert "<html" not in shown.content.decode()
    answer = client.post(action_of(shown), answer_with(shown))
    assert answer["HX-Redirect"] == URL


def test_all_signatures_stand_with_their_entries():
    sign()
    answer = browser(OWNER).get(URL)
    html = answer.content.decode()
    assert "/rollouts/demo/audit/0/" in html
    assert f"/rollouts/demo/sign-off/{SignOff.objects.get().pk}/revoke/" in html
    assert "I approve: it may start" in text_of(answer)
    other = browser(MATE).get(URL).content.decode()
    assert "revoke" not in other
    assert "?role=" not in other


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (LEAD, 403), (MATE, 403), (STRANGER, 403)])
def test_only_its_signer_takes_an_answer_back(person, status):
    sign()
    row = SignOff.objects.get()
    answer = browser(person).post(f"/rollouts/demo/sign-off/{row.pk}/revoke/", {"reason": "I was wrong"})
    assert answer.status_code == status
    assert SignOffEnd.objects.count() == (status == 303)
    if status == 303:
        said = text_of(browser(person).get(URL))
        assert "Earlier answers" in said or "I was wrong" in said


def test_a_withdrawn_answer_can_be_given_again():
    sign()
    client = browser(OWNER)
    client.post(f"/rollouts/demo/sign-off/{SignOff.objects.get().pk}/revoke/", {"reason": "I was wrong"})
    assert sign().status_code == 303
    said = text_of(client.get(URL))
    assert "Earlier answers" in said
    assert "I was wrong" in said


@pytest.mark.parametrize("answers", [1, 3])
def test_all_signatures_take_the_same_queries_however_many(answers, django_assert_num_queries):
    for _ in range(answers):
        sign(go=False, reason="no")
    client = browser(MATE)
    with django_assert_num_queries(23):
        client.get(URL)


def test_unknown_phases_and_signatures_are_not_found():
    client = browser(OWNER)
    assert client.get("/rollouts/demo/sign-off/nothing/").status_code == 404
    assert client.get("/rollouts/demo/sign-off/99/revoke/").status_code == 404


# ------------------------------------------------------------------------------------- what the signer opened


@pytest.fixture
def evidence(demo):
    """Two files beside the claim that both signers rest on."""
    held = Claim.objects.get()
    digests = [keep_blob(data, "text/plain") for data in (b"minutes", b"annex")]
    for number, digest in enumerate(digests):
        Evidence.objects.create(
            claim=held, kind="file", title=f"{number}.txt", digest=digest, state="proves", finding="Kept", added_at=NOW,
            by_id=MATE, by_name=NAMES[MATE],
        )  # fmt: skip
    return digests


def opened_in(digest):
    return parse_canonical(load_blob(digest))["opened"]


def test_the_sheet_counts_what_its_reader_opened(evidence):
    client = browser(OWNER)
    assert "You opened 0 of 2 pieces of evidence." in text_of(client.get(SRE))
    client.get(f"/evidence/{evidence[0]}/")
    said = text_of(client.get(SRE))
    assert "You opened 1 of 2 pieces of evidence." in said
    assert "0.txt (opened)" in said
    assert "You opened 0 of 2" in text_of(browser(LEAD).get(LAST))


def test_the_statement_names_what_was_opened_before_it_was_shown(evidence):
    client = browser(OWNER)
    client.get(f"/evidence/{evidence[1]}/")
    shown = client.get(SRE)
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        client.get(f"/evidence/{evidence[0]}/")
        assert client.post(action_of(shown), answer_with(shown)).status_code == 303
    assert opened_in(SignOff.objects.get().statement) == [evidence[1]]


def test_counting_again_signs_nothing_and_keeps_what_was_typed(evidence):
    client = browser(OWNER)
    shown = client.get(SRE)
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        client.get(f"/evidence/{evidence[0]}/")
        again = client.post(
            action_of(shown), answer_with(shown, go=False, reason="the backup fails") | {"do": "reread"}
        )
        html = again.content.decode()
        assert "You opened 1 of 2 pieces of evidence." in text_of(again)
        assert "the backup fails" in html
        assert html.count("checked") == 1
        assert PASSWORD not in html
        assert not SignOff.objects.exists()
        client.post(action_of(again), answer_with(again, go=False, reason="the backup fails"))
    assert opened_in(SignOff.objects.get().statement) == [evidence[0]]


def test_only_opening_counts_and_only_the_first_time(evidence):
    client = browser(OWNER)
    client.head(f"/evidence/{evidence[0]}/")
    assert not EvidenceOpening.objects.exists()
    for seconds in (0, 60):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            client.get(f"/evidence/{evidence[0]}/")
    seen = EvidenceOpening.objects.get()
    assert (seen.digest, seen.person_id, seen.person_name, seen.opened_at) == (evidence[0], OWNER, NAMES[OWNER], NOW)
    assert actions() == []


def test_a_stranger_opens_nothing(evidence):
    assert browser(STRANGER).get(f"/evidence/{evidence[0]}/").status_code == 404
    assert not EvidenceOpening.objects.exists()
