"""Signing in and out, one-time links, the theme."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from readiness.core.codec import to_plain
from readiness.services.accounts import make_person_link
from readiness.services.people import NewPerson, add_person, make_setup_link
from readiness.views.acts import SIGNED_IN_AT
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, NOW, act_of
from tests.views.acting import PASSWORD, text_of

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"


@pytest.fixture(autouse=True)
def ada():
    with time_machine.travel(NOW, tick=False):
        yield add_person(NewPerson("ada", "Ada Lovelace", PASSWORD, is_admin=True), act_of(LEAD), by_admin=True)


def sign_in(client, username="ada", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def test_signing_in_remembers_when(client):
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session[SIGNED_IN_AT] == to_plain(NOW)


def test_one_lands_on_the_page_that_was_asked_for_and_on_no_foreign_one(client):
    asked = client.get("/people/")
    assert asked["Location"] == "/sign-in/?next=/people/"
    assert sign_in(client, next="/people/")["Location"] == "/people/"
    assert sign_in(Client(), next="https://evil.example/")["Location"] == "/"


def test_what_was_wrong_is_never_said_in_more_detail(client):
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    texts = [text_of(sign_in(client, *wrong)) for wrong in (("ada", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD))]
    names = ("ada", "nobody", "gone")
    assert len({text.replace(name, "") for text, name in zip(texts, names, strict=True)}) == 1
    assert "The name or the password isn’t right" in texts[0]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_ten_wrong_tries_lock_a_name_from_an_address_for_15_minutes(client, name):
    for _ in range(10):
        assert sign_in(client, name, "wrong").status_code == 422
    answer = sign_in(client, name, PASSWORD)
    assert answer.status_code == 422
    assert "Too many tries. Wait 15 minutes, then try again." in text_of(answer)
    assert "_auth_user_id" not in client.session


def test_a_lock_concerns_neither_others_nor_other_addresses(client):
    User.objects.create_user("ben", password=PASSWORD)
    for _ in range(10):
        sign_in(client, "ada", "wrong")
    assert sign_in(client, "ben").status_code == 302
    assert Client(REMOTE_ADDR="10.0.0.9").post(SIGN_IN, {"username": "ada", "password": PASSWORD}).status_code == 302


def test_a_right_password_begins_the_count_anew(client):
    for _ in range(2):
        for _ in range(9):
            sign_in(client, "ada", "wrong")
        assert sign_in(Client()).status_code == 302


def test_the_name_is_kept_and_the_password_is_not(client):
    html = sign_in(client, "ada", "my secret").content.decode()
    assert 'value="ada"' in html
    assert "my secret" not in html


def test_signing_out_ends_the_session(client):
    sign_in(client)
    assert client.get("/sign-out/").status_code == 405
    answer = client.post("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (303, SIGN_IN)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("theme", "cookie"), [("dark", "dark"), ("light", "light"), ("system", ""), ("pink", "")])
def test_the_theme_is_a_cookie(client, theme, cookie):
    answer = client.post("/theme/", {"theme": theme, "next": "/sign-in/"})
    assert (answer.status_code, answer["Location"]) == (303, "/sign-in/")
    assert answer.cookies["theme"].value == cookie
    assert client.get("/theme/").status_code == 405


def test_the_theme_leads_to_no_foreign_page(client):
    assert client.post("/theme/", {"theme": "dark", "next": "//evil.example"})["Location"] == "/"


@pytest.mark.parametrize(("keys", "kept"), [("off", "off"), ("on", ""), ("loud", "")])
def test_single_keys_are_turned_off_by_a_cookie(client, keys, kept):
    answer = client.post("/keys/", {"keys": keys, "next": "//evil.example"})
    assert (answer.status_code, answer["Location"], answer.cookies["keys"].value) == (303, "/", kept)
    assert client.get("/keys/").status_code == 405


# ------------------------------------------------------------------------------------- one-time links


def test_the_setup_link_makes_the_first_administrator_and_signs_them_in(client):
    url = f"/setup/{make_setup_link(NOW)}/"
    assert "Set up the first account" in text_of(client.get(url))
    said = {"name": "Grace Hopper", "username": "grace", "password": "nanoseconds add up"}
    answer = client.post(url, said)
    user = User.objects.get(username="grace")
    assert (answer.status_code, answer["Location"], user.is_staff) == (303, "/", True)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session[SIGNED_IN_AT] == to_plain(NOW)
    entry = entries()[-1]
    assert (entry["action"], entry["actor"]["type"], entry["channel"]["kind"]) == ("person.added", "anonymous", "web")
    again = Client().get(url)
    assert (again.status_code, "This link has been used, or it has run out" in text_of(again)) == (410, True)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": ""}, "Give the name that others know you by"),
        ({"username": "two words"}, "letters, digits and . @ + - _ only"),
        ({"username": "ADA"}, "Somebody signs in as ADA already"),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "password12"}, "too common"),
    ],
)
def test_a_setup_that_does_not_do_spends_nothing(client, said, sentence):
    url = f"/setup/{make_setup_link(NOW)}/"
    answer = client.post(url, {"name": "Grace Hopper", "username": "grace", "password": "nanoseconds add up"} | said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert client.get(url).status_code == 200
    assert User.objects.count() == 1


def test_a_person_chooses_a_password_by_their_link(client):
    ben = add_person(NewPerson("ben", "Ben Okafor"), act_of(LEAD), by_admin=True)
    url = f"/setup/{make_person_link(ben.pk, act_of(LEAD), by_admin=True)}/"
    said = text_of(client.get(url))
    assert "Welcome, Ben Okafor" in said
    assert "You sign in as ben" in said
    assert client.post(url, {"password": "short"}).status_code == 422
    assert client.post(url, {"password": PASSWORD}).status_code == 303
    assert client.session["_auth_user_id"] == str(ben.pk)
    assert Client().get(url).status_code == 410
    assert sign_in(Client(), "ben").status_code == 302


def test_links_run_out_and_made_up_ones_never_worked(client):
    url = f"/setup/{make_setup_link(NOW)}/"
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        assert client.get(url).status_code == 410
    assert client.get("/setup/made-up/").status_code == 410
    assert client.post("/setup/made-up/", {"password": PASSWORD}).status_code == 410


def test_the_address_of_a_link_is_told_to_no_other_site(client):
    answer = client.get(f"/setup/{make_setup_link(NOW)}/")
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
