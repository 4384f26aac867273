"""The supervisor starts in order, restarts what ends, stops in the opposite order, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services_fixtures import wait_until

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start_stack(tmp_path: Path) -> Iterator[Start]:
    """Start the little stack and wait until it says that it is ready."""
    started: list[subprocess.Popen[str]] = []

    def start(behaviour: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.house.little_stack", str(tmp_path), behaviour]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    assert wait_until(lambda: not processes_with(str(tmp_path)), 5)


def processes_with(marker: str) -> list[int]:
    """Every process whose arguments contain the marker, zombies left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stops_on_a_signal_in_the_opposite_order_and_exits_0(start_stack: Start, tmp_path: Path, name: str) -> None:
    process = start_stack()
    assert wait_until((tmp_path / "last.up").exists, 5)
    process.send_signal(getattr(signal, name))
    assert process.wait(20) == 0
    assert (tmp_path / "ends").read_text().split() == ["last", "base"]
    assert processes_with(str(tmp_path)) == []


def test_leaves_no_orphan_when_it_is_killed(start_stack: Start, tmp_path: Path) -> None:
    process = start_stack()
    assert len(processes_with(str(tmp_path))) == 5  # itself, base, web, what web forked, last
    process.kill()
    process.wait()
    assert wait_until(lambda: not processes_with(str(tmp_path)), 5), processes_with(str(tmp_path))


def test_restarts_what_ends_and_says_so_with_its_last_words(start_stack: Start) -> None:
    process = start_stack("fragile")
    assert read_line(process) == "last ended with exit code 3; starting it again in 1 s.\n"
    assert read_line(process) == "  last | I have had enough\n"
    assert read_line(process) == "last ended with exit code 3; starting it again in 2 s.\n"


def test_kills_what_a_killed_part_had_forked_before_it_starts_it_again(start_stack: Start, tmp_path: Path) -> None:
    process = start_stack()
    servers = [pid for pid in processes_with(str(tmp_path)) if "HTTPServer" in arguments(pid)]
    web = next(pid for pid in servers if parent(pid) == process.pid)
    os.kill(web, signal.SIGKILL)
    assert read_line(process) == "web was killed by SIGKILL; starting it again in 1 s.\n"
    assert wait_until(lambda: len(processes_with(str(tmp_path))) == 5, 10)
    assert web not in processes_with(str(tmp_path))


def test_a_second_signal_does_not_wait_for_a_stubborn_part(start_stack: Start) -> None:
    process = start_stack("stubborn")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    asked_at = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert time.monotonic() - asked_at < 5


def arguments(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
