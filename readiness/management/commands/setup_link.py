"""`manage.py setup_link`: a one-time link that makes the first administrator; silent once there is one."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse
from django.utils import timezone

from readiness.services.people import make_setup_link


class Command(BaseCommand):
    """Print the path of a one-time link for the first administrator."""

    help = "Print a one-time link that makes the first administrator; prints nothing once there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("--address", default="", help="where the pages are, such as http://localhost:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make a link while nobody administers."""
        if User.objects.filter(is_staff=True, is_active=True).exists():
            return
        path = reverse("setup", args=[make_setup_link(timezone.now())])
        self.stdout.write(f"Make the first administrator (once, within 24 hours): {options['address']}{path}")
