"""People, their accounts and their roles; the one-time links that let them in."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.parts import Choice


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role a person holds on a rollout."""

    rollout: str
    title: str
    until_at: datetime | None = None  # of a deputy
    revoke: str = ""  # value posted as `grant` to take it away; "" when the reader may not


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One account."""

    key: str
    name: str
    username: str
    email: str = ""
    is_admin: bool = False
    is_active: bool = True
    last_seen_at: datetime | None = None
    roles: tuple[RoleRow, ...] = ()


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Template `people/page.html`. Every form posts to `action` with a field `act`.

    `act=add`: `add_form` (`name`, `username`, `email`). `act=grant`: `grant_form` (`person`, `role` of `roles`).
    `act=revoke`: `grant`. `act=link`, `act=close`, `act=open`: `person`. `link` is a one-time link, shown once.
    """

    action: str
    rows: tuple[PersonRow, ...]
    roles: tuple[Choice, ...] = ()  # value "rollout/role"
    can_add: bool = False
    can_grant: bool = False
    link: str = ""
    link_for: str = ""
