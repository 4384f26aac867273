"""`manage.py token add|rotate|revoke|list`: what programs show instead of a password."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.core.permissions import Scope
from readiness.management.acts import shell_act
from readiness.models import AccessToken
from readiness.queries.tokens import load_tokens
from readiness.services.tokens import (
    LASTS,
    NewToken,
    NoSuchToken,
    TokenUnfit,
    make_token,
    revoke_token,
    rotate_token,
)


class Command(BaseCommand):
    """Make, change, take back and list tokens."""

    help = "Tokens for programs: token add USERNAME --for TITLE --scope plan, token rotate|revoke NUMBER, token list"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("verb", choices=["add", "rotate", "revoke", "list"])
        parser.add_argument("whose", nargs="?", default="", help="add: who it acts for; else its number")
        parser.add_argument("--for", dest="title", default="", help="what it is for, such as 'CI of the shop'")
        parser.add_argument("--scope", action="append", default=[], choices=[scope.value for scope in Scope])
        parser.add_argument("--rollout", default="", help="the one rollout that it may act on; without it all")
        parser.add_argument("--days", type=int, default=LASTS.days, help="how long it lasts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        acts = {"add": self._add, "rotate": self._rotate, "revoke": self._revoke, "list": self._list}
        try:
            acts[options["verb"]](options, timezone.now())
        except (TokenUnfit, NoSuchToken) as refusal:
            raise CommandError(str(refusal)) from None

    def _add(self, options: dict[str, Any], now: datetime) -> None:
        lasts = timedelta(days=min(max(options["days"], 0), 10_000))
        new = NewToken(options["whose"], options["title"], options["scope"], lasts, options["rollout"])
        self._show(*make_token(new, shell_act(), now))

    def _rotate(self, options: dict[str, Any], now: datetime) -> None:
        self._show(*rotate_token(_number(options), shell_act(), now))
        self.stderr.write(f"Token {options['whose']} no longer counts.")

    def _show(self, row: AccessToken, secret: str) -> None:
        self.stdout.write(f"Token {row.pk}: {secret}")
        self.stderr.write(f"It acts for {row.person_name} until {row.expires_at:%Y-%m-%d}. It is shown this once.")

    def _revoke(self, options: dict[str, Any], now: datetime) -> None:
        seq = revoke_token(_number(options), shell_act(), now)
        self.stdout.write(f"Token {options['whose']} no longer counts. It is entry {seq:,} of the record.")

    def _list(self, options: dict[str, Any], now: datetime) -> None:
        for token in load_tokens():
            self.stdout.write(_line(token, now))


def _number(options: dict[str, Any]) -> int:
    if not options["whose"].isdecimal():
        raise CommandError("Say which token, by its number. List them: token list.")
    return int(options["whose"])


def _line(token: AccessToken, now: datetime) -> str:
    used = f"last used {token.use.used_at:%Y-%m-%d %H:%M} UTC" if hasattr(token, "use") else "never used"
    state = "taken back" if token.revoked_at else "run out" if token.expires_at <= now else "counts"
    where = f", on {token.rollout_key}" if token.rollout_key else ""
    about = f"{token.title} for {token.person_name} ({', '.join(token.scopes)}{where})"
    return f"{token.pk}: {about}, {state}, until {token.expires_at:%Y-%m-%d}, {used}"
