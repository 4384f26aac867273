"""Celery tasks: primitives in, one thing below called, nothing else. Beat sends one tick a second."""

import os
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from readiness.celery import app
from readiness.collectors.registry import make_context
from readiness.core.audit import Act, Actor, ActorType, Channel, ChannelKind
from readiness.models import Observation
from readiness.queries.clock import load_database_time
from readiness.queries.due import load_due_rollouts, load_unjudged_rollouts
from readiness.queries.plans import load_plan, load_rollout
from readiness.services.blobs import check_evidence
from readiness.services.dwell import count_dwell
from readiness.services.forecasts import refresh_forecast
from readiness.services.gates import refresh_rollout
from readiness.services.leases import collect_leased, lease_due
from readiness.services.record_checks import beat, watch_record
from readiness.services.signer import ask_signer, sign_record
from readiness.services.signer_files import SignerFiles
from readiness.services.verdicts import judge_rollout


def machine_act(kind: ChannelKind, request: str = "") -> Act:
    """Describe an act of the machine, with nobody behind it."""
    channel = Channel(kind, request=request, code=settings.CODE_VERSION)
    return Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), channel)


@app.task(name="readiness.tick", expires=5)
def tick(**_: Any) -> None:
    """Beat's one task: count time, verify the record, and send out what is due."""
    now = timezone.now()
    beat("worker", now)
    count_dwell(load_database_time(), machine_act(ChannelKind.BEAT))
    watch_record(now, machine_act(ChannelKind.BEAT))
    check_evidence(now)
    _send_what_is_due(now)


def _send_what_is_due(now: datetime) -> None:
    if ask_signer(now):
        sign.apply_async(expires=10)
    for key, kind in load_due_rollouts(now):
        task = refresh_gates if kind == Observation.GATE else refresh_checks
        task.apply_async(kwargs={"rollout": key}, expires=10)
    for key in load_unjudged_rollouts(now):
        judge.apply_async(kwargs={"rollout": key}, expires=10)


@app.task(name="readiness.refresh_gates")
def refresh_gates(*, rollout: str, **_: Any) -> None:
    """Measure the gates of one rollout that are due, keep that, judge."""
    _refresh(rollout, Observation.GATE)


@app.task(name="readiness.refresh_checks")
def refresh_checks(*, rollout: str, **_: Any) -> None:
    """Make the checks of one rollout that are due, keep that, judge. A slow repository delays no gate."""
    _refresh(rollout, Observation.CHECK)


def _refresh(rollout: str, kind: str) -> None:
    now = timezone.now()
    leased = lease_due(rollout, now, [kind])
    if not leased:
        return
    sources = load_plan(load_rollout(rollout)).sources
    with make_context(sources, os.environ, settings.SOURCE_HOSTS, now, str(settings.MIRRORS_DIR)) as context:
        seen = collect_leased(leased, context)
    refresh_rollout(rollout, seen, machine_act(ChannelKind.BEAT), timezone.now())


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
