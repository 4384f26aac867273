"""`manage.py audit_epoch --reason WHY`: go on under the next name, after a backup was restored or a key was lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.management.acts import shell_act, signer_files
from readiness.services.signer_files import SignerTrouble
from readiness.services.signer_keys import KeyUnfit, begin_epoch


class Command(BaseCommand):
    """Begin an epoch. Its first entry names the last checkpoint of the one before."""

    help = "Begin an epoch of the record, with READINESS_LOG_ORIGIN set to its name and every part stopped."
    requires_system_checks = ()  # the checks refuse another name than the record's, which is what this is about

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the reason, which stands in the record."""
        parser.add_argument("--reason", required=True, help="why, such as 'Restored the backup of 3 May'")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        if not options["reason"].strip():
            raise CommandError("Say why: the reason stands in the record.")
        try:
            last = begin_epoch(signer_files(), options["reason"].strip(), shell_act(), timezone.now())
        except (SignerTrouble, KeyUnfit) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"A new epoch begins after checkpoint {last.size:,} of {last.origin}. Start the parts again.")
