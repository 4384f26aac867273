"""A real Prometheus for tests: history backfilled by promtool, a tiny service to scrape, rules to evaluate."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from readiness.collectors.sources import ResolvedSource
from tests.services_fixtures import programs_of, running
from tools.probes import answers_http, free_port
from tools.prometheus import load_openmetrics, prometheus_command, write_configuration
from tools.services import PROMETHEUS

MINUTE = timedelta(minutes=1)
RULES = """
groups:
  - name: dual_memory
    interval: 1s
    rules:
      - {alert: LatencyHigh, expr: "live_latency_seconds > 1"}
      - {alert: ErrorsHigh, expr: "live_errors_total > 5"}
      - {alert: InputMissing, expr: "never_exported_total > 5 and live_errors_total > 1"}
      - {record: "job:live:sum", expr: "sum(live_errors_total)"}
  - name: broken
    interval: 1s
    rules:
      - {alert: Unhealthy, expr: "live_errors_total * on () live_twice"}
"""
EXPOSED = 'live_latency_seconds 0.01\nlive_errors_total 0\nlive_twice{n="1"} 1\nlive_twice{n="2"} 2\n'


@dataclass(frozen=True)
class History:
    """One backfilled series: a value for each moment (None leaves a hole), `length` long, until `ends` before now."""

    series: str
    value: Callable[[timedelta], float | None]
    length: timedelta = timedelta(hours=3)
    ends: timedelta = timedelta(0)
    step: timedelta = timedelta(seconds=15)


def resolved(url: str, timeout_s: float = 5.0, **more: object) -> ResolvedSource:
    return ResolvedSource(key="metrics", kind="prometheus", url=url, timeout_s=timeout_s, **more)


def openmetrics(now: datetime, histories: list[History]) -> str:
    lines = []
    for name in sorted({h.series.partition("{")[0] for h in histories}):
        lines.append(f"# TYPE {name} gauge")
        for history in (h for h in histories if h.series.partition("{")[0] == name):
            lines += _samples(history, now)
    return "\n".join([*lines, "# EOF\n"])


def _samples(history: History, now: datetime) -> Iterator[str]:
    """Samples lie on a grid that ends exactly at now, so that ages are exact."""
    for back in range(math.floor(history.length / history.step), -1, -1):
        age = history.step * back
        value = history.value(age)
        if age >= history.ends and value is not None:
            yield f"{history.series} {value} {(now - age).timestamp():.3f}"


class Exposed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = EXPOSED.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running_prometheus(home: Path, history: str, target: str) -> Iterator[str]:
    """Run Prometheus over a backfilled history until the block ends; `target` is scraped as job `live`."""
    programs = programs_of(PROMETHEUS)
    (home / "rules.yml").write_text(RULES)
    (home / "history.om").write_text(history)
    write_configuration(home, {"live": target.removeprefix("http://")}, home / "rules.yml")
    load_openmetrics(programs["PROMTOOL_BIN"], home / "history.om", home)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = list(prometheus_command(programs["PROMETHEUS_BIN"], home, port))
    with running(command, lambda: answers_http(f"{url}/-/ready"), home / "log"):
        yield url
