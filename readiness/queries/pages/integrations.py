"""Tokens that programs show: those of the reader, for administrators those of everybody, and one by itself."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.parts import Choice


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """A scope that a token may have, and what it lets a program do."""

    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token: for whom and for what, what it may do and where, until when, and when it was used last."""

    key: str
    title: str
    person: str
    scopes: str
    where: str
    state: str  # "Counts", "Taken back", "Run out", "Account closed"
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_from: str = ""
    url: str = ""

    @property
    def counts(self) -> bool:
        """Whether a program that shows it is served."""
        return self.state == COUNTS


COUNTS, TAKEN_BACK, RUN_OUT, CLOSED = "Counts", "Taken back", "Run out", "Account closed"


@dataclass(frozen=True, slots=True)
class IntegrationsPage:
    """Template `integrations/page.html`.

    `form` has `title`, `scopes` (of `scopes`), `rollout` (of `rollouts`), `days` and `password`; it posts to `action`.
    `others` is None for readers who see only their own.
    """

    action: str
    mine: tuple[TokenRow, ...]
    scopes: tuple[ScopeChoice, ...]
    rollouts: tuple[Choice, ...]
    others: tuple[TokenRow, ...] | None = None


@dataclass(frozen=True, slots=True)
class TokenPage:
    """Template `integrations/token.html`. Both forms post to `row.url` with `act`: `rotate` (`password`), `revoke`."""

    row: TokenRow
    back_url: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class MadePage:
    """Template `integrations/made.html`: the secret, once, and a call that a program can make with it."""

    row: TokenRow
    secret: str
    example: str
    back_url: str
