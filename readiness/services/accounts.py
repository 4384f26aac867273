"""Accounts after they are made: links by which their owners choose a password, closing and opening them.

A link is not stored: it is signed over the account's password and last sign-in, so it works once, and for three days.
"""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction

from readiness.core.audit import Act, Change, ObjectRef
from readiness.core.codec import Plain
from readiness.services.audit import append
from readiness.services.people import LinkSpent, person_id
from readiness.services.rights import NotAllowed


class NoSuchPerson(LookupError):
    """Nobody has this account."""


class OwnAccount(ValueError):
    """Nobody closes the account they are signed in with."""


class _Links(PasswordResetTokenGenerator):
    key_salt = "readiness.services.accounts"


_LINKS = _Links()


def make_person_link(pk: int, act: Act, *, by_admin: bool) -> str:
    """Make the secret of a link by which somebody chooses a password; only that it was made is recorded."""
    with transaction.atomic():
        user = _account(pk, by_admin)
        append(Change("person.invited", _named(user)), act)
        return f"{user.pk}.{_LINKS.make_token(user)}"


def person_of_link(secret: str) -> User | None:
    """Give whose link this is; None when it was used, has run out, or never was."""
    pk, _, token = secret.partition(".")
    user = User.objects.filter(pk=int(pk), is_active=True).first() if pk.isdecimal() and len(pk) < 12 else None
    return user if user is not None and _LINKS.check_token(user, token) else None


def choose_password(secret: str, password: str, act: Act) -> User:
    """Set the password of whoever has the link, and spend the link with it."""
    with transaction.atomic():
        found = person_of_link(secret)
        user = User.objects.select_for_update().filter(pk=found.pk).first() if found else None
        if user is None or not _LINKS.check_token(user, secret.partition(".")[2]):
            raise LinkSpent("This link was used or has run out. Ask an administrator for a new one.")
        validate_password(password, user)
        user.set_password(password)
        user.save(update_fields=["password"])
        append(Change("person.password_chosen", _named(user)), act)
        return user


def close_account(pk: int, act: Act, *, by_admin: bool) -> int:
    """Let nobody sign in with an account any more; whoever is signed in with it is signed out by their next request."""
    return _set_open(pk, False, act, by_admin)


def open_account(pk: int, act: Act, *, by_admin: bool) -> int:
    """Let its owner sign in again."""
    return _set_open(pk, True, act, by_admin)


def _set_open(pk: int, is_open: bool, act: Act, by_admin: bool) -> int:
    with transaction.atomic():
        user = _account(pk, by_admin)
        if person_id(user) == act.actor.id:
            raise OwnAccount("This is your own account. Another administrator can close it.")
        before: dict[str, Plain] = {"open": user.is_active}
        user.is_active = is_open
        user.save(update_fields=["is_active"])
        action = "person.opened" if is_open else "person.closed"
        return append(Change(action, _named(user), before, {"open": is_open}), act)


def _account(pk: int, by_admin: bool) -> User:
    if not by_admin:
        raise NotAllowed("Only an administrator changes accounts. Ask one.")
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise NoSuchPerson("Nobody has this account any more. Load the page again.")
    return user


def _named(user: User) -> ObjectRef:
    return ObjectRef("person", person_id(user), user.get_full_name() or user.username)
