"""Who may call: a token that counts, with the scope, not too often, and never a redirect."""

import pytest
import time_machine
from django.core.cache import cache

from readiness.api.access import MOST_A_MINUTE, MOST_UNKNOWN_A_MINUTE
from readiness.models import Rollout, TokenUse
from readiness.services.tokens import NewToken, make_token, revoke_token
from readiness.views import mistakes
from tests.api.callers import Program, told
from tests.factories import make_person, shell_act
from tests.record_fixtures import entries
from tests.services.helpers import NOW, make_rollout

pytestmark = pytest.mark.django_db
URL = "/api/v1/plans"
SMALL = """readiness: 1
rollout: {key: {key}, title: Small}
roles: {lead: Lead}
phases:
  - {key: move, title: Move, enter: [{item: keys, title: Keys, owner: lead}], sign_off: {roles: [lead], last: lead}}
"""


@pytest.fixture(autouse=True)
def ana():
    with time_machine.travel(NOW, tick=False):
        yield make_person("Ana Ruiz")


@pytest.mark.parametrize("secret", ["", "readiness_nothing", "\u00fc"])
def test_without_a_token_that_counts_it_is_401(secret):
    answer = Program(secret=secret).post(URL, "readiness: 1")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in answer.said["detail"]
    assert answer.said["type"] == "urn:readiness:problem:token"


def test_another_scheme_is_401(client):
    answer = client.post(URL, "x", content_type="text/plain", headers={"Authorization": "Basic eDp5"})
    assert answer.status_code == 401


def test_a_signed_in_session_is_no_token(client, ana):
    client.force_login(ana)
    assert client.post(URL, "x", content_type="text/plain").status_code == 401


def test_a_token_that_was_taken_back_is_401():
    program = Program("ana")
    assert program.post(URL, "x: 1").status_code == 422
    revoke_token(program.row.pk, shell_act(), NOW)
    answer = program.post(URL, "x: 1")
    assert answer.status_code == 401
    assert "taken back or has run out" in answer.said["detail"]


def test_a_token_without_the_scope_is_403_and_says_which_is_needed():
    answer = Program("ana", scopes=["read", "claim"]).post(URL, "x: 1")
    assert answer.status_code == 403
    assert answer.said["detail"].startswith("This token may read, claim; plan is needed.")
    assert 'scope="plan"' in answer["WWW-Authenticate"]


def test_a_token_for_one_rollout_is_403_elsewhere():
    make_rollout()
    _, secret = make_token(NewToken("ana", "CI", ["plan"], rollout="demo"), shell_act(), NOW)
    answer = Program(secret=secret).post(URL, SMALL.replace("{key}", "office"))
    assert (answer.status_code, answer.said["type"]) == (403, "urn:readiness:problem:other-rollout")
    assert answer.said["detail"].startswith("This token is for the rollout demo only.")
    assert not Rollout.objects.filter(key="office").exists()
    there = Program(secret=secret).post(URL, SMALL.replace("{key}", "demo"))
    assert there.status_code == 403
    assert "You may not import a plan here" in there.said["detail"]


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "options"])
def test_another_method_is_405_and_says_which_is_meant(method):
    program = Program("ana")
    answer = getattr(program.client, method)(URL)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/api/v1/plans/", "/api/v1/nothing", "/api/v2/plans", "/api/"])
def test_what_is_not_there_is_404_and_no_redirect(path):
    answer = Program("ana").post(path, "x")
    assert answer.status_code == 404
    assert path in answer.said["detail"]


def test_what_breaks_is_500_and_no_go(rf, caplog):
    answer = told(mistakes.broken(rf.post(URL)))
    assert answer.status_code == 500
    assert "NO-GO" in answer.said["detail"]
    assert answer.said["detail"].rpartition(" ")[2].rstrip(".") in caplog.text


def test_what_makes_no_sense_is_400(rf):
    assert told(mistakes.bad_request(rf.post(URL), ValueError("x"))).status_code == 400


def test_over_a_connection_that_others_can_read_nothing_is_served(settings):
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True
    program = Program("ana")
    assert program.post(URL, "x: 1").status_code == 403
    assert not TokenUse.objects.exists()
    assert program.post(URL, "x: 1", secure=True).status_code == 422


def test_too_many_calls_wait():
    program = Program("ana")
    for _ in range(MOST_A_MINUTE):
        assert program.post(URL, "x: 1").status_code == 422
    answer = program.post(URL, "x: 1")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    make_person("Ben Okafor")
    assert Program("ben").post(URL, "x: 1").status_code == 422
    cache.clear()
    assert program.post(URL, "x: 1").status_code == 422


def test_guessing_waits():
    for _ in range(MOST_UNKNOWN_A_MINUTE):
        assert Program(secret="guess").post(URL, "x").status_code == 401
    assert Program(secret="guess").post(URL, "x").status_code == 429
    assert Program("ana").post(URL, "x: 1").status_code == 422, "who has a token is not kept waiting by who guesses"


def test_a_use_is_noted_and_refusals_change_nothing():
    program = Program("ana")
    before = len(entries())
    program.post(URL, "x: 1")
    assert TokenUse.objects.get().token == program.row
    assert len(entries()) == before
