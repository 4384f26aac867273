"""The simulated service: `python -m demo.service --port N [--state FILE]`. It says on its first page what it is.

GET /metrics (all, or ?service=engram|checkout), /health, /fault; POST /fault/latency?ms=, /fault/errors?rate=,
/fault/reset, each for one cohort with &cohort=canary.
"""

import argparse
import json
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from demo.metrics import LiveMetrics, checkout_metrics, engram_metrics
from demo.simulation import Simulation, restore_state, save_state
from demo.traffic import COHORTS

HIGHEST_LATENCY_MS = 60_000.0
INDEX = (Path(__file__).parent / "index.html").read_text(encoding="utf-8")


class RefusedFault(ValueError):
    """A fault that was asked for in a way the service does not know; the text says what is allowed."""


class SimulatedService:
    """The simulation, its clock and its lock; every request moves it to the present first."""

    def __init__(self, state: Path | None) -> None:
        self.state = state
        self.lock = threading.Lock()
        self.simulation = restore_state(state, time.time()) if state else Simulation(time.time(), time.time())
        self.registries = {
            "engram": registry_of(LiveMetrics(engram_metrics, self.simulation)),
            "checkout": registry_of(LiveMetrics(checkout_metrics, self.simulation)),
        }

    def exposition(self, services: list[str]) -> bytes:
        """The metrics of the named services, now; the state is kept before it is shown, so that it never falls back."""
        with self.lock:
            self.simulation.advance_to(time.time())
            self.keep()
            return b"".join(generate_latest(self.registries[name]) for name in services)

    def inject(self, kind: str, query: dict[str, list[str]]) -> None:
        """Put a fault in force, or take all back."""
        with self.lock:
            self.simulation.advance_to(time.time())
            if kind == "latency":
                self.simulation.set_latency(number(query, "ms", HIGHEST_LATENCY_MS), cohorts(query))
            elif kind == "errors":
                self.simulation.set_errors(number(query, "rate", 1.0), cohorts(query))
            elif kind == "reset":
                self.simulation.heal()
            else:
                raise RefusedFault(f"There is no fault {kind!r}; there are latency, errors and reset.")

    def faults(self) -> dict[str, object]:
        """What is in force."""
        return {"latency_ms": self.simulation.faults.latency_ms, "error_rate": self.simulation.faults.error_rate}

    def keep(self) -> None:
        """Save the state where the next start finds it."""
        if self.state:
            save_state(self.simulation, self.state)


def registry_of(collector: LiveMetrics) -> CollectorRegistry:
    """A registry with one collector."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return registry


def number(query: dict[str, list[str]], name: str, highest: float) -> float:
    """A number from 0 to `highest` out of the query string."""
    raw = query.get(name, [""])[0]
    try:
        value = float(raw)
    except ValueError:
        value = -1.0
    if not 0 <= value <= highest:
        raise RefusedFault(f"{name} is {raw!r}; it must be a number from 0 to {highest:g}.")
    return value


def cohorts(query: dict[str, list[str]]) -> tuple[str, ...]:
    """The one cohort asked for, else all."""
    asked = query.get("cohort", [])
    if not set(asked) <= set(COHORTS):
        raise RefusedFault(f"cohort is {asked[0]!r}; it must be one of {', '.join(COHORTS)}.")
    return tuple(asked) or COHORTS


class Handler(BaseHTTPRequestHandler):
    """Requests to the one service of this process."""

    service: SimulatedService
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pages that change nothing."""
        url = urlsplit(self.path)
        names = parse_qs(url.query).get("service", list(self.service.registries))
        if url.path == "/metrics" and set(names) <= set(self.service.registries):
            self.answer(200, CONTENT_TYPE_PLAIN_0_0_4, self.service.exposition(names))
        elif url.path == "/health":
            self.answer_json(200, {"status": "ok", "simulated": True})
        elif url.path.split("/")[1] == "fault":
            self.answer_json(200, self.service.faults())
        elif url.path == "/":
            self.answer(200, "text/html; charset=utf-8", INDEX.encode())
        else:
            self.answer_json(404, {"found": f"nothing at {url.path}"})

    def do_POST(self) -> None:
        """Faults."""
        url = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not url.path.startswith("/fault/"):
            return self.answer_json(404, {"found": f"nothing at {url.path}"})
        try:
            self.service.inject(url.path.removeprefix("/fault/"), parse_qs(url.query))
        except RefusedFault as fact:
            return self.answer_json(400, {"refused": str(fact)})
        return self.answer_json(200, self.service.faults())

    def answer_json(self, status: int, body: dict[str, object]) -> None:
        """Answer with JSON."""
        self.answer(status, "application/json", json.dumps(body).encode() + b"\n")

    def answer(self, status: int, content_type: str, body: bytes) -> None:
        """Answer."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Scrapes are not worth a line; faults are."""
        if self.command == "POST":
            sys.stderr.write(f"{self.log_date_time_string()} {format % args}\n")


def serve(port: int, state: Path | None) -> None:
    """Serve on the loopback address until SIGTERM or Ctrl-C."""
    Handler.service = SimulatedService(state)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    with Handler.service.lock:
        Handler.service.keep()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description="A simulated service with real metrics.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="file that lets the next start go on where this one ended")
    options = parser.parse_args()
    serve(options.port, options.state)


if __name__ == "__main__":
    main()
