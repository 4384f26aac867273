"""One stack per data directory, one address per stack."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.probes import is_free

FIRST_PORT = 8000
PORTS_TRIED = 20


class AlreadyRunning(Exception):
    """Another stack serves this data directory; the text says where."""


class PortTaken(Exception):
    """The port is in use; the text says what to do."""


@contextmanager
def held_data_directory(data: Path, asked_port: int | None) -> Iterator[int]:
    """Keep the data directory for this process and choose the port of its pages.

    The directory is let go when the process ends, however it ends.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "running.json").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(running_sentence(data)) from None
        port = choose_web_port(asked_port)
        file.truncate(0)
        file.write(json.dumps({"process": os.getpid(), "address": address_of(port)}))
        file.flush()
        yield port


def running_sentence(data: Path) -> str:
    """Who holds the directory, and the two ways on."""
    try:
        holder = json.loads((data / "running.json").read_text())
        where = f"at {holder['address']} (process {holder['process']})"
    except (OSError, ValueError, KeyError):
        where = "in another process"
    return (
        f"Readiness already runs from {data}, {where}. Open that address, stop it with Ctrl-C where it was started, "
        "or start a second one beside it with its own directory: ./run --data DIR"
    )


def choose_web_port(asked: int | None) -> int:
    """The port asked for, else 8000 or the next free one."""
    if asked is not None:
        if not is_free(asked):
            raise PortTaken(f"Port {asked} is used by another program. Choose another one: ./run --port N")
        return asked
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(port):
            return port
    raise PortTaken(f"Ports {FIRST_PORT} to {port} are all in use. Choose one: ./run --port N")


def address_of(port: int) -> str:
    """The address to open; a name, because passkeys refuse numbers."""
    return f"http://localhost:{port}"
