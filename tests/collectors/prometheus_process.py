"""A real Prometheus for tests: history backfilled by promtool, a tiny service to scrape, rules to evaluate."""

import math
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import requests

from readiness.collectors.sources import ResolvedSource

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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def binary(variable: str, name: str) -> str:
    found = os.environ.get(variable) or shutil.which(name)
    assert found, f"{name} is needed: set {variable} or install the package prometheus"
    return found


def backfill(folder: Path, now: datetime, histories: list[History]) -> None:
    lines = []
    for name in sorted({h.series.partition("{")[0] for h in histories}):
        lines.append(f"# TYPE {name} gauge")
        for history in (h for h in histories if h.series.partition("{")[0] == name):
            lines += _samples(history, now)
    text = folder / "history.om"
    text.write_text("\n".join([*lines, "# EOF\n"]))
    promtool = binary("PROMTOOL_BIN", "promtool")
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True)


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
def running_prometheus(folder: Path, target: str = "") -> Iterator[str]:
    """Run Prometheus over `folder`/data until the block ends; `target` is scraped each second as job `live`."""
    (folder / "rules.yml").write_text(RULES)
    scrapes = (
        [{"job_name": "live", "static_configs": [{"targets": [target.removeprefix("http://")]}]}] if target else []
    )
    config = {"global": {"scrape_interval": "1s"}, "rule_files": ["rules.yml"], "scrape_configs": scrapes}
    (folder / "prometheus.yml").write_text(repr(config).replace("'", '"'))
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        binary("PROMETHEUS_BIN", "prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_ready(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/-/ready", timeout=1).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise TimeoutError("Prometheus did not become ready")
