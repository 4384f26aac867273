"""`manage.py audit_erase NAME --basis WHY [--before T]`: erase the addresses and user agents of somebody's entries."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from readiness.management.acts import shell_act
from readiness.queries.moments import UnreadableMoment, parse_moment
from readiness.services.erasure import NothingToErase, erase_personal
from readiness.services.gaps import ReasonRequired

REFUSED = (NothingToErase, ReasonRequired, UnreadableMoment)


class Command(BaseCommand):
    """Erase personal values. Entries, proofs and the names of who decided stay."""

    help = "Erase the addresses and user agents that entries of a person commit to. Every proof stays valid."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be given."""
        parser.add_argument("person", help="the name they sign in with, or the id that entries have, such as u:7")
        parser.add_argument("--basis", required=True, help="why, such as the request of that person and its date")
        parser.add_argument("--before", metavar="T", help="only in entries made before this time in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase and say what; what cannot be done is said in one sentence, with exit code 1."""
        try:
            before = _time(options["before"]) if options["before"] else None
            erased = erase_personal(_actor(options["person"]), shell_act(), basis=options["basis"], before=before)
        except REFUSED as problem:
            self.stderr.write(str(problem))
            sys.exit(1)
        self.stdout.write(f"Erased {erased.values:,} values. It is entry {erased.seq:,} of the record.")
        self.stdout.write("Backups still hold them; see docs/operating.md.")


def _actor(named: str) -> str:
    user = User.objects.filter(username=named).first()
    return f"u:{user.pk}" if user is not None else named


def _time(text: str) -> datetime:
    found = parse_moment(text)
    if isinstance(found, int):
        raise UnreadableMoment(f"{text!r} is no time. Write 2025-12-08, or 2025-12-08T09:30Z.")
    return found.astimezone(UTC)
