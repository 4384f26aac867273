"""What a source answers that proves nothing has a reason of its own and is never met, from the wire to the outcome."""

import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from readiness.collectors.gates import GateAsked, collect_gate
from readiness.collectors.prometheus import PrometheusBatch
from readiness.core.assess import assess_condition
from readiness.core.conditions import Condition, ConditionKind, ConditionList, GateSpec
from readiness.core.facts import ConditionFacts
from readiness.core.types import Assessment, Outcome
from tests.collectors.http_servers import Reply, answering, sent
from tests.collectors.prometheus_process import MINUTE, resolved
from tests.collectors.test_connections import CERTIFICATE, KEY, kept_by

LIMIT = (("<= 15ms",),)


def judged(batch: PrometheusBatch, query: str, **more: object) -> Assessment:
    spec = GateSpec("metrics", query, "s", **{"expect": LIMIT, **more})
    gate = Condition("g", ConditionKind.GATE, "g", "Gate", None, "g", ConditionList.ENTER, gate=spec)
    seen = collect_gate(batch, GateAsked(spec)).observation
    return assess_condition(ConditionFacts(gate, gate=seen), batch.now)


@pytest.mark.services
def test_a_healthy_series_is_met(batch: PrometheusBatch) -> None:
    assert judged(batch, "steady_seconds", hold_for=10 * MINUTE).outcome is Outcome.MET


@pytest.mark.services
@pytest.mark.parametrize(
    ("query", "more", "code", "found"),
    [
        ("never_exported_total", {}, "GATE_NO_DATA", "has no series"),
        ("not_a_number", {}, "GATE_NOT_A_NUMBER", "nan"),
        ("steady_seconds / 0", {}, "GATE_NOT_A_NUMBER", "inf"),
        ("-steady_seconds / 0", {}, "GATE_NOT_A_NUMBER", "-inf"),
        ("two", {"expect": (("<= 10.5ms",),)}, "GATE_BREACHED", 'two{cohort="canary"}'),
        ("pair", {}, "GATE_NO_DATA", 'pair{instance="b"} reported within the last hour and is gone'),
        ("stopped_4m_ago", {}, "GATE_STALE", "no sample for 4 min"),
        ("stopped_20m_ago", {}, "GATE_NO_DATA", ""),
        ("hole_3m_ago", {"hold_for": 10 * MINUTE, "max_age": MINUTE}, "GATE_NOT_SUSTAINED", "holds for 3 min"),
        ("sum(increase(young_total[1h]))", {}, "GATE_NO_DATA", "history covers"),
        ("sum((", {}, "GATE_SOURCE_ERROR", "answered 400"),
    ],
)
def test_what_proves_nothing_says_why(
    batch: PrometheusBatch, now: datetime, query: str, more: dict[str, object], code: str, found: str
) -> None:
    told = judged(batch, query, **more)
    assert (told.code, told.outcome is Outcome.MET) == (code, False)
    assert found in told.found


def slow(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (sent(500, b"oops"), "answered 500"),
        (slow, "did not answer within 0.3 s"),
        (sent(200, b'{"status":"success","data":{"resultType":"vec'), "answered something that is not JSON"),
        (sent(200, b" " * 50_000_000), "answered more than 20 MB"),
        (sent(200, b"<html>Sign in</html>"), "answered something that is not JSON"),
        (sent(302, b"", ("Location", "/login")), "answered 302, a redirect, which is not followed"),
    ],
)
def test_a_source_that_answers_badly_says_how(reply: Reply, found: str) -> None:
    with answering(reply) as (url, _):
        now = datetime.fromisoformat("2026-01-05T12:00:00+00:00")
        told = judged(PrometheusBatch(resolved(url, 0.3 if reply is slow else 5.0), now), "up")
    assert (told.outcome, told.code) == (Outcome.UNKNOWN, "GATE_SOURCE_ERROR")
    assert told.found.endswith(found)


def test_a_source_with_a_wrong_certificate_says_so() -> None:
    with kept_by(sent(200, b"{}"), certificate=CERTIFICATE, key=KEY) as (url, _):
        batch = PrometheusBatch(resolved(url), datetime.fromisoformat("2026-01-05T12:00:00+00:00"))
        told = judged(batch, "up", hold_for=timedelta(minutes=1))
    assert (told.outcome, told.code) == (Outcome.UNKNOWN, "GATE_SOURCE_ERROR")
    assert told.found.endswith("has a certificate that is not trusted")
