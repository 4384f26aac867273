"""The history of a gate: its measurements in even buckets, and the moments at which its outcome changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, F, FloatField, Func, IntegerField, Max, Min, Q, QuerySet, Value, Window
from django.db.models.functions import Floor, Lag
from django.db.models.sql.compiler import SQLCompiler

from readiness.models import Measurement, Observation, Rollout
from readiness.queries.words import BELOW

MOST_CHANGES = 8
SUSTAINING = "GATE_NOT_SUSTAINED"


class Seconds(Func):
    """A moment as Unix seconds, computed by the database."""

    output_field = FloatField()
    template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[object]]:
        """PostgreSQL keeps moments as moments."""
        return self.as_sql(compiler, connection, template="EXTRACT(EPOCH FROM %(expressions)s)")


@dataclass(frozen=True, slots=True)
class Bucket:
    """The measurements of one stretch: when it began, the worst value, and how many were not met or not yet."""

    at: datetime
    value: float | None
    failed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment from which on a gate had another outcome; `code` is empty for met."""

    at: datetime
    code: str
    found: str
    measurement: int


def load_buckets(rollout: Rollout, path: str, begin: datetime, step: timedelta, worse: str) -> tuple[Bucket, ...]:
    """Read the measurements since `begin` in buckets of `step`, each with its worst value, with one query."""
    seconds = step.total_seconds()
    bucket = Floor(Seconds(F("asked_at")) / Value(seconds), output_field=IntegerField())
    worst = Min("value") if worse == BELOW else Max("value")
    waiting = Q(code=SUSTAINING)
    rows = (
        _measured(rollout, path, begin)
        .annotate(bucket=bucket)
        .values("bucket")
        .annotate(worst=worst, failed=Count("pk", ~Q(outcome="MET") & ~waiting), waiting=Count("pk", waiting))
        .order_by("bucket")
    )
    found = rows.values_list("bucket", "worst", "failed", "waiting")
    return tuple(Bucket(datetime.fromtimestamp(n * seconds, UTC), value, bad, mid) for n, value, bad, mid in found)


def load_turns(rollout: Rollout, path: str, begin: datetime) -> tuple[Turn, ...]:
    """Read when the outcome changed since `begin`, newest first; the first measurement of all counts as a change."""
    before = Window(Lag("code"), order_by=F("asked_at").asc())
    changed = (
        _measured(rollout, path, begin)
        .annotate(before=before)
        .filter(Q(before__isnull=True) | ~Q(code=F("before")))
        .order_by("-asked_at")
    )
    rows = changed.values_list("asked_at", "code", "found", "pk")[:MOST_CHANGES]
    return tuple(Turn(*row) for row in rows)


def _measured(rollout: Rollout, path: str, begin: datetime) -> QuerySet[Measurement]:
    return Measurement.objects.filter(rollout=rollout, path=path, asked_at__gte=begin)


def load_trail(rollout: Rollout, path: str) -> list[tuple[datetime, float]]:
    """Read the hours before measuring began, as the source remembers them."""
    trail = Observation.objects.filter(rollout=rollout, path=path).values_list("trail", flat=True).first() or []
    return [(datetime.fromtimestamp(at, UTC), value) for at, value in trail]
