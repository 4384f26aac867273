"""Tokens from the shell: made once, listed, taken back."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from readiness.models import AccessToken
from readiness.queries.tokens import find_token
from readiness.services.tokens import note_use
from tests.factories import make_person
from tests.record_fixtures import entries
from tests.services.helpers import NOW, make_rollout

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ana():
    with time_machine.travel(NOW, tick=False):
        yield make_person("Ana Ruiz")


def add(capsys, *more):
    call_command("token", "add", "ana", "--for", "CI of the shop", "--scope", "plan", *more)
    printed = capsys.readouterr()
    return printed.out.strip().rpartition(" ")[2], printed.err


def test_the_secret_is_printed_once_and_works(capsys):
    secret, note = add(capsys)
    token = AccessToken.objects.get()
    assert find_token(secret, NOW) == token
    assert "acts for Ana Ruiz until 2026-03-02" in note
    assert (entries()[-1]["action"], entries()[-1]["channel"]["kind"]) == ("token.made", "shell")


def test_it_lasts_as_long_as_was_asked(capsys):
    add(capsys, "--days", "7")
    assert AccessToken.objects.get().expires_at == NOW + timedelta(days=7)


def test_it_may_be_for_one_rollout_and_get_another_secret(capsys):
    make_rollout()
    secret, _ = add(capsys, "--rollout", "demo")
    call_command("token", "rotate", str(AccessToken.objects.get().pk))
    printed = capsys.readouterr()
    other = find_token(printed.out.strip().rpartition(" ")[2], NOW)
    assert (find_token(secret, NOW), other.rollout_key) == (None, "demo")
    assert "no longer counts" in printed.err
    call_command("token", "list")
    assert f"{other.pk}: CI of the shop for Ana Ruiz (plan, on demo), counts" in capsys.readouterr().out


def test_the_list_says_what_each_is_for_and_whether_it_counts(capsys):
    secret, _ = add(capsys)
    call_command("token", "list")
    assert "CI of the shop for Ana Ruiz (plan), counts, until 2026-03-02, never used" in capsys.readouterr().out
    token = AccessToken.objects.get()
    note_use(token, "10.0.0.1", NOW)
    call_command("token", "revoke", str(token.pk))
    assert find_token(secret, NOW) is None
    assert (
        f"Token {token.pk} no longer counts. It is entry {len(entries()) - 1} of the record." in capsys.readouterr().out
    )
    call_command("token", "list")
    assert "taken back, until 2026-03-02, last used 2025-12-02 14:32 UTC" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "nobody", "--for", "x", "--scope", "plan"), "Nobody signs in as nobody"),
        (("add", "ana", "--scope", "plan"), "Say what the token is for"),
        (("add", "ana", "--for", "x"), "found none"),
        (("add", "ana", "--for", "x", "--scope", "plan", "--days", "-3"), "lasts 1 to 365 days"),
        (("revoke", "9"), "There is no token 9"),
        (("revoke", "ana"), "Say which token, by its number"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("token", *arguments)
    assert not AccessToken.objects.exists()
