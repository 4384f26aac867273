"""Pulses: the cheapest question a live page asks, answered with one query. While it stays, the page is true."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, DateTimeField, OuterRef, Subquery, Sum

from readiness.models import Heartbeat, Rollout, StoredVerdict
from readiness.queries.scenes import LATE_AFTER, WORKER


@dataclass(frozen=True, slots=True)
class Pulse:
    """How often what pages show has changed, and what changes by the clock alone: a late worker, a GO that ran out."""

    changed: int
    worker_is_late: bool
    expired: int = 0

    def as_text(self) -> str:
        """The pulse as one word."""
        return f"{self.changed}.{int(self.worker_is_late)}.{self.expired}"


class NoPulse(LookupError):
    """There is no such rollout."""


def load_pulse(rollout_key: str, now: datetime) -> Pulse:
    """Ask one rollout, or all of them with an empty key."""
    return _of_one(rollout_key, now) if rollout_key else _of_all(now)


def _beat() -> Subquery:
    beats = Heartbeat.objects.filter(pk=WORKER).values("beat_at")[:1]
    return Subquery(beats, output_field=DateTimeField())


def _of_one(rollout_key: str, now: datetime) -> Pulse:
    expired = StoredVerdict.objects.filter(rollout=OuterRef("pk"), valid_until__lte=now).order_by()
    ran_out = Subquery(expired.values("rollout").annotate(n=Count("pk")).values("n"))
    rows = Rollout.objects.filter(key=rollout_key).annotate(beat=_beat(), ran_out=ran_out)
    found = rows.values_list("changed", "beat", "ran_out").first()
    if found is None:
        raise NoPulse(f"There is no rollout {rollout_key}.")
    changed, beat_at, expired_count = found
    return Pulse(changed, _is_late(beat_at, now), expired_count or 0)


def _of_all(now: datetime) -> Pulse:
    found = Rollout.objects.aggregate(changes=Sum("changed"), rollouts=Count("pk"))
    beat_at = Heartbeat.objects.filter(pk=WORKER).values_list("beat_at", flat=True).first()
    expired = StoredVerdict.objects.filter(valid_until__lte=now).count()
    changes = (found["changes"] or 0) + (found["rollouts"] or 0)
    return Pulse(changes, _is_late(beat_at, now), expired)


def _is_late(beat_at: datetime | None, now: datetime) -> bool:
    return beat_at is None or now - beat_at > LATE_AFTER
