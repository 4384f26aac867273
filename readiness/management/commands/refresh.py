"""`manage.py refresh [--rollout K]`: collect and judge now, without the workers."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.collectors.sources import VARIABLE
from readiness.core.audit import REHEARSAL
from readiness.models import Rollout, StoredVerdict
from readiness.queries.plans import is_rehearsal, load_plan
from readiness.services.observations import make_all_due
from readiness.tasks import refresh_checks, refresh_gates


class Command(BaseCommand):
    """Collect everything that is watched, once, and judge."""

    help = "Collect everything that is watched, once, and judge."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("--rollout", help="only this one")

    def refuse_without(self, rollouts: Iterable[Rollout]) -> None:
        """Collect nothing where a source's variable is not set: what this shell lacks would be kept as what is."""
        sources = [source for rollout in rollouts for source in load_plan(rollout).sources]
        named = {name for source in sources for name in VARIABLE.findall(str(source.settings))}
        missing = sorted(name for name in named if not os.environ.get(name, "").strip())
        if missing:
            raise CommandError(
                f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set in this shell, so its sources "
                "can’t be asked from here. The workers have what they were started with; set the same here.",
                returncode=2,
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect for one rollout, or for all."""
        rollouts = Rollout.objects.exclude(plan=None)
        if options["rollout"]:
            rollouts = rollouts.filter(key=options["rollout"])
        self.refuse_without(rollouts)
        for rollout in rollouts:
            make_all_due(rollout.key, timezone.now())
            refresh_gates(rollout=rollout.key)
            refresh_checks(rollout=rollout.key)
            for verdict in StoredVerdict.objects.filter(rollout=rollout):
                rehearsed = REHEARSAL if is_rehearsal(rollout) else ""
                self.stdout.write(f"{rehearsed}{rollout.key}: {verdict.question} {verdict.phase}: {verdict.decision}")
