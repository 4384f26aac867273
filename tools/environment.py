"""The Python environment in .venv: made once, filled from locked requirements, left alone while it fits."""

import fcntl
import hashlib
import importlib.util
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class CannotPrepare(Exception):
    """Something this machine lacks; the text says what it is and how to get it."""


def ensure_environment(root: Path, locks: Sequence[str]) -> Path:
    """Make .venv fit the lock files (paths below `root`) and return its Python; an unchanged one costs milliseconds."""
    venv = root / ".venv"
    python = venv / "bin" / "python"
    stamp = venv / "readiness-stamp"
    written = stamp.read_text().splitlines() if stamp.is_file() else [str(venv)]
    # Programs in an environment name its place: one that was moved or copied here is made anew.
    found = describe_python(python, venv) if str(venv) in written else None
    version = found or create_venv(venv, python)
    needed = {stamp_of(root / lock, version) for lock in locks}
    if needed <= set(written):
        return python
    stamp.unlink(missing_ok=True)
    install(root, python, locks)
    stamp.write_text("\n".join([str(venv), *sorted(needed)]) + "\n")
    return python


def stamp_of(lock: Path, python: str) -> str:
    """Digest of a lock file and of the Python it was installed for."""
    return hashlib.sha256(lock.read_bytes() + python.encode()).hexdigest()


def describe_python(python: Path, venv: Path) -> str | None:
    """Version of the environment's Python; None when it is missing, broken or not this environment's."""
    script = "import sys; print(sys.prefix, sys.version.split()[0])"
    try:
        done = subprocess.run([python, "-I", "-c", script], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    prefix, _, version = done.stdout.strip().rpartition(" ")
    return version if Path(prefix) == venv else None


def create_venv(venv: Path, python: Path) -> str:
    """Make an empty environment; without ensurepip this Python's pip fills it; without both we name the package."""
    print("Making the Python environment in .venv …", flush=True)
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not has_ensurepip and importlib.util.find_spec("pip") is None:
        raise CannotPrepare(
            f"Python {sys.version.split()[0]} at {sys.executable} cannot make environments: its venv package is "
            "missing. On Debian or Ubuntu install it with: apt-get install python3-venv"
        )
    options = [] if has_ensurepip else ["--without-pip"]
    must([sys.executable, "-m", "venv", "--clear", *options, str(venv)], "The Python environment could not be made")
    found = describe_python(python, venv)
    if found is None:
        raise CannotPrepare(f"The environment in {venv} does not start. Remove that directory and try again.")
    return found


def install(root: Path, python: Path, locks: Sequence[str]) -> None:
    """Install the locked packages with uv, which pip fetches by name; where uv has no build, pip does it all."""
    print(f"Installing {' and '.join(locks)} …", flush=True)
    files = [word for lock in locks for word in ("-r", str(root / lock))]
    pip = pip_command(python)
    with_uv = subprocess.run([*pip, "install", "--quiet", "--require-hashes", "-r", str(root / "tools" / "uv.txt")])
    if with_uv.returncode == 0:
        uv = [str(python.with_name("uv")), "pip", "install", "--python", str(python), "--compile-bytecode", "--quiet"]
        must([*uv, "--require-hashes", *files], "The packages could not be installed")
        return
    must([*pip, "install", "--quiet", "--require-hashes", *files], "The packages could not be installed")


def pip_command(python: Path) -> list[str]:
    """The environment's own pip, else this Python's pip working on the environment."""
    if any(python.parent.parent.glob("lib/python*/site-packages/pip")):
        return [str(python), "-m", "pip", "--disable-pip-version-check"]
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]


def must(command: Sequence[str], failure: str) -> None:
    """Run a command whose own output explains itself; say what failed when it does."""
    done = subprocess.run(command)
    if done.returncode != 0:
        raise CannotPrepare(f"{failure}: {command[0]} ended with {done.returncode}; its message is above.")


def settle_environment(root: Path) -> None:
    """Give installers and browsers what they rely on: a home that can be written, and bytecode that is kept."""
    os.environ.pop("PYTHONPATH", None)
    os.environ.pop("PYTHONHOME", None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if Path(ssl.get_default_verify_paths().openssl_cafile).exists() or Path("/etc/ssl/certs").is_dir():
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")  # an organisation's own authority is known to the system alone
    home = os.environ.get("HOME", "")
    if not (home and os.path.isdir(home) and os.access(home, os.W_OK)):
        own = root / ".local" / "home"
        own.mkdir(parents=True, exist_ok=True)
        os.environ["HOME"] = str(own)


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Keep two commands from preparing the same checkout at once."""
    local = root / ".local"
    local.mkdir(exist_ok=True)
    with (local / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
