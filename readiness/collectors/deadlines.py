"""Deadlines: cut a connection at a moment, however slowly the other side answers, each byte of it within a timeout.

One thread for the whole process looks at all that is open, ten times a second while there is any.
"""

import socket
import threading
import time
from contextlib import suppress
from itertools import count

LOOK_EVERY_S = 0.1
_numbers = count(1)
_open: dict[int, tuple[socket.socket, float]] = {}
_lock = threading.Lock()
_watching: list[threading.Thread] = []


def cut_later(opened: socket.socket, deadline: float) -> int:
    """Cut a connection when `time.monotonic()` has reached the deadline; `keep_open` takes it back by the number."""
    with _lock:
        number = next(_numbers)
        _open[number] = opened, deadline
        if not any(thread.is_alive() for thread in _watching):
            _watching[:] = [threading.Thread(target=_watch, name="deadlines", daemon=True)]
            _watching[0].start()
    return number


def keep_open(number: int) -> None:
    """Take back what `cut_later` was told."""
    with _lock:
        _open.pop(number, None)


def _watch() -> None:
    while True:
        time.sleep(LOOK_EVERY_S)
        with _lock:
            if not _open:
                _watching.clear()
                return
            now = time.monotonic()
            due = [number for number, (_, deadline) in _open.items() if deadline <= now]
            for number in due:
                _cut(_open.pop(number)[0])


def _cut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
