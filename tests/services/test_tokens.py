"""Tokens: what a program shows instead of a password, and what it can never do."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from readiness.core.audit import ActorType, ChannelKind
from readiness.core.canonical import digest_bytes
from readiness.core.permissions import TOKEN_RIGHTS, Right
from readiness.models import AccessToken, RoleGrant, TokenUse
from readiness.queries.tokens import find_token, load_tokens
from readiness.services.holds import call_hold, lift_hold
from readiness.services.people import Grant, grant_role, revoke_role
from readiness.services.rights import NotAllowed, NotReauthenticated, require
from readiness.services.tokens import (
    NewToken,
    NoSuchToken,
    TokenUnfit,
    make_token,
    note_use,
    revoke_token,
    rotate_token,
)
from tests.factories import make_person, person_of, shell_act
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, NOW, OWNER, act_of, make_rollout

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ana():
    return make_person("Ana Ruiz")


def new(username="ana", title="CI of the shop", scopes=("plan",), lasts=90 * DAY, rollout=""):
    return NewToken(username, title, scopes, lasts, rollout)


def test_a_token_is_kept_by_its_digest_with_one_entry(ana):
    before = len(entries())
    row, secret = make_token(new(scopes=["plan", "read"]), shell_act(), NOW)
    assert (row.title, row.scopes, row.person_id) == ("CI of the shop", ["read", "plan"], person_of(ana).id)
    assert row.expires_at == NOW + 90 * DAY
    assert row.digest == digest_bytes(secret.encode())
    (entry,) = entries()[before:]
    assert (entry["action"], entry["object"]["label"]) == ("token.made", "CI of the shop for Ana Ruiz")
    assert secret not in str(entries())
    assert len(secret) > 40


def test_a_token_may_be_for_one_rollout(ana):
    make_rollout()
    row, _ = make_token(new(rollout="demo"), shell_act(), NOW)
    assert row.rollout_key == "demo"
    assert "demo" in str(entries()[-1]["change"]["fields"])


def test_another_secret_ends_the_one_before_it_in_one_entry(ana):
    make_rollout()
    old, before = make_token(new(scopes=["read", "evidence"], lasts=30 * DAY, rollout="demo"), shell_act(), NOW)
    known = len(entries())
    row, secret = rotate_token(old.pk, act_of(person_of(ana).id), NOW + DAY)
    assert (find_token(before, NOW + DAY), find_token(secret, NOW + DAY)) == (None, row)
    assert row.expires_at == NOW + 31 * DAY
    for name in ("title", "scopes", "rollout_key", "person_id", "person_name"):
        assert getattr(row, name) == getattr(old, name)
    (entry,) = entries()[known:]
    assert (entry["action"], entry["object"]["id"]) == ("token.rotated", str(row.pk))
    (ended,) = entry["change"]["also"]
    assert (ended["type"], ended["id"]) == ("accesstoken", str(old.pk))
    assert "revoked_at" in str(ended["fields"])
    assert secret not in str(entries())
    with pytest.raises(NoSuchToken, match="taken back"):
        rotate_token(old.pk, shell_act(), NOW)


def test_a_secret_is_given_to_its_person_alone_and_takes_the_password(ana):
    row, _ = make_token(new(), shell_act(), NOW)
    known = len(entries())
    for act in (act_of(OWNER + "7"), api_act(person_of(ana).id)):
        with pytest.raises(NotAllowed, match="get its secret"):
            rotate_token(row.pk, act, NOW)
    for make in (lambda act: rotate_token(row.pk, act, NOW), lambda act: make_token(new(), act, NOW)):
        with pytest.raises(NotReauthenticated):
            make(act_of(person_of(ana).id, age_s=121))
    assert len(entries()) == known


def test_an_administrator_takes_back_anybodys_and_gets_nobodys_secret(ana):
    row, secret = make_token(new(), shell_act(), NOW)
    with pytest.raises(NotAllowed):
        revoke_token(row.pk, act_of(OWNER + "7", channel=ChannelKind.API), NOW, by_admin=True)
    revoke_token(row.pk, act_of(OWNER + "7"), NOW, by_admin=True)
    assert find_token(secret, NOW) is None


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (new("nobody"), "Nobody signs in as nobody"),
        (new(scopes=()), "found none"),
        (new(scopes=["plan", "sign"]), "found sign"),
        (new(title=" "), "Say what the token is for"),
        (new(lasts=0 * DAY), "lasts 1 to 365 days; found 0"),
        (new(lasts=366 * DAY), "found 366"),
        (new(rollout="nothing"), "There is no rollout nothing"),
    ],
)
def test_what_cannot_be_made_is_said(ana, asked, sentence):
    with pytest.raises(TokenUnfit, match=sentence):
        make_token(asked, shell_act(), NOW)
    assert not AccessToken.objects.exists()


def test_people_make_their_own_token_and_nobody_elses(ana):
    make_token(new(), act_of(person_of(ana).id), NOW)
    make_person("Ben Okafor")
    with pytest.raises(NotAllowed, match="Only the person whom a token acts for"):
        make_token(new("ben"), act_of(person_of(ana).id), NOW)


def test_no_token_makes_another(ana):
    with pytest.raises(NotAllowed):
        make_token(new(), api_act(person_of(ana).id), NOW)


def test_a_token_counts_until_it_runs_out_or_is_taken_back_or_its_person_leaves(ana):
    row, secret = make_token(new(), shell_act(), NOW)
    assert find_token(secret, NOW) == row
    assert find_token(secret + "x", NOW) is None
    assert find_token("", NOW) is None
    assert find_token(secret, NOW + 90 * DAY) is None
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert find_token(secret, NOW) is None
    User.objects.filter(pk=ana.pk).update(is_active=True)
    before = len(entries())
    revoke_token(row.pk, shell_act(), NOW)
    assert find_token(secret, NOW) is None
    assert [entry["action"] for entry in entries()[before:]] == ["token.revoked"]
    with pytest.raises(NoSuchToken, match="There is no token"):
        revoke_token(row.pk, shell_act(), NOW)


def test_only_its_person_or_the_operator_takes_a_token_back(ana):
    row, _ = make_token(new(), shell_act(), NOW)
    with pytest.raises(NotAllowed):
        revoke_token(row.pk, act_of(OWNER + "7"), NOW)
    with pytest.raises(NotAllowed):
        revoke_token(row.pk, act_of(person_of(ana).id, channel=ChannelKind.API), NOW)
    revoke_token(row.pk, act_of(person_of(ana).id), NOW)


def test_a_use_is_noted_once_a_minute_and_is_not_part_of_the_record(ana):
    row, _ = make_token(new(), shell_act(), NOW)
    before = len(entries())
    note_use(row, "10.0.0.1", NOW)
    note_use(row, "10.0.0.1", NOW + timedelta(seconds=59))
    assert TokenUse.objects.get().used_at == NOW
    note_use(row, "10.0.0.2", NOW + timedelta(seconds=59))
    note_use(row, "10.0.0.2", NOW + timedelta(minutes=3))
    assert load_tokens()[0].use.used_at == NOW + timedelta(minutes=3)
    assert len(entries()) == before


def api_act(person):
    return act_of(person, channel=ChannelKind.API)


@pytest.mark.parametrize("right", sorted(set(Right) - TOKEN_RIGHTS))
def test_a_token_never_does_what_only_a_person_may(right):
    rollout = make_rollout()
    with pytest.raises(NotAllowed, match="A token may not"):
        require(rollout, api_act(LEAD), right, NOW)


def test_a_token_may_only_prepare_and_lower():
    lowers = {Right.REPORT, Right.CALL_HOLD, Right.ROLL_BACK, Right.LOWER_FLAG}
    prepares = {Right.CLAIM, Right.ATTACH, Right.RECORD_DRILL, Right.RECORD_REVIEW, Right.IMPORT_PLAN}
    assert lowers | prepares == TOKEN_RIGHTS


def test_a_token_has_no_right_that_its_person_lacks():
    rollout = make_rollout()
    require(rollout, api_act(LEAD), Right.IMPORT_PLAN, NOW)
    with pytest.raises(NotAllowed, match="Release lead"):
        require(rollout, api_act(OWNER), Right.IMPORT_PLAN, NOW)


def test_a_token_neither_gives_roles_nor_lifts_its_persons_own_hold():
    rollout = make_rollout()
    given = RoleGrant.objects.get(rollout=rollout, person_id=LEAD)
    with pytest.raises(NotAllowed, match="A token may not grant"):
        grant_role("demo", Grant(person_of(make_person("Ana Ruiz")), RoleGrant.GROUP, "on-call"), api_act(OWNER), NOW)
    with pytest.raises(NotAllowed, match="A token may not grant"):
        revoke_role("demo", given.pk, api_act(LEAD), NOW)
    call_hold("demo", api_act(OWNER), NOW, reason="the backup fails")
    with pytest.raises(NotAllowed, match="A token may not lift"):
        lift_hold("demo", rollout.holds.get().pk, api_act(OWNER), NOW, reason="it works again")


def test_a_token_acts_as_its_person():
    assert api_act(LEAD).actor.type is ActorType.USER
