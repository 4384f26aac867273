"""Grafana: whether a dashboard resolves."""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from readiness.collectors.findings import text_setting, unanswered
from readiness.collectors.http import NoAnswer, fetch_endpoint
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.canonical import digest_bytes
from readiness.core.conditions import CheckSpec
from readiness.core.types import CheckObservation, Finding, Trouble

MOST_BYTES = 10_000_000


def collect_dashboard(source: ResolvedSource, spec: CheckSpec, now: datetime) -> CheckObservation:
    """Whether Grafana has the dashboard of the stated uid (HTTP API, `GET /api/dashboards/uid/:uid`)."""
    uid = text_setting(spec.settings, "uid")
    try:
        status, body = fetch_endpoint(source, f"/api/dashboards/uid/{quote(uid, safe='')}", most_bytes=MOST_BYTES)
    except NoAnswer as problem:
        return _unreached(source, f"{problem}", uid, now)
    if status == HTTPStatus.NOT_FOUND:
        return CheckObservation(now, Finding.MISSING, uid, f"Grafana has no dashboard {uid}")
    if status != HTTPStatus.OK:
        return _unreached(source, f"answered {status}", uid, now)
    title = _title(body)
    if not title:
        return _unreached(source, "answered something that is not a dashboard", uid, now)
    return CheckObservation(now, Finding.FITS, uid, f"{title} is loaded in Grafana", content=digest_bytes(body))


def _unreached(source: ResolvedSource, words: str, uid: str, now: datetime) -> CheckObservation:
    trouble = SourceTrouble(source.key, Trouble.SOURCE_ERROR, f"Grafana at {source.host} {words}")
    return unanswered(trouble, uid, now)


def _title(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    dashboard = document.get("dashboard") if isinstance(document, Mapping) else None
    return str(dashboard.get("title") or "untitled dashboard") if isinstance(dashboard, Mapping) else ""
