"""Alert rules, series and targets against a real Prometheus that scrapes a real service."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.prometheus_checks import collect_alert_rule, collect_series, collect_target
from readiness.core.conditions import CheckSpec
from readiness.core.types import CheckObservation, Finding, Trouble
from tests.collectors.http_servers import answering, as_json, sent
from tests.collectors.prometheus_process import resolved
from tools.probes import free_port

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
pytestmark = pytest.mark.services


@pytest.fixture
def live(scraped: str) -> PrometheusBatch:
    """A batch at this moment, over the Prometheus that scrapes the service each second."""
    return PrometheusBatch(resolved(scraped), datetime.now(UTC))


def alert_rule(batch: PrometheusBatch, **settings: object) -> CheckObservation:
    return collect_alert_rule(batch, CheckSpec("metrics", "alert_rule", settings))


def series(batch: PrometheusBatch, *names: str) -> CheckObservation:
    return collect_series(batch, CheckSpec("metrics", "series", {"names": list(names)}))


def target(batch: PrometheusBatch, **settings: object) -> CheckObservation:
    return collect_target(batch, CheckSpec("metrics", "target", settings))


def test_a_rule_that_is_loaded_healthy_and_fed_fits(live: PrometheusBatch) -> None:
    seen = alert_rule(live, name="LatencyHigh")
    assert (seen.finding, seen.trouble) == (Finding.FITS, Trouble.NONE)
    assert seen.detail == "alert rule LatencyHigh is loaded, healthy and fed with data"


def test_a_rule_that_is_not_loaded_is_missing(live: PrometheusBatch) -> None:
    seen = alert_rule(live, name="FanEffectExcessive")
    assert (seen.finding, seen.subject) == (Finding.MISSING, "FanEffectExcessive")
    assert seen.detail == "alert rule FanEffectExcessive is not loaded in Prometheus"


def test_a_recording_rule_is_no_alert_rule(live: PrometheusBatch) -> None:
    assert alert_rule(live, name="job:live:sum").finding is Finding.MISSING


def test_a_rule_whose_input_nobody_exports_does_not_fit(live: PrometheusBatch) -> None:
    seen = alert_rule(live, name="InputMissing")
    assert seen.finding is Finding.MISFIT
    assert seen.detail == "InputMissing reads never_exported_total, which has no data"


def test_a_rule_that_cannot_be_evaluated_does_not_fit(live: PrometheusBatch) -> None:
    seen = alert_rule(live, name="Unhealthy")
    assert seen.finding is Finding.MISFIT
    assert seen.detail.startswith("Unhealthy is not healthy: ")


@pytest.mark.parametrize(
    ("group", "min_rules", "finding"),
    [
        ("dual_memory", 2, Finding.FITS),
        ("dual_memory", 3, Finding.MISFIT),
        ("dual_memory", 6, Finding.MISFIT),
        ("nowhere", 1, Finding.MISSING),
    ],
)
def test_a_group_needs_so_many_rules_that_could_fire(
    live: PrometheusBatch, group: str, min_rules: int, finding: Finding
) -> None:
    assert alert_rule(live, group=group, min_rules=min_rules).finding is finding


def test_a_rule_that_was_not_evaluated_lately_does_not_fit(scraped: str) -> None:
    later = PrometheusBatch(resolved(scraped), datetime.now(UTC) + timedelta(minutes=3))
    seen = alert_rule(later, name="LatencyHigh")
    assert seen.finding is Finding.MISFIT
    assert "LatencyHigh was last evaluated 3" in seen.detail


def test_metrics_that_are_exported_fit(live: PrometheusBatch) -> None:
    assert series(live, "live_latency_seconds", "live_errors_total").finding is Finding.FITS


def test_metrics_that_are_not_exported_are_named(live: PrometheusBatch) -> None:
    seen = series(live, "live_errors_total", "never_exported_total", "nor_this")
    assert seen.finding is Finding.MISSING
    assert seen.detail == "never_exported_total, nor_this have no sample in the last 5 min"


def test_a_metric_name_is_quoted_and_not_read_as_a_query(live: PrometheusBatch) -> None:
    assert series(live, 'x"} or vector(1) or {__name__="x').finding is Finding.MISSING


def test_no_names_are_trouble_and_not_a_fit(live: PrometheusBatch) -> None:
    assert series(live).trouble is Trouble.NOT_CONFIGURED


def test_a_job_that_is_scraped_and_up_fits(live: PrometheusBatch) -> None:
    seen = target(live, job="live", min_up=1)
    assert (seen.finding, seen.detail) == (Finding.FITS, "1 of 1 targets of job live are up")


def test_a_job_with_too_few_targets_up_does_not_fit(live: PrometheusBatch) -> None:
    seen = target(live, job="live", min_up=2)
    assert seen.finding is Finding.MISFIT
    assert seen.detail == "1 of 1 targets of job live are up; at least 2 must be"


def test_a_job_that_nobody_scrapes_is_missing(live: PrometheusBatch) -> None:
    assert target(live, job='engram"} or up{job="live').finding is Finding.MISSING


def test_a_prometheus_that_is_away_is_trouble_for_every_check() -> None:
    batch = PrometheusBatch(resolved(f"http://127.0.0.1:{free_port()}"), NOW)
    for seen in (alert_rule(batch, name="x"), series(batch, "x"), target(batch, job="x")):
        assert seen.trouble is Trouble.SOURCE_ERROR
        assert seen.detail.endswith("refused the connection")


def test_trouble_with_the_input_of_a_rule_is_trouble_and_not_a_misfit() -> None:
    rule = {"type": "alerting", "name": "A", "health": "ok", "query": "up > 1", "lastEvaluation": NOW.isoformat()}

    def reply(handler: BaseHTTPRequestHandler) -> None:
        groups = {"status": "success", "data": {"groups": [{"name": "g", "rules": [rule]}]}}
        (as_json(groups) if "/rules" in handler.path else sent(503))(handler)

    with answering(reply) as (url, _):
        seen = alert_rule(PrometheusBatch(resolved(url), NOW), name="A")
        assert (seen.trouble, seen.detail.endswith("answered 503")) == (Trouble.SOURCE_ERROR, True)


@pytest.mark.parametrize("data", [None, [], {"groups": None}, {"groups": [1]}, {"groups": [{"rules": [7]}]}])
def test_an_answer_without_rules_has_none(data: object) -> None:
    with answering(as_json({"status": "success", "data": data})) as (url, _):
        assert alert_rule(PrometheusBatch(resolved(url), NOW), name="A").finding is Finding.MISSING


def test_a_rule_that_was_never_evaluated_does_not_fit() -> None:
    rule = {"type": "alerting", "name": "A", "health": "ok", "query": "up", "lastEvaluation": "0001-01-01T00:00:00Z"}
    with answering(as_json({"status": "success", "data": {"groups": [{"name": "g", "rules": [rule]}]}})) as (url, _):
        assert alert_rule(PrometheusBatch(resolved(url), NOW), name="A").detail == "A was last evaluated never"
