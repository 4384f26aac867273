"""Leases: take what is due so that two workers never collect the same thing, and collect it outside a transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Q

from readiness.collectors.gates import GateAsked, GateCollected, collect_gates
from readiness.collectors.registry import CollectContext, collect_check
from readiness.core.baselines import baseline_key
from readiness.core.types import BaselineFacts, CheckObservation, Trouble
from readiness.core.watchlist import Watched
from readiness.models import Observation, PhaseRun
from readiness.queries.plans import load_plan, load_rollout
from readiness.queries.rows import load_baselines
from readiness.services.observations import FREE, watched_by
from readiness.services.sources import SourceTold

LEASE = timedelta(seconds=10)
KINDS = (Observation.GATE, Observation.CHECK)
TRAIL_EVERY = timedelta(seconds=60)
UNWATCHED_UNTIL = timedelta(days=1)
Seen = GateCollected | CheckObservation


@dataclass(frozen=True, slots=True)
class Leased:
    """One thing to collect now: what it is, the baseline it compares with, the run it proves, and its place.

    `token` names the lease: what is collected after it went to somebody else is not kept.
    """

    row: int
    watched: Watched
    baseline: BaselineFacts | None
    success_from: datetime | None
    with_trail: bool
    token: str = ""


def lease_due(
    rollout_key: str, now: datetime, kinds: Collection[str] = KINDS, source: str | None = None
) -> tuple[Leased, ...]:
    """Take everything of these kinds, and of one source or of all, that is due and that nobody has taken.

    It is one conditional update, so that two workers never take the same; and a short lease that is renewed while its
    worker lives, so that what a killed worker had taken is taken by another one within ten seconds.
    """
    rollout, token = load_rollout(rollout_key), uuid4().hex
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    due = Observation.objects.filter(free, rollout=rollout, kind__in=kinds, next_due_at__lte=now)
    mine = due if source is None else due.filter(source=source)
    if not mine.update(leased_until=now + LEASE, lease=token):
        return ()
    rows = Observation.objects.filter(rollout=rollout, lease=token).only("pk", "path", "source", "trail_at")
    watched = watched_by(rollout, load_plan(rollout))
    kept = _rightly_taken(list(rows), watched, source, now)
    baselines, run = load_baselines(rollout), PhaseRun.objects.filter(rollout=rollout, state="running").first()
    return tuple(_lease(row, watched[row.path], baselines, run, now, token) for row in kept)


def _rightly_taken(
    rows: Sequence[Observation], watched: Mapping[str, Watched], source: str | None, now: datetime
) -> list[Observation]:
    """Put aside what nobody watches any more, and give back what belongs to another source."""
    gone = [row.pk for row in rows if row.path not in watched]
    Observation.objects.filter(pk__in=gone).update(next_due_at=now + UNWATCHED_UNTIL, **FREE)
    here = [row for row in rows if row.path in watched]
    astray = {row.pk: watched[row.path].source for row in here if row.source != watched[row.path].source}
    for key in set(astray.values()):
        free = {} if source in (None, key) else FREE
        Observation.objects.filter(pk__in=[pk for pk, own in astray.items() if own == key]).update(source=key, **free)
    return [row for row in here if source is None or watched[row.path].source == source]


def renew_lease(token: str, now: datetime) -> bool:
    """Keep what was taken for a while longer; say whether anything of it is still ours."""
    return bool(Observation.objects.filter(lease=token).update(leased_until=now + LEASE))


def _lease(
    row: Observation,
    watched: Watched,
    baselines: Mapping[tuple[str, str], BaselineFacts],
    run: PhaseRun | None,
    now: datetime,
    token: str,
) -> Leased:
    gate = watched.condition.gate
    key = (baseline_key(gate.against if gate is not None else None), watched.condition.key)
    success_from = run.entered_at if run is not None and watched.of_running and not watched.abort else None
    trail_due = row.trail_at is None or now - row.trail_at >= TRAIL_EVERY
    return Leased(row.pk, watched, baselines.get(key), success_from, trail_due, token)


def collect_leased(leased: Sequence[Leased], context: CollectContext) -> dict[int, tuple[Leased, Seen]]:
    """Collect everything that was leased, outside any transaction: what has one source, side by side."""
    checks = [each for each in leased if each.watched.condition.check is not None]
    seen: dict[int, tuple[Leased, Seen]] = {}

    def look(each: Leased) -> None:
        if each.watched.condition.check is not None:
            seen[each.row] = each, collect_check(each.watched.condition.check, context)

    context.lanes.each(checks, look)
    gates: dict[str, list[Leased]] = {}
    for each in leased:
        if each.watched.condition.gate is not None:
            gates.setdefault(each.watched.source, []).append(each)
    for source, own in gates.items():
        found = collect_gates(context.prometheus(source), [_asked(each) for each in own])
        seen |= {each.row: (each, collected) for each, collected in zip(own, found, strict=True)}
    return seen


def _asked(leased: Leased) -> GateAsked:
    spec = leased.watched.condition.gate
    if spec is None:
        raise TypeError(f"{leased.watched.path} cannot be collected")
    compared = leased.baseline.value if leased.baseline is not None else None
    return GateAsked(spec, leased.success_from, leased.watched.abort, compared, leased.with_trail)


def sources_told(
    seen: Mapping[int, tuple[Leased, Seen]], context: CollectContext, took: timedelta
) -> tuple[SourceTold, ...]:
    """Say of each source whether it answered. One question that it refuses is no silence; not answering any is."""
    silences: dict[str, list[str]] = {}
    for leased, found in seen.values():
        key = leased.watched.source
        said = context.silence(key) if isinstance(found, GateCollected) else _unread(found)
        silences.setdefault(key, []).append(said)
    return tuple(SourceTold(key, said[0] if all(said) else "", took) for key, said in silences.items())


def _unread(found: CheckObservation) -> str:
    return found.detail if found.trouble is Trouble.SOURCE_ERROR else ""
