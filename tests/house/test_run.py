"""`manage.py run` with every real part: it says where it is, stops with 0, leaves nothing behind even when killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services_fixtures import programs_of, wait_until
from tools.probes import answers_http, free_port
from tools.services import PROMETHEUS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.services


@dataclass(frozen=True)
class Run:
    """A running `manage.py run`."""

    process: subprocess.Popen[bytes]
    data: Path
    port: int
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def processes(self) -> dict[int, str]:
        """Every process of this stack with its command line.

        It is known by its environment, or by its working directory: Valkey writes its title over its environment.
        """
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                environment = (path / "environ").read_bytes().split(b"\0")
                is_at_home = (path / "cwd").readlink().is_relative_to(self.data)
                if is_at_home or f"READINESS_DATA={self.data}".encode() in environment:
                    found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found


StartRun = Callable[..., Run]


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[StartRun]:
    """Start it and wait until it says where it is."""
    runs: list[Run] = []

    def start(*options: str, checkout: Path = ROOT, **environ: str) -> Run:
        port, log = free_port(), tmp_path / f"said-{len(runs)}"
        data = tmp_path / "data"
        kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
        environment = kept | programs_of(PROMETHEUS) | {"READINESS_DATA": str(data)} | environ
        command = [sys.executable, "manage.py", "run", "--port", str(port), *options]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=output, stderr=subprocess.STDOUT)
        runs.append(run := Run(process, data, port, log))
        wait_until(lambda: "Ctrl-C" in run.said() or process.poll() is not None, 90)
        assert f"Readiness is at http://localhost:{port}" in run.said(), run.said()
        return run

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()
    for run in runs:
        assert wait_until(lambda run=run: not run.processes(), 10), run.processes()


def test_it_starts_says_where_it_is_and_stops_with_0(start_run: StartRun) -> None:
    run = start_run()
    assert wait_until(lambda: answers_http(f"http://127.0.0.1:{run.port}/healthz"), 10)
    lines = " ".join(run.processes().values())
    for part in ("valkey", "prometheus", "demo.service", "granian", " worker ", " beat "):
        assert part in lines
    assert "Demo people" in run.said()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(40) == 0
    assert run.processes() == {}
    assert run.said().endswith("Stopped.\n")


def test_nothing_is_left_when_the_supervisor_is_killed(start_run: StartRun) -> None:
    run = start_run("--no-demo")
    lines = list(run.processes().values())
    assert sum("granian" in line for line in lines) >= 2
    assert any("valkey" in line for line in lines)
    run.process.kill()
    run.process.wait()
    assert wait_until(lambda: not run.processes(), 10), run.processes()


def test_a_killed_worker_is_started_again_and_said(start_run: StartRun) -> None:
    run = start_run("--no-demo")
    worker = next(pid for pid, line in run.processes().items() if " worker " in line)
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: "worker was killed by SIGKILL; starting it again in 1 s." in run.said(), 5)
    assert wait_until(lambda: any(" worker " in line for pid, line in run.processes().items() if pid != worker), 10)


def test_a_second_run_on_the_same_data_says_where_the_first_one_is(start_run: StartRun) -> None:
    run = start_run("--no-demo")
    command = [sys.executable, "manage.py", "run", "--no-demo"]
    environment = os.environ | {"READINESS_DATA": str(run.data)}
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert f"Readiness already runs from {run.data}, at http://localhost:{run.port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_without_prometheus_it_still_starts_and_says_how_to_get_one(start_run: StartRun, tmp_path: Path) -> None:
    checkout = copy_of_the_product(tmp_path / "checkout")
    nothing = {"PATH": str(tmp_path), "PROMETHEUS_BIN": "", "PROMTOOL_BIN": ""}
    run = start_run("--no-demo", checkout=checkout, **nothing)
    assert "what is unknown is NO-GO. Prometheus is missing. Install it (Debian: apt-get" in run.said()
    assert wait_until(lambda: answers_http(f"http://127.0.0.1:{run.port}/healthz"), 10)


def copy_of_the_product(target: Path) -> Path:
    """A checkout into which no Prometheus was ever fetched."""
    target.mkdir()
    shutil.copy(ROOT / "manage.py", target)
    for part in ("readiness", "demo", "tools", "templates", "static", "plans"):
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_without_the_demo_a_link_makes_the_first_administrator(start_run: StartRun) -> None:
    run = start_run("--no-demo")
    assert f"http://localhost:{run.port}/" in run.said().split("first administrator")[1].splitlines()[0]


def test_the_second_start_is_warm_and_keeps_its_ports(start_run: StartRun) -> None:
    first = start_run()
    ports = json.loads((first.data / "ports.json").read_text())
    first.process.terminate()
    assert first.process.wait(40) == 0
    began_at = time.monotonic()
    second = start_run()
    assert json.loads((second.data / "ports.json").read_text()) == ports
    assert time.monotonic() - began_at < 30
