"""Accounts, the first administrator, and roles."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from readiness.core.audit import Act, Channel, ChannelKind
from readiness.core.types import Person
from readiness.models import RoleGrant, SetupLink
from readiness.services.people import (
    AlreadyGranted,
    Grant,
    LinkSpent,
    NameTaken,
    NewPerson,
    NoSuchRole,
    NotGranted,
    add_person,
    first_actor,
    grant_role,
    make_setup_link,
    revoke_role,
    setup_link_works,
    use_setup_link,
)
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import (
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    STRANGER,
    act_of,
    make_rollout,
    only_entry,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ADA = NewPerson("ada", "Ada Lovelace", "a long pass phrase")
TO_STRANGER = Person(STRANGER, NAMES[STRANGER])


def test_the_one_time_link_makes_the_first_administrator_once():
    secret = make_setup_link(NOW)
    assert setup_link_works(secret, NOW)
    assert secret not in SetupLink.objects.get().digest
    act = Act(first_actor("Ada Lovelace"), Channel(ChannelKind.WEB))
    user = use_setup_link(secret, NewPerson("ada", "Ada Lovelace", "a long pass phrase", True), act, NOW)
    assert (user.username, user.get_full_name(), user.is_staff) == ("ada", "Ada Lovelace", True)
    assert user.check_password("a long pass phrase")
    (entry,) = entries()
    assert (entry["action"], entry["object"]["id"]) == ("person.added", f"u:{user.pk}")
    assert not setup_link_works(secret, NOW)
    with pytest.raises(LinkSpent):
        use_setup_link(secret, NewPerson("eve", "Eve", "a long pass phrase", True), act, NOW)
    assert User.objects.count() == 1


def test_the_record_never_holds_a_password():
    add_person(ADA, act_of(LEAD), by_admin=True)
    assert "phrase" not in str(entries())


def test_a_link_runs_out_after_a_day():
    secret = make_setup_link(NOW)
    assert not setup_link_works(secret, NOW + timedelta(hours=24))
    with pytest.raises(LinkSpent):
        use_setup_link(secret, ADA, act_of(LEAD), NOW + timedelta(hours=24))


def test_a_link_is_not_spent_by_a_password_that_is_refused():
    secret = make_setup_link(NOW)
    with pytest.raises(ValidationError):
        use_setup_link(secret, NewPerson("ada", "Ada", "short"), act_of(LEAD), NOW)
    assert setup_link_works(secret, NOW)
    assert not User.objects.exists()
    assert entries() == []


def test_an_administrator_adds_a_person():
    user = add_person(ADA, act_of(LEAD), by_admin=True)
    assert (user.is_staff, user.is_superuser) == (False, False)
    (entry,) = entries()
    assert entry["change"]["fields"]["name"] == [None, "Ada Lovelace"]


def test_nobody_else_adds_people():
    with pytest.raises(NotAllowed, match="administrator"):
        add_person(ADA, act_of(LEAD), by_admin=False)
    assert not User.objects.exists()
    assert entries() == []


@pytest.mark.parametrize("name", ["ada", "ADA"])
def test_a_name_belongs_to_one_person(name):
    add_person(ADA, act_of(LEAD), by_admin=True)
    with pytest.raises(NameTaken):
        add_person(NewPerson(name, "Another", "a long pass phrase"), act_of(LEAD), by_admin=True)
    assert len(entries()) == 1


def test_people_are_told_apart_by_their_names():
    add_person(ADA, act_of(LEAD), by_admin=True)
    with pytest.raises(NameTaken, match="called ada lovelace"):
        add_person(NewPerson("countess", "ada lovelace", "a long pass phrase"), act_of(LEAD), by_admin=True)


@pytest.mark.parametrize("person", [LEAD, OWNER])
def test_a_group_is_kept_by_its_owner_too(person):
    make_rollout()
    grant_role("demo", Grant(TO_STRANGER, RoleGrant.GROUP, "on-call"), act_of(person), NOW)
    revoke_role("demo", RoleGrant.objects.get(person_id=STRANGER).pk, act_of(person), NOW)
    assert [e["action"] for e in entries()] == ["role.granted", "role.revoked"]


def test_the_owner_of_a_group_gives_no_role():
    make_rollout()
    with pytest.raises(NotAllowed):
        grant_role("demo", Grant(TO_STRANGER, RoleGrant.ROLE, "lead"), act_of(OWNER), NOW)
    with pytest.raises(NotAllowed):
        grant_role("demo", Grant(TO_STRANGER, RoleGrant.GROUP, "on-call"), act_of(MATE), NOW)


def test_who_answers_last_gives_a_role():
    make_rollout()
    entry = only_entry(grant_role("demo", Grant(TO_STRANGER, RoleGrant.ROLE, "sre"), act_of(LEAD), NOW))
    row = RoleGrant.objects.get(person_id=STRANGER)
    assert (row.kind, row.key, row.person_name, row.by_id) == ("role", "sre", NAMES[STRANGER], LEAD)
    assert (entry["action"], entry["object"]["label"]) == ("role.granted", "Stan Stranger: sre")


@pytest.mark.parametrize("person", [OWNER, MATE, STRANGER])
def test_nobody_else_gives_roles(person):
    make_rollout()
    with pytest.raises(NotAllowed):
        grant_role("demo", Grant(TO_STRANGER, RoleGrant.ROLE, "sre"), act_of(person), NOW)
    assert not RoleGrant.objects.filter(person_id=STRANGER).exists()
    assert entries() == []


def test_an_administrator_gives_roles_only_while_nobody_decides():
    make_rollout()
    to = Grant(TO_STRANGER, RoleGrant.ROLE, "lead")
    with pytest.raises(NotAllowed):
        grant_role("demo", to, act_of(STRANGER), NOW, by_admin=True)
    RoleGrant.objects.filter(key="lead").delete()
    grant_role("demo", to, act_of(STRANGER), NOW, by_admin=True)
    with pytest.raises(AlreadyGranted):
        grant_role("demo", to, act_of(STRANGER), NOW, by_admin=False)


def test_a_role_is_given_once():
    make_rollout()
    to = Grant(TO_STRANGER, RoleGrant.GROUP, "on-call")
    grant_role("demo", to, act_of(LEAD), NOW)
    with pytest.raises(AlreadyGranted):
        grant_role("demo", to, act_of(LEAD), NOW)
    assert len(entries()) == 1


@pytest.mark.parametrize("given", [("role", "on-call"), ("group", "sre"), ("member", "sre"), ("king", "")])
def test_only_what_the_plan_has_is_given(given):
    make_rollout()
    with pytest.raises(NoSuchRole):
        grant_role("demo", Grant(TO_STRANGER, *given), act_of(LEAD), NOW)
    assert entries() == []


@pytest.mark.parametrize("person", [LEAD, OWNER])
def test_a_role_is_taken_back_by_who_answers_last_or_given_up(person):
    make_rollout()
    row = RoleGrant.objects.get(person_id=OWNER)
    entry = only_entry(revoke_role("demo", row.pk, act_of(person), NOW))
    row.refresh_from_db()
    assert row.revoked_at == NOW
    assert (entry["action"], entry["actor"]["id"]) == ("role.revoked", person)
    with pytest.raises(NotGranted):
        revoke_role("demo", row.pk, act_of(person), NOW)
    assert len(entries()) == 1


@pytest.mark.parametrize("person", [MATE, STRANGER])
def test_nobody_else_takes_roles_back(person):
    make_rollout()
    row = RoleGrant.objects.get(person_id=OWNER)
    with pytest.raises(NotAllowed):
        revoke_role("demo", row.pk, act_of(person), NOW)
    row.refresh_from_db()
    assert row.revoked_at is None
    assert entries() == []
