"""Celery tasks: primitives in, one thing below called, nothing else. Beat sends one tick a second."""

import os
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from readiness.celery import app
from readiness.collectors.lanes import Lanes
from readiness.collectors.registry import make_context
from readiness.core.audit import Act, Actor, ActorType, Channel, ChannelKind
from readiness.models import Observation, Rollout
from readiness.queries.clock import load_database_time
from readiness.queries.due import load_due_sources, load_unjudged_rollouts
from readiness.queries.plans import load_plan, load_rollout
from readiness.queries.sources import load_struggling
from readiness.services.blobs import check_evidence
from readiness.services.dwell import count_dwell
from readiness.services.forecasts import refresh_forecast
from readiness.services.gates import refresh_rollout
from readiness.services.leases import Leased, collect_leased, lease_due, renew_lease, sources_told
from readiness.services.record_checks import beat, take_tick, watch_record
from readiness.services.signer import ask_signer, sign_record
from readiness.services.signer_files import SignerFiles
from readiness.services.sources import room_for
from readiness.services.verdicts import judge_rollout


def machine_act(kind: ChannelKind, request: str = "") -> Act:
    """Describe an act of the machine, with nobody behind it."""
    channel = Channel(kind, request=request, code=settings.CODE_VERSION)
    return Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), channel)


@app.task(name="readiness.tick", expires=5)
def tick(**_: Any) -> None:
    """Beat's one task: send out what is due, count time, and verify the record; once a second, whoever beats."""
    now = timezone.now()
    if not take_tick(now):
        return
    beat("worker", now)
    _send_what_is_due(now)
    count_dwell(load_database_time(), machine_act(ChannelKind.BEAT))
    watch_record(now, machine_act(ChannelKind.BEAT))
    check_evidence(now)


def _send_what_is_due(now: datetime) -> None:
    if ask_signer(now):
        sign.apply_async(expires=10)
    for key, kind, source in load_due_sources(now):
        task = refresh_gates if kind == Observation.GATE else refresh_checks
        task.apply_async(kwargs={"rollout": key, "source": source}, expires=10)
    for key in load_unjudged_rollouts(now):
        judge.apply_async(kwargs={"rollout": key}, expires=10)


@app.task(name="readiness.refresh_gates")
def refresh_gates(*, rollout: str, source: str | None = None, **_: Any) -> None:
    """Measure the gates of one rollout and source that are due, keep that, judge."""
    _refresh(rollout, Observation.GATE, source)


@app.task(name="readiness.refresh_checks")
def refresh_checks(*, rollout: str, source: str | None = None, **_: Any) -> None:
    """Make the checks of one rollout and source that are due, keep that, judge."""
    _refresh(rollout, Observation.CHECK, source)


def _refresh(rollout_key: str, kind: str, source: str | None) -> None:
    """Take what is due of one source, so that a slow one delays no other."""
    struggling = load_struggling(rollout := load_rollout(rollout_key))
    with room_for(source in struggling) as has_room:
        leased = lease_due(rollout_key, timezone.now(), [kind], source) if has_room else ()
        if leased:
            _collect_and_keep(rollout, leased, struggling)


def _collect_and_keep(rollout: Rollout, leased: Sequence[Leased], struggling: Collection[str]) -> None:
    """Ask the source, renewing the lease as long as that takes; then keep what it said, and judge."""
    now, lanes = timezone.now(), Lanes(lambda: renew_lease(leased[0].token, timezone.now()))
    mirrors = str(settings.MIRRORS_DIR)
    with make_context(load_plan(rollout).sources, os.environ, settings.SOURCE_HOSTS, now, mirrors, lanes) as context:
        context.probing = struggling
        seen = collect_leased(leased, context)
        told = sources_told(seen, context, timezone.now() - now)
    refresh_rollout(rollout.key, seen, machine_act(ChannelKind.BEAT), timezone.now(), told)


@app.task(name="readiness.judge")
def judge(*, rollout: str, **_: Any) -> None:
    """Judge one rollout again, and forecast it again where that makes a difference."""
    judge_rollout(rollout, machine_act(ChannelKind.BEAT), timezone.now())
    refresh_forecast(rollout, timezone.now())


@app.task(name="readiness.sign", expires=10)
def sign(**_: Any) -> None:
    """Sign the record if it has grown. Its queue has one worker with one process, which alone opens the key."""
    now = timezone.now()
    sign_record(SignerFiles(settings.SIGNER_KEY, settings.SIGNER_HEAD), now)
    beat("signer", now)
