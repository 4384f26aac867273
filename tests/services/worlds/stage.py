"""What every part of the world stands on: the moment, who acts and how, and the rollout."""

from dataclasses import replace

from readiness.core.audit import Channel, ChannelKind
from readiness.core.types import Person
from readiness.models import Rollout
from tests.factories import shell_act
from tests.services.helpers import LEAD, MATE, NAMES, NOW, OWNER, STRANGER, act_of
from tests.services.worlds.plans import KEY

MACHINE = act_of("readiness")
PEOPLE = (OWNER, MATE, LEAD, STRANGER)


class Stage:
    """A moment that only moves forward, and the way in which people act: on the page, unless it is said otherwise."""

    def __init__(self):
        self.now = NOW
        self.channel = ChannelKind.WEB

    def act(self, person):
        """An act of a person who has just proven who they are; no person is the shell."""
        if person is None:
            return shell_act()
        return replace(act_of(person), channel=Channel(self.channel, ip="192.0.2.7", ua="Firefox on a train"))

    def rollout(self):
        """The rollout as it is now."""
        return Rollout.objects.select_related("plan").get(key=KEY)


def person_named(person):
    """A person with the name that they have here."""
    return Person(person, NAMES[person])


def newest(rows):
    """The key of the newest of these rows, if there is one."""
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:1])
