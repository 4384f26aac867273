"""`manage.py refresh [--rollout K]`: collect and judge now, without the workers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from readiness.core.audit import REHEARSAL
from readiness.models import Rollout, StoredVerdict
from readiness.queries.plans import is_rehearsal
from readiness.services.observations import make_all_due
from readiness.tasks import refresh_checks, refresh_gates


class Command(BaseCommand):
    """Collect everything that is watched, once, and judge."""

    help = "Collect everything that is watched, once, and judge."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("--rollout", help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect for one rollout, or for all."""
        rollouts = Rollout.objects.exclude(plan=None)
        if options["rollout"]:
            rollouts = rollouts.filter(key=options["rollout"])
        for rollout in rollouts:
            make_all_due(rollout.key, timezone.now())
            refresh_gates(rollout=rollout.key)
            refresh_checks(rollout=rollout.key)
            for verdict in StoredVerdict.objects.filter(rollout=rollout):
                rehearsed = REHEARSAL if is_rehearsal(rollout) else ""
                self.stdout.write(f"{rehearsed}{rollout.key}: {verdict.question} {verdict.phase}: {verdict.decision}")
