"""What tests of pages share: a moment that stands still, and a reader who opens pages."""

import re

import pytest
import time_machine

from readiness.models import Heartbeat
from tests.factories import NOW, make_person


@pytest.fixture
def at_the_moment(db):
    """Stand still at the moment of the factories, with a worker that is alive."""
    Heartbeat.objects.create(name="worker", beat_at=NOW)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def read(client, at_the_moment):
    """Open a page as somebody; give what fills it."""

    def read(path, who="Ana Ruiz"):
        client.force_login(make_person(who))
        answer = client.get(path)
        assert answer.status_code == 200, path
        answer.text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
        return answer

    return read
