"""The policy version: a digest of the modules that decide, so that every verdict names the rules it was made by."""

from functools import cache
from pathlib import Path

from readiness import core
from readiness.core.canonical import digest_of


@cache
def policy_digest() -> str:
    """Digest the sources of `readiness/core`, by file name."""
    folder = Path(core.__path__[0])
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    return digest_of(dict(sources))
