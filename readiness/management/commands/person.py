"""`manage.py person add NAME [--role R] [--rollout K] [--admin]`: make an account, and give it a role."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from readiness.core.types import Person
from readiness.management.acts import shell_act
from readiness.models import RoleGrant
from readiness.services.people import Grant, NameTaken, NewPerson, NoSuchRole, add_person, grant_role, person_id
from readiness.services.recording import NoSuchRollout


class Command(BaseCommand):
    """Make an account."""

    help = "Make an account: person add USERNAME --name 'Full Name' [--role R --rollout K] [--admin]"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("verb", choices=["add"])
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="the name that people read")
        parser.add_argument("--role", action="append", default=[], help="a role of the rollout; may be repeated")
        parser.add_argument("--rollout", default="")
        parser.add_argument("--admin", action="store_true", help="may make accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account with a generated password and print it once."""
        name = options["name"] or options["username"]
        new = NewPerson(options["username"], name, secrets.token_urlsafe(12), options["admin"])
        try:
            with transaction.atomic():
                user = add_person(new, shell_act(), by_admin=True)
                for role in options["role"]:
                    grant = Grant(Person(person_id(user), name), RoleGrant.ROLE, role)
                    grant_role(options["rollout"], grant, shell_act(), timezone.now())
        except (NameTaken, NoSuchRole, NoSuchRollout, ValidationError) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{new.username} signs in with {new.password}. It is shown this once.")
