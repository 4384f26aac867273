"""For machines: is the process there, can it serve, and its numbers. None of these asks for a sign-in or redirects."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError

from readiness.queries.health import Vitals, database_answers, load_vitals


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether the database and the cache answer; 503 names what does not."""
    parts = {"database": _works(database_answers), "cache": _works(_cache_answers)}
    return JsonResponse({"ready": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503)


def _works(answers: Callable[[], bool]) -> bool:
    try:
        return answers()
    except (DatabaseTrouble, RedisError, OSError):
        return False


def _cache_answers() -> bool:
    cache.set("readyz", "ok", 10)
    return bool(cache.get("readyz") == "ok")


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the numbers in the format that Prometheus scrapes."""
    now = timezone.now()
    return HttpResponse(generate_latest(_registry(load_vitals(now), now)), content_type=CONTENT_TYPE_LATEST)


def _registry(vitals: Vitals, now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    of_rollout = ["rollout", "question"]
    go = Gauge("readiness_verdict_go", "1 while the answer is GO, else 0", of_rollout, registry=registry)
    reasons = Gauge("readiness_verdict_reasons", "Reasons of the stored verdict", of_rollout, registry=registry)
    for labels, is_go in vitals.verdicts.items():
        go.labels(*labels).set(is_go)
        reasons.labels(*labels).set(vitals.reasons[labels])
    unjudged = Gauge("readiness_changes_not_judged", "Changes since the verdict", ["rollout"], registry=registry)
    for rollout, count in vitals.not_judged.items():
        unjudged.labels(rollout).set(count)
    ages = Gauge("readiness_heartbeat_age_seconds", "Since a part last worked", ["part"], registry=registry)
    for part, beat_at in vitals.beats.items():
        ages.labels(part).set((now - beat_at).total_seconds())
    answers = Gauge("readiness_source_answers", "1 while a source answers", ["rollout", "source"], registry=registry)
    for labels, is_there in vitals.sources.items():
        answers.labels(*labels).set(is_there)
    _record_gauges(registry, vitals, now)
    return registry


def _record_gauges(registry: CollectorRegistry, vitals: Vitals, now: datetime) -> None:
    Gauge("readiness_record_entries", "Entries of the record", registry=registry).set(vitals.record_size)
    Gauge("readiness_record_whole", "1 while the record verifies", registry=registry).set(vitals.record_is_whole)
    unsigned = "Entries that no checkpoint covers"
    Gauge("readiness_record_unsigned_entries", unsigned, registry=registry).set(vitals.unsigned)
    labels = ["size", "root_prefix"]
    anchor = Gauge("readiness_audit_anchor_info", "A checkpoint to remember, hourly", labels, registry=registry)
    if vitals.anchor is not None:
        anchor.labels(*vitals.anchor).set(1)
    age = (now - vitals.verified_at).total_seconds() if vitals.verified_at else float("nan")
    Gauge("readiness_record_verified_age_seconds", "Since the record was verified", registry=registry).set(age)
    overdue = "Due for five seconds and not collected"
    Gauge("readiness_observations_overdue", overdue, registry=registry).set(vitals.overdue)
