"""What the signer keeps outside the database: its keys, and the last checkpoint it signed. Only it opens these files.

Both are written whole or not at all, and are on the disk before anything else happens.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from readiness.core.checkpoint import BadNote
from readiness.core.signing import SEED_BYTES, SigningKey, parse_signing_key, write_signing_key

OTHERS = 0o077


class SignerTrouble(Exception):
    """The signer cannot sign; the message says why, and what to do."""


class KeyMissing(SignerTrouble):
    """There is no key."""


@dataclass(frozen=True, slots=True)
class SignerFiles:
    """Where the signer keeps its keys (a line each, the newest first) and the last note that it signed."""

    keys: Path
    head: Path

    @property
    def next_keys(self) -> Path:
        """Where keys wait until the record tells of them."""
        return self.keys.with_name(f"{self.keys.name}.next")


def read_signing_keys(path: Path) -> tuple[SigningKey, ...]:
    """Read the keys, the newest first. Raises KeyMissing, and SignerTrouble for a file that others may read."""
    try:
        with path.open() as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            if mode & OTHERS:
                raise SignerTrouble(
                    f"The key file {path} has the permissions {mode:o}, so that others may read it. "
                    f"Only its owner may; run: chmod 600 {path}"
                )
            return tuple(parse_signing_key(line) for line in file.read().splitlines() if line)
    except FileNotFoundError:
        raise KeyMissing(f"There is no key file {path}. Make a key: manage.py audit_key create") from None
    except (OSError, UnicodeDecodeError, BadNote) as problem:
        raise SignerTrouble(f"The key file {path} cannot be used: {problem}") from None


def keys_text(keys: tuple[SigningKey, ...]) -> str:
    """Write keys as the lines of a key file."""
    return "".join(write_signing_key(key) for key in keys)


def fresh_key(origin: str) -> SigningKey:
    """Make a key that signs under this name."""
    return SigningKey(origin, secrets.token_bytes(SEED_BYTES))


def read_head(path: Path) -> bytes | None:
    """Read the last note that was signed; None when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise SignerTrouble(f"The signer’s last checkpoint, {path}, cannot be read: {problem}") from None


def write_private(path: Path, data: bytes) -> None:
    """Replace a file by these bytes, for the owner's eyes alone; when this returns they are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.writing")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    replace_file(fresh, path)


def replace_file(fresh: Path, path: Path) -> None:
    """Put a file in the place of another, and wait until the directory is on the disk."""
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def only_signer(files: SignerFiles) -> Iterator[None]:
    """Keep the files for one process; another one waits. The lock goes with the process, however it ends."""
    try:
        files.keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = files.keys.with_name(f"{files.keys.name}.lock").open("w")
    except OSError as problem:
        raise SignerTrouble(f"The signer’s directory {files.keys.parent} cannot be used: {problem}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
