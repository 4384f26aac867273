"""Keep processes running: start them in order, restart what ends, stop in the opposite order, leave nothing behind."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from tools.processes import Child, Part, start_guard

GUARD = Path(__file__).with_name("guard.py")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_WITHIN_SECONDS = 60.0
LOG_CHECK_SECONDS = 60.0


class Supervisor:
    """Runs parts until it is asked to stop. It never raises for a part: it says what happened and tries again."""

    def __init__(
        self,
        parts: Sequence[Part],
        environment: Mapping[str, str],
        directory: Path,
        logs: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.children = {part.name: Child(part, logs / f"{part.name}.log") for part in parts}
        self.environment = environment
        self.directory = directory
        self.say = say
        self.stop_requests = 0
        self.guard: subprocess.Popen[str] | None = None

    def run(self, on_ready: Callable[[], None]) -> int:
        """Supervise until SIGINT, SIGTERM or SIGHUP; call `on_ready` once when every part was ready. Returns 0."""
        before = {name: signal.signal(name, self._note_signal) for name in SIGNALS}
        self.guard = start_guard(GUARD)
        try:
            self._supervise(on_ready)
            self.stop()
        finally:
            self._kill_all()
            for name, handler in before.items():
                signal.signal(name, handler)
        return 0

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1

    def _supervise(self, on_ready: Callable[[], None]) -> None:
        began_at = checked_at = time.monotonic()
        was_ready = warned = False
        while not self.stop_requests:
            self._step()
            now = time.monotonic()
            if not was_ready and all(child.is_ready for child in self.children.values()):
                was_ready = True
                on_ready()
            if not was_ready and not warned and now - began_at > READY_WITHIN_SECONDS:
                warned = True
                self._say_what_is_not_ready()
            if now - checked_at > LOG_CHECK_SECONDS:
                checked_at = now
                self._shorten_logs()
            time.sleep(0.2 if was_ready else 0.02)

    def _step(self) -> None:
        """Look at every part once: bury what ended, start what may start, ask what started whether it is ready."""
        for child in self.children.values():
            if child.has_ended():
                self._bury(child)
            if child.process is None and self._may_start(child):
                self._start(child)
            elif child.process is not None and not child.is_ready:
                child.is_ready = child.part.is_ready()

    def _may_start(self, child: Child) -> bool:
        rested = time.monotonic() >= child.start_again_at
        return rested and all(self.children[name].is_ready for name in child.part.after)

    def _start(self, child: Child) -> None:
        try:
            child.start(self.environment, self.directory)
        except OSError as fact:
            child.start_again_at = time.monotonic() + 5.0
            self.say(f"{child.part.name} cannot be started: {fact}. Trying again in 5 s.")
            return
        self._tell_guard("+", child)

    def _bury(self, child: Child) -> None:
        self._tell_guard("-", child)
        self.say(child.bury())
        for line in child.last_words():
            self.say(line)

    def _say_what_is_not_ready(self) -> None:
        for child in self.children.values():
            if not child.is_ready:
                self.say(f"{child.part.name} is not ready after {READY_WITHIN_SECONDS:g} s; its log is {child.log}.")

    def _shorten_logs(self) -> None:
        for child in self.children.values():
            child.shorten_log()

    def stop(self) -> None:
        """Stop the last part first; who asks a second time does not wait for graceful ends."""
        for child in reversed(self.children.values()):
            child.ask_to_stop()
            deadline = time.monotonic() + child.part.grace_seconds
            while child.is_running() and time.monotonic() < deadline and self.stop_requests < 2:
                time.sleep(0.02)
            self._end(child)

    def _end(self, child: Child) -> None:
        """Kill what is left of a part's group and wait for it."""
        child.kill()
        if child.process is not None:
            child.process.wait()
            self._tell_guard("-", child)
            child.process = None

    def _kill_all(self) -> None:
        for child in self.children.values():
            self._end(child)
        if self.guard is not None and self.guard.stdin is not None:
            with suppress(BrokenPipeError):
                self.guard.stdin.close()
            self.guard.wait()

    def _tell_guard(self, sign: str, child: Child) -> None:
        if self.guard is None or self.guard.stdin is None or child.process is None:
            return
        with suppress(BrokenPipeError):
            self.guard.stdin.write(f"{sign}{child.process.pid}\n")
            self.guard.stdin.flush()
