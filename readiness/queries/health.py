"""What machines ask about the board itself: is the database there, and the numbers that Prometheus scrapes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from readiness.core.phases import CLOSE, asked_phases
from readiness.core.types import Decision
from readiness.models import (
    AuditHead,
    Heartbeat,
    Observation,
    PhaseRun,
    RecordCheck,
    Rollout,
    SignerState,
    SourceState,
    StoredVerdict,
)
from readiness.queries.checkpoints import load_hourly_anchor, unsigned_entries
from readiness.queries.plans import is_rehearsal, load_plan

A_LITTLE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Vitals:
    """The numbers: each verdict (GO as it counts now), the record, heartbeats, what is due or not judged, sources.

    `anchor` is the size and the beginning of the root of a checkpoint, the same for an hour. A rehearsal has no
    numbers, so that no alert or gate takes its GO for one.
    """

    verdicts: Mapping[tuple[str, str], bool]
    reasons: Mapping[tuple[str, str], int]
    not_judged: Mapping[str, int]
    record_size: int
    record_is_whole: bool
    unsigned: int
    anchor: tuple[int, str] | None
    verified_at: datetime | None
    beats: Mapping[str, datetime]
    overdue: int
    sources: Mapping[tuple[str, str], bool]


def load_vitals(now: datetime) -> Vitals:
    """Read all numbers, in a constant number of queries."""
    rollouts = [r for r in _planned_rollouts() if not is_rehearsal(r)]
    keys = {rollout.pk: rollout.key for rollout in rollouts}
    asked = _asked(rollouts)
    stored = [v for v in StoredVerdict.objects.filter(rollout__in=rollouts) if (v.rollout_id, v.phase) in asked]
    check = RecordCheck.objects.first()
    return Vitals(
        verdicts={(keys[v.rollout_id], v.question): _is_go(v, now) for v in stored},
        reasons={(keys[v.rollout_id], v.question): len(v.payload["reasons"]) for v in stored},
        not_judged={rollout.key: rollout.dirty_changes for rollout in rollouts},
        record_size=AuditHead.objects.values_list("size", flat=True).first() or 0,
        record_is_whole=_is_whole(check),
        unsigned=unsigned_entries(),
        anchor=load_hourly_anchor(now),
        verified_at=check.verified_at if check else None,
        beats=dict(Heartbeat.objects.values_list("name", "beat_at")),
        overdue=Observation.objects.filter(next_due_at__lt=now - A_LITTLE, leased_until=None).count(),
        sources=_sources(keys),
    )


def _sources(keys: Mapping[int, str]) -> dict[tuple[str, str], bool]:
    """Whether each source answers."""
    rows = SourceState.objects.filter(rollout__in=list(keys)).values_list("rollout", "key", "failures")
    return {(keys[rollout], key): not failures for rollout, key, failures in rows}


def _is_whole(check: RecordCheck | None) -> bool:
    refused = SignerState.objects.exclude(problem="").exists()
    return check is not None and not check.problem and check.verified_at is not None and not refused


def _planned_rollouts() -> Iterable[Rollout]:
    return Rollout.objects.select_related("plan").defer("plan__text", "plan__document")


def _asked(rollouts: Iterable[Rollout]) -> set[tuple[int, str]]:
    """The phases that each rollout is asked about now; an answer about another one is none."""
    runs = PhaseRun.objects.filter(Q(state="running") | Q(phase=CLOSE)).values_list("rollout", "phase", "state")
    running = {pk: phase for pk, phase, state in runs if state == "running"}
    closed = {pk for pk, phase, _ in runs if phase == CLOSE}
    return {
        (r.pk, phase)
        for r in rollouts
        for phase in asked_phases(load_plan(r), running.get(r.pk), r.pk in closed).values()
    }


def _is_go(verdict: StoredVerdict, now: datetime) -> bool:
    """Like every reader: a GO that has run out is not GO."""
    return verdict.decision == Decision.GO and verdict.valid_until is not None and now < verdict.valid_until


def database_answers() -> bool:
    """Say whether the database answers and has been migrated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM readiness_audithead")
        return cursor.fetchone() is not None
