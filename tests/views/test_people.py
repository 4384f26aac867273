"""People and their roles in the browser."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import User

from readiness.models import RoleGrant
from tests.record_fixtures import entries
from tests.services.helpers import DOCUMENT, LEAD, MATE, NAMES, NOW, OWNER, STRANGER, adopt
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
ALL, DEMO = "/people/", "/rollouts/demo/people/"
ADD = {"act": "add", "name": "Ada Lovelace", "username": "ada", "email": ""}
GIVE = {"act": "grant", "person": STRANGER[2:], "role": "demo/role/sre"}
ADMIN = STRANGER


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        made = make_demo()
        User.objects.filter(pk=int(ADMIN[2:])).update(is_staff=True)
        yield made


def test_an_administrator_adds_a_person_and_is_shown_their_link_once():
    client = browser(ADMIN)
    assert client.post(ALL, ADD).status_code == 303
    first, second = text_of(client.get(ALL)), text_of(client.get(ALL))
    assert "Ada Lovelace is added" in first
    assert "http://testserver/setup/" in first
    assert "Give Ada Lovelace this link" in first
    assert "/setup/" not in second
    assert not User.objects.get(username="ada").has_usable_password()
    assert actions() == ["person.added", "person.invited"]


@pytest.mark.parametrize("person", [LEAD, MATE])
def test_nobody_else_sees_or_changes_accounts(person):
    client = browser(person)
    for answer in (client.get(ALL), client.post(ALL, ADD), client.post(DEMO, ADD)):
        assert answer.status_code == 403
    for act in ("link", "close", "open"):
        assert client.post(DEMO, {"act": act, "person": OWNER[2:]}).status_code == 403
    assert User.objects.filter(is_active=True).count() == len(NAMES)
    assert entries() == []


def test_a_name_that_is_taken_is_refused_and_what_was_typed_is_kept():
    answer = browser(ADMIN).post(ALL, ADD | {"username": "olga"})
    assert answer.status_code == 422
    assert "Somebody signs in as olga already" in text_of(answer)
    assert "Ada Lovelace" in answer.content.decode()


def test_accounts_are_closed_and_opened_and_ones_own_is_not():
    client = browser(ADMIN)
    olga = browser(OWNER)
    assert client.post(ALL, {"act": "close", "person": OWNER[2:]}).status_code == 303
    assert olga.get(DEMO)["Location"].startswith("/sign-in/")
    assert client.post(ALL, {"act": "open", "person": OWNER[2:]}).status_code == 303
    own = client.post(ALL, {"act": "close", "person": ADMIN[2:]})
    assert (own.status_code, "This is your own account" in text_of(own)) == (422, True)
    assert actions() == ["person.closed", "person.opened"]


@pytest.mark.parametrize(("person", "status"), [(LEAD, 303), (OWNER, 403), (MATE, 403), (STRANGER, 403)])
def test_who_answers_last_gives_a_role(person, status):
    assert browser(person).post(DEMO, GIVE).status_code == status
    assert RoleGrant.objects.filter(person_id=STRANGER).count() == (status == 303)
    assert ("role.granted" in actions()) == (status == 303)


@pytest.mark.parametrize(("person", "status"), [(LEAD, 303), (OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_a_role_is_taken_back_or_given_up(person, status):
    row = RoleGrant.objects.get(person_id=OWNER)
    assert browser(person).post(DEMO, {"act": "revoke", "grant": f"demo/{row.pk}"}).status_code == status
    row.refresh_from_db()
    assert (row.revoked_at is not None) == (status == 303)


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403)])
def test_a_group_is_kept_by_its_owner(person, status):
    given = GIVE | {"role": "demo/group/on-call"}
    assert browser(person).post(DEMO, given).status_code == status
    assert RoleGrant.objects.filter(kind="group").count() == (status == 303)


def test_giving_twice_says_so():
    browser(LEAD).post(DEMO, GIVE)
    answer = browser(LEAD).post(DEMO, GIVE)
    assert (answer.status_code, "Stan Stranger has this already" in text_of(answer)) == (422, True)


def test_an_administrator_gives_the_first_roles_of_a_rollout_and_no_later_ones():
    assert "Give a role" not in text_of(browser(ADMIN).get(ALL))
    RoleGrant.objects.filter(key="lead").delete()
    client = browser(ADMIN)
    assert "demo: Release lead (nobody yet)" in text_of(client.get(ALL))
    assert client.post(ALL, GIVE | {"role": "demo/role/lead", "person": LEAD[2:]}).status_code == 303
    assert client.post(ALL, GIVE).status_code == 403


def test_the_page_says_who_holds_what_and_offers_only_what_the_reader_may_do():
    said, html = text_of(browser(LEAD).get(DEMO)), browser(LEAD).get(DEMO).content.decode()
    assert "demo: SRE lead (Olga Owner)" in said
    assert "demo: On-call engineers (nobody yet)" in said
    assert html.count('value="revoke"') == 3
    mate = browser(MATE).get(DEMO).content.decode()
    assert "Give a role" not in mate
    assert "revoke" not in mate
    assert "Add a person" not in mate


@pytest.mark.parametrize(
    "said", [{"act": "reign"}, {}, {"act": "grant", "person": "x", "role": "demo/role/sre"}, {"act": "revoke"}]
)
def test_what_makes_no_sense_changes_nothing(said):
    assert browser(LEAD).post(DEMO, said).status_code in (400, 422)
    assert entries() == []


def test_an_unknown_rollout_is_not_found():
    assert browser(LEAD).get("/rollouts/nothing/people/").status_code == 404


@pytest.mark.parametrize("more", [0, 2])
def test_people_take_the_same_queries_however_many(more, django_assert_num_queries):
    for number in range(more):
        User.objects.create_user(f"more{number}", first_name=f"More {number}")
    client = browser(LEAD)
    client.get(DEMO)
    with django_assert_num_queries(7):
        client.get(DEMO)


def test_a_deputy_stands_beside_who_was_added_under_that_name_and_others_are_told_what_is_missing(demo):
    deputies = [{"name": NAMES[MATE], "until": "2026-01-02"}, {"name": NAMES[STRANGER]}]
    roles = {**DOCUMENT["roles"], "sre": {"title": "SRE lead", "deputies": deputies}}
    adopt(demo, {**DOCUMENT, "roles": roles})
    rows = {row.name: [(role.title, role.until_at) for role in row.roles] for row in people_of(browser(LEAD))}
    assert rows[NAMES[MATE]] == [
        ("On this rollout", None),
        ("Deputy of SRE lead", datetime(2026, 1, 2, 12, tzinfo=UTC)),
    ]
    assert rows[NAMES[STRANGER]] == [("Deputy of SRE lead once added to this rollout,", None)]
    assert "Deputy of SRE lead demo, until Fri 2 Jan" in text_of(browser(LEAD).get(DEMO))


def people_of(client):
    return client.get(DEMO).context["page"].rows
