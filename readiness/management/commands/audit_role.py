"""`manage.py audit_role ROLE`: let a role of PostgreSQL run the application without being able to change the log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from readiness.services.audit_roles import NoRoles, restrict_role


class Command(BaseCommand):
    """Run it as the owner of the tables, after each migration that makes new ones."""

    help = "Give a PostgreSQL role what the application needs; of the log it may read, and add through two functions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("role", help="the role that the application connects as, such as readiness_app")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, and say so."""
        try:
            restrict_role(options["role"])
        except NoRoles as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{options['role']} reads the log, and adds to it through audit_lock and audit_append only.")
