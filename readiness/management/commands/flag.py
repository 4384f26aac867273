"""`manage.py flag ROLLOUT FLAG off|N%`: serve a flag to nobody, or to fewer people, at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.core.exposure import WHOLE_BP
from readiness.core.quantities import UnreadableQuantity, parse_share
from readiness.management.acts import shell_act
from readiness.services.flags import NoSuchFlag, NotLower, lower_flag
from readiness.services.recording import NoSuchRollout


class Command(BaseCommand):
    """Lower a flag. Raising one needs GO and a person, so the shell never does."""

    help = "Lower a flag: flag ROLLOUT FLAG off, or a share such as 5%. Raise it on the board."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("rollout")
        parser.add_argument("flag")
        parser.add_argument("share", help="off, or a share below what is served, such as 5%%")
        parser.add_argument("--reason", default="", help="why; it may follow")

    def handle(self, *args: Any, **options: Any) -> None:
        """Lower it, or say why not."""
        share = self._share(options["share"])
        try:
            seq = lower_flag(
                options["rollout"],
                options["flag"],
                shell_act(),
                timezone.now(),
                share_bp=share,
                reason=options["reason"],
            )
        except (NoSuchRollout, NoSuchFlag, NotLower) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{options['flag']} is served to {share / 100:g} % at most. It is entry {seq} of the record.")

    def _share(self, text: str) -> int:
        if text == "off":
            return 0
        if text == "on":
            raise CommandError("The shell raises nothing. Whoever signs last raises a flag on its page, on GO.")
        try:
            return round(parse_share(text) * WHOLE_BP)
        except UnreadableQuantity as fault:
            raise CommandError(f"{fault} Or write off.") from None
