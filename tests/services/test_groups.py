"""Groups: someone who joins opens each list again for themselves; a group of nobody is unknown."""

import pytest

from readiness.core.case import open_case
from readiness.core.types import Outcome, Person, Question
from readiness.models import RoleGrant
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_rollout
from readiness.services.items import claim_item
from readiness.services.people import Grant, grant_role, revoke_role
from readiness.services.rights import NotAllowed
from tests.services.helpers import LEAD, MATE, NAMES, NOW, OWNER, STRANGER, act_of, make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
EACH = "prepare/enter/item:each"


@pytest.fixture
def rollout():
    return make_rollout()


def join(person, by=OWNER):
    """The owner of the group adds somebody."""
    return grant_role("demo", Grant(Person(person, NAMES[person]), RoleGrant.GROUP, "on-call"), act_of(by), NOW)


def claim(member):
    claim_item("demo", EACH, act_of(member), NOW)


def each():
    judged = open_case(load_facts(load_rollout("demo"), Question.ENTER), Question.ENTER, NOW).judged
    return judged[EACH].outcome, judged[EACH].found


def test_a_group_of_nobody_is_unknown_and_never_met(rollout):
    assert each() == (Outcome.UNKNOWN, "group on-call has no members")


def test_someone_who_joins_opens_the_list_again_for_themselves_alone(rollout):
    join(MATE)
    claim(MATE)
    assert each()[0] is Outcome.MET
    join(STRANGER)
    assert each() == (Outcome.NOT_MET, "1 of 2 claimed; missing Stan Stranger")
    claim(STRANGER)
    assert each()[0] is Outcome.MET


def test_someone_who_leaves_takes_nothing_from_the_others(rollout):
    for person in (MATE, STRANGER):
        join(person)
    claim(MATE)
    gone = RoleGrant.objects.get(rollout=rollout, person_id=STRANGER, kind=RoleGrant.GROUP)
    revoke_role("demo", gone.pk, act_of(OWNER), NOW)
    assert each()[0] is Outcome.MET
    last = RoleGrant.objects.get(rollout=rollout, person_id=MATE, kind=RoleGrant.GROUP)
    revoke_role("demo", last.pk, act_of(OWNER), NOW)
    assert each()[0] is Outcome.UNKNOWN, "what a group of nobody has claimed shows nothing"


@pytest.mark.parametrize(("person", "may"), [(OWNER, True), (LEAD, True), (MATE, False), (STRANGER, False)])
def test_the_owner_of_a_group_keeps_it(rollout, person, may):
    if may:
        join(STRANGER, by=person)
        return
    with pytest.raises(NotAllowed):
        join(STRANGER, by=person)
    assert not RoleGrant.objects.filter(kind=RoleGrant.GROUP).exists()
