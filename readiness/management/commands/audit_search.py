"""`manage.py audit_search`: make the words for search anew from all entries."""

from typing import Any

from django.core.management.base import BaseCommand

from readiness.services.audit_search import rebuild_search


class Command(BaseCommand):
    """Make the words for search anew. They are copies: nothing in the record changes."""

    help = "Make the words by which entries are searched anew from all entries. The record does not change."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every entry, and say how many."""
        self.stdout.write(f"{rebuild_search():,} entries can be searched.")
