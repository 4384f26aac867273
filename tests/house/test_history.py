"""The demo's past: a real Prometheus takes it, the plan's long windows are full, and live values continue it."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.services_fixtures import PROMETHEUS, PrometheusServer, programs_of, running, wait_until
from tools.first_start import RULES, prepare_demo, prepare_metrics
from tools.probes import answers_http, free_port
from tools.prometheus import HistoryRefused, load_openmetrics, prometheus_command

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.services


@dataclass(frozen=True)
class Demo:
    """The demo as a first start leaves it: history loaded, service and Prometheus running."""

    prometheus: PrometheusServer
    data: Path
    ended_at: float

    def gate(self, rollout: str, key: str) -> float | None:
        """A gate's value now, by its query in the plan."""
        plan = yaml.safe_load((ROOT / "plans" / f"{rollout}.yaml").read_text())
        return self.prometheus.value(plan["gates"][key]["query"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    programs, data = programs_of(PROMETHEUS), tmp_path_factory.mktemp("demo")
    port, service_port = free_port(), free_port()
    prepare_metrics(data, service_port)
    prepare_demo(data, programs["PROMTOOL_BIN"], pytest.fail)
    ended_at = time.time()
    service = [
        sys.executable,
        "-m",
        "demo.service",
        "--port",
        str(service_port),
        "--state",
        str(data / "demo/state.json"),
    ]
    command = list(prometheus_command(programs["PROMETHEUS_BIN"], data / "prometheus", port))
    url = f"http://127.0.0.1:{port}"
    with (
        running(
            ["env", f"PYTHONPATH={ROOT}", *service],
            lambda: answers_http(f"http://127.0.0.1:{service_port}/health"),
            data / "a.log",
        ),
        running(command, lambda: answers_http(f"{url}/-/ready"), data / "b.log"),
    ):
        yield Demo(PrometheusServer(url, data), data, ended_at)


def test_the_long_windows_are_full_before_the_first_scrape(demo: Demo) -> None:
    assert demo.gate("dual-memory", "availability") == pytest.approx(0.9993, abs=0.0005)
    assert demo.gate("dual-memory", "pages-per-week") == pytest.approx(1, abs=0.01)
    assert demo.gate("dual-memory", "critical-incidents") == 0
    assert abs(demo.gate("dual-memory", "memory-growth-24h") or 1) < 0.05
    assert abs(demo.gate("dual-memory", "p99-stability") or 1) < 0.1


def test_the_story_is_told_by_the_numbers(demo: Demo) -> None:
    assert demo.gate("dual-memory", "recall-p99") == pytest.approx(0.0178, abs=0.0004)
    assert (demo.gate("dual-memory", "fast-recalls") or 0) > 0.95
    assert (demo.gate("dual-memory", "recall-error-rate") or 1) < 0.001
    assert demo.gate("dual-memory", "restarts") == 0
    assert demo.gate("dual-memory", "concept-formation-rate") is None
    assert demo.gate("dual-memory", "topk-overlap") is None


def test_the_quickstart_is_healthy_at_once(demo: Demo) -> None:
    assert demo.gate("quickstart", "checkout-p99") == pytest.approx(0.135, abs=0.01)
    assert (demo.gate("quickstart", "checkout-errors") or 1) < 0.01
    assert (demo.gate("quickstart", "canary-traffic") or 0) > 10


def test_live_counters_continue_the_past_without_a_reset(demo: Demo) -> None:
    since = f"{demo.ended_at:.0f}"
    newest = 'min(timestamp(checkout_requests_total{job="checkout"}))'
    assert wait_until(lambda: (demo.prometheus.value(newest) or 0) > float(since) + 3, 20)
    for series in ("engram_recall_total", "checkout_requests_total", "engram_recall_duration_seconds_bucket"):
        assert demo.prometheus.value(f"count({series})") == demo.prometheus.value(f"count({series} offset 1m)")
        assert demo.prometheus.value(f"sum(resets({series}[5m]))") == 0
    assert demo.prometheus.value('min(up{job=~"engram|checkout"})') == 1


def test_a_second_start_writes_no_second_past(demo: Demo) -> None:
    blocks = sorted((demo.data / "prometheus" / "tsdb").glob("01*"))
    prepare_demo(demo.data, programs_of(PROMETHEUS)["PROMTOOL_BIN"], pytest.fail)
    assert sorted((demo.data / "prometheus" / "tsdb").glob("01*")) == blocks


def test_the_alert_rules_of_the_demo_are_loaded_and_healthy(demo: Demo) -> None:
    names = {rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
    assert names == {"RecallErrorRateHigh", "MemoryLeakDetected", "ConsolidationFailures", "CheckoutLatencyHigh"}
    assert wait_until(lambda: demo.prometheus.value("sum(prometheus_rule_evaluation_failures_total)") in (None, 0), 5)


def test_text_that_is_not_openmetrics_is_refused_with_promtools_words(tmp_path: Path) -> None:
    (tmp_path / "bad.om").write_text("this is no metric\n")
    with pytest.raises(HistoryRefused, match="invalid syntax"):
        load_openmetrics(programs_of(PROMETHEUS)["PROMTOOL_BIN"], tmp_path / "bad.om", tmp_path)
