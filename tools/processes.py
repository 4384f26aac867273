"""One supervised process: in a group of its own, tied to the supervisor's life, stopped with its whole group."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LARGEST_LOG_BYTES = 20_000_000
# A part that stayed up this long has recovered: its next end is a first one again.
STEADY_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Part:
    """What to start: its command, what must be ready before it, how it says that it is ready, how long it may stop."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    after: tuple[str, ...] = ()
    grace_seconds: float = 10.0


@dataclass
class Child:
    """A part's process, now and after every restart. Times are of the monotonic clock."""

    part: Part
    log: Path
    process: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    started_at: float = 0.0
    start_again_at: float = 0.0
    ends: int = field(default=0)

    def start(self, environment: Mapping[str, str], directory: Path) -> None:
        """Start the process; its output goes to its own log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.part.command,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # safe: the supervisor has one thread
            )
        self.started_at = time.monotonic()
        self.is_ready = False

    def has_ended(self) -> bool:
        """Whether the process was started and is gone."""
        return self.process is not None and self.process.poll() is not None

    def is_running(self) -> bool:
        """Whether the process was started and is there."""
        return self.process is not None and self.process.poll() is None

    def bury(self) -> str:
        """Take leave of an ended process: kill what its group left behind, set the next start, say what happened."""
        self.kill()
        code = self.process.returncode if self.process else 0
        self.process, self.is_ready = None, False
        lived = time.monotonic() - self.started_at
        self.ends = 1 if lived > STEADY_SECONDS else self.ends + 1
        wait = min(2.0 ** (self.ends - 1), LONGEST_WAIT_SECONDS)
        self.start_again_at = time.monotonic() + wait
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{self.part.name} {how}; starting it again in {wait:g} s."

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process itself, which stops its own children in its own way."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def kill(self) -> None:
        """Kill the whole group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def shorten_log(self) -> None:
        """Keep one earlier log and start the next, without the process noticing: it appends."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def last_words(self, lines: int = 3) -> list[str]:
        """The end of its log, each line under its name."""
        text = self.log.read_bytes()[-4000:].decode(errors="replace") if self.log.exists() else ""
        return [f"  {self.part.name} | {line}" for line in text.splitlines()[-lines:]]


def start_guard(script: Path) -> subprocess.Popen[str]:
    """Start the process that ends every group when the supervisor is gone."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
        bufsize=1,
    )


def _load_prctl() -> Callable[[int, int], int] | None:
    """Linux's prctl, looked up before any fork."""
    if not sys.platform.startswith("linux"):
        return None
    function: Callable[[int, int], int] = ctypes.CDLL(None, use_errno=True).prctl
    return function


_prctl = _load_prctl()


def _die_with_parent() -> None:
    """Between fork and exec: ask Linux to kill this process when the supervisor ends."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
