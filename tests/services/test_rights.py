"""Rights as services ask them: by which way somebody comes, and what they hold."""

import pytest

from readiness.core.audit import Act, Actor, ActorType, Channel, ChannelKind
from readiness.core.permissions import MEMBER_RIGHTS, SHELL_RIGHTS, Right
from readiness.services.rights import NotAllowed, require
from tests.factories import shell_act
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), Channel(ChannelKind.CELERY))


def may(rollout, act, right, owner="sre"):
    try:
        require(rollout, act, right, NOW, owner=owner)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("right", Right)
def test_the_shell_prepares_and_lowers_and_nothing_else(right):
    assert may(make_rollout(), shell_act(), right) == (right in SHELL_RIGHTS)


@pytest.mark.parametrize("right", Right)
def test_a_machine_has_no_right_at_all(right):
    assert not may(make_rollout(), MACHINE, right)


@pytest.mark.parametrize("right", sorted(MEMBER_RIGHTS))
def test_what_lowers_takes_being_on_the_rollout(right):
    rollout = make_rollout()
    assert [may(rollout, act_of(person), right) for person in (OWNER, MATE, LEAD, STRANGER)] == [True] * 3 + [False]
