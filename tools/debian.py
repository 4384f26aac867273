"""Debian packages without root and without touching the system: fetched with private state, unpacked below .local."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.environment import CannotPrepare

LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu")


def fetch_debian_packages(local: Path, names: Sequence[str]) -> Path:
    """Download the named packages, unpack them into `local`/debian/<first name> and return that directory.

    The directory appears whole or not at all: an interrupted fetch leaves no half program behind.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise CannotPrepare(f"{', '.join(names)} cannot be fetched: this system has no apt-get.")
    root, work = local / "debian" / names[0], local / "apt"
    shutil.rmtree(work, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    for part in ("lists/partial", "cache/archives/partial", "debs", "root"):
        (work / part).mkdir(parents=True)
    apt = ["apt-get", "-qq", *private_state(work)]
    _run([*apt, "update"], work)
    _run([*apt, "download", *names], work / "debs")
    for package in sorted((work / "debs").glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(work / "root")], work)
    shutil.rmtree(root, ignore_errors=True)
    (work / "root").rename(root)
    shutil.rmtree(work)
    return root


def private_state(work: Path) -> list[str]:
    """Options that keep apt's lists and cache to ourselves, so that no right to the system's is needed."""
    options = {
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
    }
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def write_wrapper(path: Path, program: Path, environment: dict[str, str]) -> Path:
    """Write a script that starts an unpacked program with the libraries that came with it."""
    settings = "".join(f"{name}='{value}' " for name, value in environment.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{settings}exec '{program}' \"$@\"\n")
    path.chmod(0o755)
    return path


def library_path(root: Path) -> str:
    """The unpacked packages' library directories, for LD_LIBRARY_PATH."""
    return ":".join(str(root / part) for part in LIBRARIES if (root / part).is_dir())


def _run(command: Sequence[str], directory: Path) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotPrepare(f"{command[0]} {command[-1]} failed: {done.stderr.strip() or done.stdout.strip()}")
