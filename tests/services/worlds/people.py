"""Who is there: roles, accounts and how they begin, tokens, and what is erased of somebody."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection

from readiness.core.audit import Act, Channel
from readiness.models import AccessToken, RoleGrant
from readiness.services.accounts import choose_password, close_account, make_person_link, open_account
from readiness.services.erasure import erase_personal
from readiness.services.people import (
    Grant,
    NewPerson,
    add_person,
    first_actor,
    grant_role,
    make_setup_link,
    revoke_role,
    setup_link_works,
    use_setup_link,
)
from readiness.services.tokens import NewToken, make_token, note_use, revoke_token, rotate_token
from tests.factories import PASSWORD
from tests.services.helpers import NAMES, STRANGER
from tests.services.worlds.plans import KEY
from tests.services.worlds.stage import PEOPLE, Stage, newest, person_named

SCOPES = ("claim", "plan")


class People(Stage):
    """Everything about who may do what. The stranger to the rollout is an administrator of the site."""

    def open_accounts(self):
        """Give the people of the story the accounts that their ids speak of."""
        for person in PEOPLE:
            pk, name = person.removeprefix("u:"), NAMES[person]
            user = User(pk=pk, username=name.split()[0].lower(), first_name=name, is_staff=person == STRANGER)
            user.save(force_insert=True)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [User]):
                cursor.execute(statement)

    def grant(self, by, to, kind, key):
        grant_role(KEY, Grant(person_named(to), kind, key), self.act(by), self.now)

    def revoke(self, by, which):
        grants = list(RoleGrant.objects.filter(revoked_at=None).order_by("pk"))
        if grants:
            revoke_role(KEY, grants[which % len(grants)].pk, self.act(by), self.now)

    def add_account(self, by, username):
        person = NewPerson(username, f"{username.title()} Newcomer")
        add_person(person, self.act(by), by_admin=self.is_admin(by))

    def invite(self, by, which):
        """Send somebody a link, by which they choose a password."""
        for pk in self.account(which):
            secret = make_person_link(pk, self.act(by), by_admin=self.is_admin(by))
            choose_password(secret, PASSWORD, self.act(by))

    def close_account(self, by, which):
        for pk in self.account(which):
            close_account(pk, self.act(by), by_admin=self.is_admin(by))

    def open_account(self, by, which):
        for pk in self.account(which):
            open_account(pk, self.act(by), by_admin=self.is_admin(by))

    def delete_account(self, which):
        """Delete an account in the database, which no service does."""
        User.objects.filter(pk__in=self.account(which)).delete()

    def set_up(self, username):
        """Make another administrator, by a link that the operator printed."""
        secret = make_setup_link(self.now)
        person = NewPerson(username, f"{username.title()} Operator", PASSWORD, is_admin=True)
        if setup_link_works(secret, self.now):
            use_setup_link(secret, person, Act(first_actor(person.name), Channel(self.channel)), self.now)

    def account(self, which):
        """The key of one of the accounts, if there is any."""
        found = list(User.objects.order_by("pk").values_list("pk", flat=True))
        return [found[which % len(found)]] if found else []

    def is_admin(self, person):
        """Whether somebody may change accounts: an administrator, or the shell."""
        pk = (person or "").removeprefix("u:")
        return person is None or User.objects.filter(pk=pk, is_staff=True, is_active=True).exists()

    def make_token(self, by, which):
        for username in User.objects.filter(pk__in=self.account(which)).values_list("username", flat=True):
            make_token(NewToken(username, "CI", SCOPES, timedelta(days=1)), self.act(by), self.now)

    def use_token(self):
        for token in AccessToken.objects.order_by("-pk")[:1]:
            note_use(token, "192.0.2.9", self.now)

    def rotate_token(self, by):
        for pk in newest(AccessToken.objects.filter(revoked_at=None)):
            rotate_token(pk, self.act(by), self.now)

    def revoke_token(self, by):
        for pk in newest(AccessToken.objects.filter(revoked_at=None)):
            revoke_token(pk, self.act(by), self.now)

    def erase(self, by, person):
        erase_personal(person, self.act(by), basis="Asked for by that person")
