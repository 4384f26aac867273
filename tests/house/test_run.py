"""`manage.py run` with every real part: it says where it is, stops with 0, leaves nothing behind even when killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness.core.checkpoint import open_checkpoint, parse_note
from readiness.core.signatures import is_signed
from readiness.services.signer_files import read_signing_keys
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


class Runs:
    """Starts stacks on one data directory; at the end all are killed, and nothing of them may be left."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.started: list[Run] = []

    def start(self, *options: str, checkout: Path = ROOT, **environ: str) -> Run:
        """Start one and wait until it says where it is."""
        port, log, data = free_port(), self.home / f"said-{len(self.started)}", self.home / "data"
        kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
        environment = kept | programs_of(PROMETHEUS) | {"READINESS_DATA": str(data)} | environ
        command = [sys.executable, "manage.py", "run", "--port", str(port), *options]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=output, stderr=subprocess.STDOUT)
        self.started.append(run := Run(process, data, port, log))
        wait_until(lambda: "Ctrl-C" in run.said() or process.poll() is not None, 90)
        assert f"Readiness is at http://localhost:{port}" in run.said(), run.said()
        return run

    def end(self) -> None:
        """Kill the supervisors and look for what is left."""
        for run in self.started:
            run.process.kill()
            run.process.wait()
        for run in self.started:
            assert wait_until(lambda run=run: not run.processes(), 10), run.processes()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    yield (runs := Runs(tmp_path))
    runs.end()


@pytest.fixture(scope="module")
def empty_board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One stack without the demo, for the tests that leave it running."""
    runs = Runs(tmp_path_factory.mktemp("empty"))
    yield runs.start("--no-demo")
    runs.end()


def serves(run: Run) -> bool:
    return wait_until(lambda: answers_http(f"http://127.0.0.1:{run.port}/healthz"), 10)


def test_it_starts_stops_with_0_and_starts_again_on_the_same_ports(runs: Runs) -> None:
    run = runs.start()
    assert serves(run)
    lines = " ".join(run.processes().values())
    for part in ("valkey", "prometheus", "demo.service", "granian", "-Q default,gates", "-Q signer", " beat "):
        assert part in lines
    assert "Demo people" in run.said()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(40) == 0
    assert run.processes() == {}
    assert run.said().endswith("Stopped.\n")
    ports = json.loads((run.data / "ports.json").read_text())
    assert serves(runs.start())
    assert json.loads((run.data / "ports.json").read_text()) == ports


def test_nothing_is_left_when_the_supervisor_is_killed(runs: Runs) -> None:
    run = runs.start("--no-demo")
    lines = list(run.processes().values())
    assert sum("granian" in line for line in lines) >= 2
    assert any("valkey" in line for line in lines)
    run.process.kill()
    run.process.wait()
    assert wait_until(lambda: not run.processes(), 10), run.processes()


def test_a_killed_worker_is_started_again_and_said(empty_board: Run) -> None:
    (worker,) = workers(empty_board)
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: "worker was killed by SIGKILL; starting it again in 1 s." in empty_board.said(), 5)
    assert wait_until(lambda: bool(workers(empty_board) - {worker}), 10)


def workers(run: Run) -> set[int]:
    return {pid for pid, line in run.processes().items() if "-Q default,gates" in line}


def test_the_first_start_makes_a_key_tells_its_fingerprint_and_signs_the_record(empty_board: Run) -> None:
    line = next(line for line in empty_board.said().splitlines() if "Fingerprint of its key: " in line)
    keys, checkpoint = (empty_board.data / "signer" / name for name in ("keys", "checkpoint"))
    assert keys.stat().st_mode & 0o777 == 0o600
    key = read_signing_keys(keys)[-1].verifier
    assert line.endswith(key.fingerprint)
    assert wait_until(checkpoint.exists, 60)
    found = open_checkpoint(checkpoint.read_bytes(), "localhost/audit/1", [key], is_signed)
    assert found.size >= 1


def test_a_killed_signer_is_started_again_and_signs_on(empty_board: Run) -> None:
    checkpoint = empty_board.data / "signer" / "checkpoint"
    assert wait_until(checkpoint.exists, 60)
    before = checkpoint.read_bytes()
    (signer,) = signers(empty_board)
    os.kill(signer, signal.SIGKILL)
    assert wait_until(lambda: "signer was killed by SIGKILL; starting it again in 1 s." in empty_board.said(), 5)
    command = [sys.executable, "manage.py", "audit_key", "rotate"]
    environment = os.environ | {"READINESS_DATA": str(empty_board.data)}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=True)
    assert wait_until(lambda: checkpoint.read_bytes() != before, 60)
    assert len(parse_note(checkpoint.read_bytes()).signatures) == 2
    assert signers(empty_board) - {signer}


def signers(run: Run) -> set[int]:
    return {pid for pid, line in run.processes().items() if "-Q signer" in line}


def test_a_second_run_on_the_same_data_says_where_the_first_one_is(empty_board: Run) -> None:
    command = [sys.executable, "manage.py", "run", "--no-demo"]
    environment = os.environ | {"READINESS_DATA": str(empty_board.data)}
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    where = f"at http://localhost:{empty_board.port} (process {empty_board.process.pid})"
    assert f"Readiness already runs from {empty_board.data}, {where}" in second.stderr
    assert "Traceback" not in second.stderr


def test_without_the_demo_a_link_makes_the_first_administrator(empty_board: Run) -> None:
    line = empty_board.said().split("first administrator")[1].splitlines()[0]
    assert f"http://localhost:{empty_board.port}/" in line


def test_without_prometheus_it_still_starts_and_says_how_to_get_one(runs: Runs, tmp_path: Path) -> None:
    checkout = copy_of_the_product(tmp_path / "checkout")
    nothing = {"PATH": str(tmp_path), "PROMETHEUS_BIN": "", "PROMTOOL_BIN": ""}
    run = runs.start("--no-demo", checkout=checkout, **nothing)
    assert "what is unknown is NO-GO. Prometheus is missing. Install it (Debian: apt-get" in run.said()
    assert serves(run)


def copy_of_the_product(target: Path) -> Path:
    """A checkout into which no Prometheus was ever fetched."""
    target.mkdir()
    shutil.copy(ROOT / "manage.py", target)
    for part in ("readiness", "demo", "tools", "templates", "static", "plans"):
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
    return target
