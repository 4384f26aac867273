"""The policy version: the modules that decide, as one archive, so that every verdict names the rules it was made by."""

import io
import zipfile
from functools import cache
from pathlib import Path

from readiness import core
from readiness.core.canonical import digest_bytes

PACKAGE = "readiness"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


@cache
def policy_archive() -> bytes:
    """Give `readiness/core` as a zip file that is the same bytes wherever the same sources are packed."""
    return pack_policy(Path(core.__path__[0]))


@cache
def policy_digest() -> str:
    """Digest the archive of the rules in force."""
    return digest_bytes(policy_archive())


def pack_policy(folder: Path) -> bytes:
    """Pack the modules of a `core` folder: sorted, uncompressed, without times, importable as `readiness.core`."""
    sources = {f"{PACKAGE}/__init__.py": b""}
    sources |= {f"{PACKAGE}/core/{path.name}": path.read_bytes() for path in folder.glob("*.py")}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(sources):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system, member.external_attr = 3, _PLAIN_FILE
            archive.writestr(member, sources[name])
    return packed.getvalue()
