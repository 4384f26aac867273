"""Replies under a key: the act and its reply stand together, and neither is there twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from readiness.models import Hold, KeptReply
from readiness.services.holds import call_hold
from readiness.services.replies import KEPT_FOR, Asked, KeyReused, kept_reply, reply_once
from readiness.services.tokens import NewToken, make_token
from tests.factories import make_person, shell_act
from tests.services.helpers import MATE, NOW, act_of, make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def asked():
    make_person("Ana Ruiz")
    make_rollout()
    return Asked(make_token(NewToken("ana", "CI", ["read"]), shell_act(), NOW)[0], "run-1", "sha256:a")


def hold():
    return str(call_hold("demo", act_of(MATE), NOW, reason="the backup fails"))


def test_whoever_comes_second_gets_the_reply_of_the_first(asked):
    first, second = reply_once(asked, NOW, hold), reply_once(asked, NOW, hold)
    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0] == kept_reply(asked, NOW)
    assert Hold.objects.count() == 1


def test_an_act_that_fails_leaves_no_reply(asked):
    def fail():
        hold()
        raise IntegrityError("elsewhere")

    with pytest.raises(IntegrityError, match="elsewhere"):
        reply_once(asked, NOW, fail)
    assert not Hold.objects.exists()
    assert not KeptReply.objects.exists()
    assert kept_reply(asked, NOW) is None


def test_without_a_key_every_call_is_done(asked):
    plain = Asked(asked.token, "", asked.digest)
    assert [reply_once(plain, NOW, lambda: "x")[1] for _ in range(2)] == [True, True]
    assert not KeptReply.objects.exists()


def test_a_key_says_one_thing_for_a_day(asked):
    reply_once(asked, NOW, lambda: "first")
    other = Asked(asked.token, asked.key, "sha256:b")
    for ask in (lambda: kept_reply(other, NOW), lambda: reply_once(other, NOW, lambda: "second")):
        with pytest.raises(KeyReused, match="run-1 was given to another call within the last day"):
            ask()
    later = NOW + KEPT_FOR
    assert kept_reply(asked, later - timedelta(seconds=1)) == "first"
    assert kept_reply(other, later) is None
    assert reply_once(other, later, lambda: "second") == ("second", True)
    assert KeptReply.objects.get().asked == "sha256:b"
