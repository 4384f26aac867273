"""Leases: take what is due so that two workers never collect the same thing, and collect it outside a transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from readiness.collectors.gates import GateAsked, GateCollected, collect_gates
from readiness.collectors.registry import CollectContext, collect_check
from readiness.core.baselines import baseline_key
from readiness.core.types import BaselineFacts, CheckObservation
from readiness.core.watchlist import Watched
from readiness.models import Observation, PhaseRun
from readiness.queries.plans import load_plan, load_rollout
from readiness.queries.rows import load_baselines
from readiness.services.observations import watched_by

LEASE = timedelta(seconds=60)
LEASE_OF_CHECKS = timedelta(minutes=3)
KINDS = (Observation.GATE, Observation.CHECK)
TRAIL_EVERY = timedelta(seconds=60)
UNWATCHED_UNTIL = timedelta(days=1)
Seen = GateCollected | CheckObservation


@dataclass(frozen=True, slots=True)
class Leased:
    """One thing to collect now: what it is, the baseline it compares with, the run it proves, and its place."""

    row: int
    watched: Watched
    baseline: BaselineFacts | None
    success_from: datetime | None
    with_trail: bool


def lease_due(rollout_key: str, now: datetime, kinds: Collection[str] = KINDS) -> tuple[Leased, ...]:
    """Take everything of these kinds that is due, so that two workers never collect the same thing.

    Gates are taken for a minute, checks for three, because a repository may take that long to be fetched.
    """
    lasts = LEASE if Observation.GATE in kinds else LEASE_OF_CHECKS
    with transaction.atomic():
        rollout = load_rollout(rollout_key)
        skip = connection.features.has_select_for_update_skip_locked
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        rows = list(
            Observation.objects.select_for_update(skip_locked=skip)
            .filter(free, rollout=rollout, kind__in=kinds, next_due_at__lte=now)
            .only("pk", "path", "trail_at")
        )
        watched = watched_by(rollout, load_plan(rollout)) if rows else {}
        kept = [row for row in rows if row.path in watched]
        unwatched = [row.pk for row in rows if row.path not in watched]
        Observation.objects.filter(pk__in=unwatched).update(next_due_at=now + UNWATCHED_UNTIL)
        Observation.objects.filter(pk__in=[row.pk for row in kept]).update(leased_until=now + lasts)
    baselines, run = load_baselines(rollout), PhaseRun.objects.filter(rollout=rollout, state="running").first()
    return tuple(_lease(row, watched[row.path], baselines, run, now) for row in kept)


def _lease(
    row: Observation,
    watched: Watched,
    baselines: Mapping[tuple[str, str], BaselineFacts],
    run: PhaseRun | None,
    now: datetime,
) -> Leased:
    gate = watched.condition.gate
    key = (baseline_key(gate.against if gate is not None else None), watched.condition.key)
    success_from = run.entered_at if run is not None and watched.of_running and not watched.abort else None
    trail_due = row.trail_at is None or now - row.trail_at >= TRAIL_EVERY
    return Leased(row.pk, watched, baselines.get(key), success_from, trail_due)


def collect_leased(leased: Sequence[Leased], context: CollectContext) -> dict[int, tuple[Leased, Seen]]:
    """Collect everything that was leased, outside any transaction: the gates of a source side by side."""
    seen: dict[int, tuple[Leased, Seen]] = {}
    gates: dict[str, list[tuple[Leased, GateAsked]]] = {}
    for each in leased:
        condition = each.watched.condition
        if condition.check is not None:
            seen[each.row] = each, collect_check(condition.check, context)
        else:
            asked = _asked(each)
            gates.setdefault(asked.spec.source, []).append((each, asked))
    for source, pairs in gates.items():
        found = collect_gates(context.prometheus(source), [asked for _, asked in pairs])
        seen |= {each.row: (each, collected) for (each, _), collected in zip(pairs, found, strict=True)}
    return seen


def _asked(leased: Leased) -> GateAsked:
    spec = leased.watched.condition.gate
    if spec is None:
        raise TypeError(f"{leased.watched.path} cannot be collected")
    compared = leased.baseline.value if leased.baseline is not None else None
    return GateAsked(spec, leased.success_from, leased.watched.abort, compared, leased.with_trail)
