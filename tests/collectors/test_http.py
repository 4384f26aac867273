"""HTTP checks and dashboards against real local servers."""

import time
from datetime import UTC, datetime

import pytest

from readiness.collectors.grafana import collect_dashboard
from readiness.collectors.http import collect_http
from readiness.collectors.sources import ResolvedSource
from readiness.core.conditions import CheckSpec
from readiness.core.types import CheckObservation, Finding, Trouble
from tests.collectors.http_servers import Reply, answering, as_json, drip, sent
from tools.probes import free_port

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SHAPE = {"dual_memory_types": {}, "blended_recall": {}}


def endpoint(
    url: str, path: str = "/flags", timeout_s: float = 5.0, method: str = "GET", **expect: object
) -> CheckObservation:
    source = ResolvedSource(key="service", kind="http", url=url, timeout_s=timeout_s)
    return collect_http(source, CheckSpec("service", "http", {"path": path, "method": method, "expect": expect}), NOW)


def answered(reply: Reply, **more: object) -> CheckObservation:
    with answering(reply) as (url, _):
        return endpoint(url, **more)


def dashboard(reply: Reply, uid: str = "overview") -> CheckObservation:
    with answering(reply) as (url, _):
        source = ResolvedSource(key="dashboards", kind="grafana", url=url)
        return collect_dashboard(source, CheckSpec("dashboards", "dashboard", {"uid": uid}), NOW)


def test_an_endpoint_that_answers_as_stated_fits() -> None:
    seen = answered(
        as_json({"dual_memory_types": {"on": True}, "blended_recall": {}, "more": 1}), status=200, json=SHAPE
    )
    assert (seen.finding, seen.trouble) == (Finding.FITS, Trouble.NONE)
    assert seen.content.startswith("sha256:")


def test_an_endpoint_that_does_not_exist_is_missing() -> None:
    seen = answered(sent(404), json=SHAPE)
    assert seen.finding is Finding.MISSING
    assert seen.detail.endswith("/flags does not exist (it answers 404)")


@pytest.mark.parametrize(
    ("reply", "expect", "words"),
    [
        (sent(500), {}, "answers 500, not 200"),
        (sent(302, b"", ("Location", "http://127.0.0.1:1/")), {}, "answers 302, not 200"),
        (as_json({"dual_memory_types": {}}), {"json": SHAPE}, "answers without blended_recall as stated"),
        (as_json({"a": {"b": 1}}), {"json": {"a": {"b": 2}}}, "answers without a.b as stated"),
        (as_json({"a": {"b": 1}}), {"json": {"a": {"b": True}}}, "answers without a.b as stated"),
        (as_json({"a": 1}), {"json": {"a": {}}}, "answers without a as stated"),
        (as_json([]), {"json": {"a": 1}}, "answers without an object as stated"),
        (as_json({"a": [1]}), {"json": {"a": [1, 2]}}, "answers without a as stated"),
        (as_json({"ok": True}), {"status": 201}, "answers 200, not 201"),
    ],
)
def test_an_answer_that_does_not_fit_says_how(reply: Reply, expect: dict[str, object], words: str) -> None:
    seen = answered(reply, **expect)
    assert seen.finding is Finding.MISFIT
    assert seen.detail.endswith(words)


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"[" * 100_000])
def test_an_answer_that_is_not_json_is_unreadable(body: bytes) -> None:
    assert answered(sent(200, body), json=SHAPE).finding is Finding.UNREADABLE


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (lambda _: time.sleep(1), "did not answer within 0.3 s"),
        (drip, "did not answer within 0.3 s"),
        (sent(200, b" " * 1_000_001), "answered more than 1 MB"),
    ],
)
def test_an_endpoint_without_an_answer_is_trouble(reply: Reply, words: str) -> None:
    seen = answered(reply, timeout_s=0.3)
    assert seen.trouble is Trouble.SOURCE_ERROR
    assert seen.detail.endswith(words)


def test_a_refused_connection_is_trouble() -> None:
    seen = endpoint(f"http://127.0.0.1:{free_port()}")
    assert (seen.trouble, seen.detail.endswith("refused the connection")) == (Trouble.SOURCE_ERROR, True)


@pytest.mark.parametrize("path", ["flags", "@evil.example/", ".evil.example", ""])
def test_a_path_cannot_lead_to_another_host(path: str) -> None:
    seen = endpoint("http://127.0.0.1:1", path)
    assert seen.trouble is Trouble.NOT_CONFIGURED
    assert "must begin with /" in seen.detail


def test_a_method_that_changes_more_than_it_asks_is_not_used() -> None:
    with answering(sent(200)) as (url, asked):
        assert endpoint(url, method="DELETE").trouble is Trouble.SOURCE_ERROR
        assert asked == []
        assert endpoint(url, method="HEAD").finding is Finding.FITS


def test_a_dashboard_that_resolves_fits() -> None:
    with answering(as_json({"dashboard": {"title": "Overview"}, "meta": {}})) as (url, asked):
        source = ResolvedSource(key="d", kind="grafana", url=f"{url}/grafana", headers={"Authorization": "Bearer t"})
        seen = collect_dashboard(source, CheckSpec("d", "dashboard", {"uid": "a/../b"}), NOW)
        assert (seen.finding, seen.detail) == (Finding.FITS, "Overview is loaded in Grafana")
        assert asked[0].path == "/grafana/api/dashboards/uid/a%2F..%2Fb"
        assert asked[0].headers["Authorization"] == "Bearer t"


def test_a_dashboard_that_does_not_exist_is_missing() -> None:
    seen = dashboard(as_json({"message": "Dashboard not found"}, 404))
    assert (seen.finding, seen.detail) == (Finding.MISSING, "Grafana has no dashboard overview")
    assert seen.trouble is Trouble.NONE


@pytest.mark.parametrize(
    "reply", [sent(401), sent(302), sent(503), sent(200, b"<html>Log in</html>"), as_json({"a": 1})]
)
def test_a_grafana_that_does_not_answer_so_is_trouble_and_not_a_missing_dashboard(reply: Reply) -> None:
    seen = dashboard(reply)
    assert seen.trouble is Trouble.SOURCE_ERROR
    assert seen.detail.startswith("Grafana at 127.0.0.1:")
