"""What is due: rollouts with something to collect, to judge, or to look at again because time has passed."""

from datetime import datetime, timedelta

from django.db.models import Q

from readiness.core.phases import CLOSE
from readiness.models import Observation, Rollout

JUDGE_EVERY = timedelta(seconds=10)


def load_due_sources(now: datetime) -> list[tuple[str, str, str]]:
    """Name what is due and nobody is collecting: the rollout, the kind (gates or checks), and the source to ask."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    due = Observation.objects.filter(free, next_due_at__lte=now)
    return list(due.order_by().values_list("rollout__key", "kind", "source").distinct())


def load_unjudged_rollouts(now: datetime) -> list[str]:
    """Name the rollouts whose facts changed, or whose verdict is older than ten seconds. A closed one has none."""
    old = Q(verdicts=None) & ~Q(runs__phase=CLOSE) | Q(verdicts__evaluated_at__lt=now - JUDGE_EVERY)
    found = Rollout.objects.exclude(plan=None).filter(Q(dirty_at__isnull=False) | old)
    return list(found.order_by().values_list("key", flat=True).distinct())
