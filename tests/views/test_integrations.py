"""Tokens on the page of integrations: made with scopes, shown once, changed, taken back, each by who may."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from readiness.models import AccessToken
from readiness.queries.tokens import find_token
from readiness.services.tokens import NewToken, make_token, note_use
from tests.factories import shell_act
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER
from tests.views.acting import PASSWORD, actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
ALL = "/integrations/"
ADMIN = LEAD
MAKE = {
    "title": "Shop pipeline",
    "scopes": ["evidence", "claim"],
    "rollout": "demo",
    "days": "30",
    "password": PASSWORD,
}


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        made = make_demo()
        User.objects.filter(pk=int(ADMIN[2:])).update(is_staff=True)
        yield made


def secret_in(answer):
    (secret,) = re.findall(r'id="secret">(readiness_[\w-]+)<', answer.content.decode())
    return secret


def made_for(person, **more):
    """A token of somebody, and where it is."""
    username = User.objects.get(pk=int(person[2:])).username
    row, secret = make_token(NewToken(username, "Nightly", ["read"], **more), shell_act(), NOW)
    return row, secret, f"{ALL}{row.pk}/"


def test_a_token_is_made_with_scopes_a_rollout_and_an_end_and_is_shown_once():
    client = browser(OWNER)
    answer = client.post(ALL, MAKE)
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    token = find_token(secret_in(answer), NOW)
    assert (token.title, token.scopes, token.rollout_key) == ("Shop pipeline", ["evidence", "claim"], "demo")
    assert (token.person_id, token.expires_at) == (OWNER, NOW + timedelta(days=30))
    assert f"Authorization: Bearer {secret_in(answer)}" in answer.content.decode().replace("&quot;", '"')
    assert secret_in(answer) not in client.get(ALL).content.decode()
    assert secret_in(answer) not in client.get(f"{ALL}{token.pk}/").content.decode()
    assert actions() == ["token.made"]
    entry = entries()[-1]
    assert (entry["actor"]["id"], entry["channel"]["kind"]) == (OWNER, "web")


def test_the_secret_is_in_no_entry_no_session_and_no_log(caplog):
    caplog.set_level(logging.DEBUG)
    client = browser(OWNER)
    secret = secret_in(client.post(ALL, MAKE))
    other = secret_in(client.post(f"{ALL}{AccessToken.objects.get().pk}/", {"act": "rotate", "password": PASSWORD}))
    assert actions() == ["token.made", "token.rotated"]
    kept = [str(entries()), caplog.text, *(str(each.get_decoded()) for each in Session.objects.all())]
    kept += [str(list(AccessToken.objects.values()))]
    for text in kept:
        assert secret not in text
        assert other not in text
        assert PASSWORD not in text


@pytest.mark.parametrize("person", [OWNER, MATE, STRANGER])
def test_whoever_is_signed_in_makes_tokens_for_themselves_alone(person):
    answer = browser(person).post(ALL, MAKE | {"rollout": "", "username": "lea", "person": LEAD})
    assert answer.status_code == 201
    assert AccessToken.objects.get().person_id == person


def test_nobody_who_is_not_signed_in_sees_or_makes_any(client):
    for answer in (client.get(ALL), client.post(ALL, MAKE), client.post(f"{ALL}1/", {"act": "revoke"})):
        assert answer["Location"].startswith("/sign-in/")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"title": " "}, "Say what the token is for"),
        ({"scopes": []}, "Choose what the program may do"),
        ({"scopes": ["sign"]}, "There is no scope sign"),
        ({"rollout": "other"}, "You are on no rollout other. Choose one that is listed."),
        ({"days": "0"}, "A token lasts 1 to 365 days"),
        ({"days": "366"}, "A token lasts 1 to 365 days"),
        ({"password": ""}, "Type your password"),
        ({"password": "guessed"}, "That isn't your password"),
    ],
)
def test_what_does_not_do_is_said_and_what_was_typed_is_kept(said, sentence):
    answer = browser(OWNER).post(ALL, MAKE | said)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text_of(answer).replace("’", "'")
    assert ("Shop pipeline" in html) == (said.get("title") is None)
    assert ('value="evidence" checked' in html) == ("scopes" not in said)
    assert PASSWORD not in html
    assert not AccessToken.objects.exists()
    assert entries() == []


def test_a_stranger_has_no_rollout_to_choose():
    answer = browser(STRANGER).post(ALL, MAKE)
    assert answer.status_code == 422
    assert "You are on no rollout demo" in text_of(answer)
    assert "(demo)" not in text_of(browser(STRANGER).get(ALL))
    assert "(demo)" in text_of(browser(OWNER).get(ALL))


def test_too_many_wrong_passwords_lock_the_form():
    client = browser(OWNER)
    for _ in range(5):
        client.post(ALL, MAKE | {"password": "guessed"})
    assert "Too many wrong passwords" in text_of(client.post(ALL, MAKE))
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(("person", "status"), [(OWNER, 201), (ADMIN, 403), (MATE, 403), (STRANGER, 403)])
def test_only_its_person_gets_another_secret(person, status):
    row, before, url = made_for(OWNER, rollout="demo")
    answer = browser(person).post(url, {"act": "rotate", "password": PASSWORD})
    assert answer.status_code == status
    row.refresh_from_db()
    if status == 201:
        other = find_token(secret_in(answer), NOW)
        assert (find_token(before, NOW), other.rollout_key, row.revoked_at) == (None, "demo", NOW)
        assert actions()[-1] == "token.rotated"
    else:
        assert (find_token(before, NOW), AccessToken.objects.count()) == (row, 1)
        assert actions() == ["token.made"]


@pytest.mark.parametrize("password", ["", "guessed"])
def test_another_secret_takes_the_password(password):
    row, before, url = made_for(OWNER)
    answer = browser(OWNER).post(url, {"act": "rotate", "password": password})
    assert answer.status_code == 422
    assert find_token(before, NOW) == row


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (ADMIN, 303), (MATE, 403), (STRANGER, 403)])
def test_its_person_and_administrators_take_a_token_back(person, status):
    _, secret, url = made_for(OWNER)
    client = browser(person)
    answer = client.post(url, {"act": "revoke"})
    assert answer.status_code == status
    assert (find_token(secret, NOW) is None) == (status == 303)
    assert ("token.revoked" in actions()) == (status == 303)
    if status == 303:
        assert "“Nightly” no longer counts. It is entry" in text_of(client.get(ALL))


def test_what_was_taken_back_is_not_taken_back_again():
    *_, url = made_for(OWNER)
    client = browser(OWNER)
    client.post(url, {"act": "revoke"})
    for act in ("revoke", "rotate"):
        answer = client.post(url, {"act": act, "password": PASSWORD})
        assert answer.status_code == 409
        assert "it was taken back, or never made" in text_of(answer)
    assert actions() == ["token.made", "token.revoked"]


@pytest.mark.parametrize(("person", "status"), [(OWNER, 200), (ADMIN, 200), (MATE, 403), (STRANGER, 403)])
def test_who_sees_a_token(person, status):
    *_, url = made_for(OWNER)
    answer = browser(person).get(url)
    assert answer.status_code == status
    html = answer.content.decode()
    assert ('value="rotate"' in html) == (person == OWNER)
    assert ('value="revoke"' in html) == (status == 200)
    assert "Nightly" in text_of(browser(OWNER).get(ALL))
    assert ("Nightly" in text_of(browser(person).get(ALL))) == (status == 200)
    assert ("Tokens of others" in text_of(browser(person).get(ALL))) == (person == ADMIN)


def test_the_list_says_what_each_may_where_until_when_and_when_it_was_used():
    row, *_ = made_for(OWNER, rollout="demo")
    made_for(OWNER, lasts=timedelta(days=1))
    note_use(row, "10.0.0.1", NOW - timedelta(minutes=5))
    said = text_of(browser(OWNER).get(ALL))
    assert "Nightly Olga Owner, demo read Used 5 min ago from 10.0.0.1 Until 2 Mar 2026" in said
    assert "Nightly Olga Owner, Every rollout of its person read Never used Until 3 Dec 2025" in said
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        client = browser(OWNER)
        assert "Nightly Run out Olga Owner" in text_of(client.get(ALL))
    User.objects.filter(pk=int(OWNER[2:])).update(is_active=False)
    assert "Nightly Account closed Olga Owner" in text_of(browser(ADMIN).get(ALL))


def test_there_is_no_other_act_and_no_other_token():
    *_, url = made_for(OWNER)
    assert browser(OWNER).post(url, {"act": "reign"}).status_code == 400
    assert browser(OWNER).get(f"{ALL}99/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_tokens_take_the_same_queries_however_many_there_are(count, django_assert_num_queries):
    for _ in range(count):
        made_for(OWNER)
        row, *_ = made_for(MATE)
        note_use(row, "10.0.0.1", NOW)
    client = browser(ADMIN)
    client.get(ALL)
    with django_assert_num_queries(6):
        client.get(ALL)
