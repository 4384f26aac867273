"""Deputies of a plan: who may act for a role, and what becomes of what they signed."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User

from readiness.core.audit import Actor, ActorType
from readiness.core.case import open_case
from readiness.core.signoffs import PollAnswer
from readiness.core.statements import Seen
from readiness.core.types import Person, Question
from readiness.models import RoleGrant, Rollout, SignOff
from readiness.queries.facts import load_facts
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan
from readiness.services.people import Grant, NewPerson, add_person, grant_role
from readiness.services.rights import NotAllowed
from readiness.services.signoffs import sign_off
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    SHA,
    STRANGER,
    act_of,
    adopt,
    document,
    grant,
    make_rollout,
)
from tests.services.test_signoffs import answer, claim

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
TODAY = NOW.date()


def plan(name=NAMES[MATE], *, first=None, last=TODAY, zone="UTC"):
    """Give the plan with a deputy of the SRE lead."""
    said = document(**EMPTY_PHASE)
    bounds = {"from": first, "until": last}
    deputy = {"name": name, **{key: str(day) for key, day in bounds.items() if day is not None}}
    roles = {**said["roles"], "sre": {"title": "SRE lead", "deputies": [deputy]}}
    return {**said, "roles": roles, "rollout": {**said["rollout"], "timezone": zone}}


@pytest.fixture
def rollout():
    made = make_rollout(plan())
    claim(made, "prepare/enter/item:word", OWNER)
    return made


def held(person, name=None, now=NOW):
    rollout = Rollout.objects.select_related("plan").get()
    return load_roles(rollout, load_plan(rollout), Person(person, name or NAMES.get(person, person)), now)


def standing(now):
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    return {station.role: station.answer for station in open_case(facts, Question.ENTER, now).stations}


def test_a_member_of_that_name_holds_the_role_in_its_time(rollout):
    assert held(MATE) == ("sre", "member")
    assert held(MATE, now=NOW + timedelta(days=1)) == ("member",)


def test_a_deputy_signs_for_the_role_and_not_after_their_time(rollout):
    sign_off("demo", answer("sre", MATE), act_of(MATE), NOW)
    assert SignOff.objects.get().by_id == MATE
    later = NOW + timedelta(days=1)
    assert standing(later)["sre"] is PollAnswer.GO
    with pytest.raises(NotAllowed, match="Who may: SRE lead"):
        sign_off("demo", answer("sre", MATE, seen=Seen(1, SHA, later)), act_of(MATE), later)
    assert standing(later)["sre"] is PollAnswer.GO


def test_what_a_deputy_signed_stands_when_the_plan_names_them_no_more(rollout):
    sign_off("demo", answer("sre", MATE), act_of(MATE), NOW)
    adopt(rollout, document(**EMPTY_PHASE))
    assert held(MATE) == ("member",)
    assert standing(NOW)["sre"] is PollAnswer.GO


@pytest.mark.parametrize(("zone", "holds"), [("UTC", False), ("America/New_York", True), ("Asia/Tokyo", False)])
def test_days_are_those_of_the_plans_time_zone(rollout, zone, holds):
    adopt(rollout, plan(last=date(2025, 12, 2), zone=zone))
    just_after_midnight_utc = NOW.replace(day=3, hour=0, minute=1)
    assert ("sre" in held(MATE, now=just_after_midnight_utc)) is holds


def test_an_account_of_the_same_name_is_no_deputy(rollout):
    adopt(rollout, plan("Chloe Martin"))
    User.objects.create(pk=20, username="ada", first_name="Ada")
    shell = act_of("shell:tests")
    user = add_person(NewPerson("chloe", "Chloe Martin", "a long pass phrase"), shell, by_admin=True)
    assert held(f"u:{user.pk}", "Chloe Martin") == ()
    grant_role("demo", Grant(Person(f"u:{user.pk}", "Chloe Martin"), RoleGrant.MEMBER), act_of(LEAD), NOW)
    assert held(f"u:{user.pk}", "Chloe Martin") == ("sre", "member")


def test_renaming_an_account_makes_nobody_a_deputy_and_takes_it_from_nobody(rollout):
    assert held(STRANGER, NAMES[MATE]) == ()
    assert held(LEAD, NAMES[MATE]) == ("lead", "member")
    assert held(MATE, "Mia Married") == ("sre", "member")


def test_who_renamed_an_account_cannot_sign_with_it(rollout):
    user = User.objects.create(pk=3, username="lea", first_name=NAMES[LEAD])
    User.objects.filter(pk=user.pk).update(first_name=NAMES[MATE])
    act = act_of(LEAD)
    renamed = Actor(ActorType.USER, LEAD, NAMES[MATE])
    with pytest.raises(NotAllowed):
        sign_off("demo", answer("sre", LEAD), type(act)(renamed, act.channel, act.auth), NOW)
    assert not SignOff.objects.exists()


def test_a_group_alone_makes_no_deputy(rollout):
    adopt(rollout, plan(NAMES[STRANGER]))
    grant(rollout, STRANGER, RoleGrant.GROUP, "on-call")
    assert held(STRANGER) == ("on-call", "member")
    grant(rollout, STRANGER, RoleGrant.MEMBER, "")
    assert held(STRANGER) == ("on-call", "sre", "member")


def test_a_deputy_who_was_taken_off_the_rollout_is_none(rollout):
    RoleGrant.objects.filter(person_id=MATE).update(revoked_at=NOW)
    assert held(MATE) == ()
