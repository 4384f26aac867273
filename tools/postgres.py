"""A throw-away PostgreSQL for tests. Root runs it as `nobody`, because PostgreSQL refuses root."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.probes import free_port

SECONDS_TO_START = 20.0
# What a crash would cost is nothing here, so nothing waits for the disk.
QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")


class DidNotStart(Exception):
    """PostgreSQL ended or stayed silent; its log follows."""


@contextmanager
def running_postgres(binaries: Path, home: Path) -> Iterator[str]:
    """Run an empty server below `home`, an empty directory of ours, and give its `postgresql://` address."""
    user, port = "nobody" if os.geteuid() == 0 else None, free_port()
    if user is not None:
        binaries = readable_binaries(binaries, home)
        open_to(user, home)
    data, log = home / "data", home / "log"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "readiness", "-A", "trust", "--locale=C", "-E", "UTF8"]
    subprocess.run([*initdb, "-N"], check=True, capture_output=True, cwd=home, user=user)
    listen = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    command = [str(binaries / "postgres"), "-D", str(data), *listen, *QUICK]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=home, user=user)
    try:
        wait_until_ready(process, log)
        yield f"postgresql://readiness@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the line that says so; a port would answer too early."""
    deadline = time.monotonic() + SECONDS_TO_START
    while b"ready to accept connections" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(log.read_text(errors="replace")[-2000:])
        time.sleep(0.02)


def readable_binaries(binaries: Path, home: Path) -> Path:
    """A copy that `nobody` can reach, when they come from a wheel in a private place; its libraries come along."""
    if "site-packages" not in binaries.parts:
        return binaries
    package = next(path for path in binaries.parents if path.parent.name == "site-packages")
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, home / part.name, symlinks=True)
    return home / binaries.relative_to(package.parent)


def open_to(user: str, home: Path) -> None:
    """Give our temporary directory to another user, and let it walk there."""
    os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    shared = Path(tempfile.gettempdir())
    for path in home.parents:
        if path.is_relative_to(shared) and path != shared:
            path.chmod(0o755)
