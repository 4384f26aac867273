"""Links to choose a password, closed accounts."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from readiness.services.accounts import (
    NoSuchPerson,
    OwnAccount,
    choose_password,
    close_account,
    make_person_link,
    open_account,
    person_of_link,
)
from readiness.services.people import LinkSpent, NewPerson, add_person
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, act_of

pytestmark = pytest.mark.django_db
PHRASE = "a long pass phrase"


@pytest.fixture
def ada():
    return add_person(NewPerson("ada", "Ada Lovelace"), act_of(LEAD), by_admin=True)


def link(user, by_admin=True):
    return make_person_link(user.pk, act_of(LEAD), by_admin=by_admin)


def test_nobody_signs_in_to_a_new_account_before_its_owner_has_chosen_a_password(ada):
    assert not ada.has_usable_password()
    assert not ada.check_password("")


def test_a_link_lets_its_person_choose_a_password_once(ada):
    secret = link(ada)
    assert person_of_link(secret) == ada
    choose_password(secret, PHRASE, act_of(LEAD))
    ada.refresh_from_db()
    assert ada.check_password(PHRASE)
    assert person_of_link(secret) is None
    with pytest.raises(LinkSpent):
        choose_password(secret, "another long phrase", act_of(LEAD))
    assert [e["action"] for e in entries()] == ["person.added", "person.invited", "person.password_chosen"]
    assert secret not in str(entries())


def test_a_weak_password_is_refused_and_does_not_spend_the_link(ada):
    secret = link(ada)
    with pytest.raises(ValidationError):
        choose_password(secret, "short", act_of(LEAD))
    assert person_of_link(secret) == ada
    assert len(entries()) == 2


def test_a_link_runs_out_after_three_days(ada):
    secret = link(ada)
    with time_machine.travel(timedelta(days=4)):
        assert person_of_link(secret) is None


@pytest.mark.parametrize("secret", ["", "1", ".", "x.y", "1.2-3", "99999999999999999999.a-b"])
def test_what_is_no_link_is_nobodys(ada, secret):
    assert person_of_link(secret) is None


def test_a_link_is_for_its_own_person_only(ada):
    eve = add_person(NewPerson("eve", "Eve"), act_of(LEAD), by_admin=True)
    assert person_of_link(f"{eve.pk}.{link(ada).partition('.')[2]}") is None


def test_only_an_administrator_makes_links_and_closes_accounts(ada):
    for act in (make_person_link, close_account, open_account):
        with pytest.raises(NotAllowed):
            act(ada.pk, act_of(LEAD), by_admin=False)
    assert len(entries()) == 1


def test_a_closed_account_is_nobodys_until_it_is_opened(ada, client):
    secret = link(ada)
    choose_password(secret, PHRASE, act_of(LEAD))
    close_account(ada.pk, act_of(LEAD), by_admin=True)
    assert not client.login(username="ada", password=PHRASE)
    assert person_of_link(link(ada)) is None
    open_account(ada.pk, act_of(LEAD), by_admin=True)
    assert client.login(username="ada", password=PHRASE)
    assert [e["action"] for e in entries()][-3:] == ["person.closed", "person.invited", "person.opened"]


def test_nobody_closes_their_own_account_or_one_that_is_not_there(ada):
    with pytest.raises(OwnAccount):
        close_account(ada.pk, act_of(f"u:{ada.pk}"), by_admin=True)
    with pytest.raises(NoSuchPerson):
        close_account(0, act_of(LEAD), by_admin=True)
    assert User.objects.get().is_active
