"""`manage.py audit_key create|rotate|retire|list`: the key that signs checkpoints. Run it where the signer runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.management.acts import shell_act, signer_files
from readiness.models import SignerKey
from readiness.services.signer_files import SignerTrouble
from readiness.services.signer_keys import KeyUnfit, create_key, retire_key, rotate_key


class Command(BaseCommand):
    """Make the key, rotate it with an overlap, and list the public halves."""

    help = "The key that signs checkpoints of the record: create it, rotate it (both sign), retire the older, list all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("verb", choices=["create", "rotate", "retire", "list"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        verbs = {"create": self._create, "rotate": self._rotate, "retire": self._retire, "list": self._list}
        try:
            verbs[options["verb"]]()
        except (SignerTrouble, KeyUnfit) as refusal:
            raise CommandError(str(refusal)) from None

    def _create(self) -> None:
        files = signer_files()
        key = create_key(files, shell_act(), timezone.now())
        if key.is_new:
            self.stdout.write(f"The record is signed from now on. Fingerprint of its key: {key.fingerprint}")
            self.stdout.write(f"Verifier key: {key.text}\nThe secret key is in {files.keys}, outside the database.")

    def _rotate(self) -> None:
        key = rotate_key(signer_files(), shell_act(), timezone.now())
        self.stdout.write(f"A new key signs beside the older one. Fingerprint: {key.fingerprint}")
        self.stdout.write(
            f"Verifier key: {key.text}\nEnd the overlap when everybody has it: manage.py audit_key retire"
        )

    def _retire(self) -> None:
        self.stdout.write(f"{retire_key(signer_files(), shell_act(), timezone.now())} signs no more.")

    def _list(self) -> None:
        for key in SignerKey.objects.order_by("pk"):
            until = f"until {key.retired_at:%Y-%m-%d %H:%M} UTC" if key.retired_at else "signs"
            self.stdout.write(f"{key.text}\n  {key.fingerprint}, since {key.added_at:%Y-%m-%d %H:%M} UTC, {until}")
