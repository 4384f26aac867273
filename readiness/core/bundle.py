"""The bundle: the record as files that anybody can check without us, and what its manifest says of them.

Names of files are plain: lower-case letters, digits, dots, dashes, underscores, parted by slashes. Whoever reads a
bundle refuses every other name before it opens anything.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from readiness.core.codec import Plain
from readiness.core.strict import NotCanonical, parse_canonical

T = TypeVar("T")
FORMAT = "readiness-audit-bundle/1"
MANIFEST, ENTRIES, KEYS, CHECKPOINT, README = "manifest.json", "entries.jsonl", "keys.txt", "checkpoint", "README.txt"
REPORT, SIGN_OFFS, VERIFIER = "report.html", "sign-offs.csv", "verify.pyz"
CHECKPOINTS, PROOFS, STATEMENTS, EVIDENCE = "checkpoints/", "proofs/", "statements/sha256/", "evidence/sha256/"
TILES = "tile/"
PROOF_ENDING = ".tlog-proof"
MAX_NAME = 200
MAX_MANIFEST_BYTES = 512_000_000
MAX_SIZE = 2**53 - 1
_NAME = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadBundle(ValueError):
    """This is no bundle, or none that can be read without danger; the message says what was found."""


class Files(Protocol):
    """The files of a bundle, however they are kept."""

    def names(self) -> frozenset[str]:
        """Name every file."""
        ...

    def read(self, name: str, limit: int) -> bytes:
        """Give a file; raise BadBundle when it has more bytes than the limit."""
        ...

    def lines(self, name: str, limit: int) -> Iterator[bytes]:
        """Give each line without its end; raise BadBundle for a longer one, and for a last one without an end."""
        ...

    def measure(self, name: str) -> "Measured":
        """Give the digest and the length of a file."""
        ...


@dataclass(frozen=True, slots=True)
class Measured:
    """The SHA-256 of a file in hex, and how many bytes it has."""

    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself. `wanted` is the filter in words, empty for all entries; `root` is in hex.

    `absent` says of digests that entries name why their bytes are not here.

    `entries` of the `size` entries of the log are in it. `newer` entries were left out because nothing signs them yet.
    """

    log: str
    size: int
    root: str
    entries: int
    signed: bool
    made_at: str
    newer: int = 0
    wanted: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Measured] = field(default_factory=dict)


def is_plain_name(name: str) -> bool:
    """Say whether a file of a bundle may be called so: no way up, no way out, nothing hidden."""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None and ".." not in name


def proof_name(seq: int) -> str:
    """Name the file that proves an entry."""
    return f"{PROOFS}{seq}{PROOF_ENDING}"


def digest_name(folder: str, digest: str) -> str:
    """Name the file of bytes that are kept under their digest."""
    return folder + digest.removeprefix("sha256:")


def manifest_lines(manifest: Manifest, files: Iterable[tuple[str, Measured]]) -> Iterator[str]:
    """Write a manifest, one file a line, without holding them all."""
    head = {
        "format": FORMAT,
        "log": manifest.log,
        "size": manifest.size,
        "root": manifest.root,
        "entries": manifest.entries,
        "signed": manifest.signed,
        "newer": manifest.newer,
        "filter": dict(manifest.wanted),
        "absent": dict(manifest.absent),
        "made_at": manifest.made_at,
    }
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "files": {'
    lead = "\n"
    for name, found in files:
        yield f'{lead}  {json.dumps(name)}: {{"sha256": "{found.sha256}", "bytes": {found.length}}}'
        lead = ",\n"
    yield "\n }\n}\n"


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest. Raises BadBundle."""
    try:
        body = parse_canonical(data)
    except NotCanonical as problem:
        raise BadBundle(f"{MANIFEST} cannot be read: {problem}.") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise BadBundle(f"{MANIFEST} does not say that this is a bundle of the format {FORMAT}.")
    wanted, absent = _part(body, "filter", dict), _part(body, "absent", dict)
    found = Manifest(
        log=_part(body, "log", str),
        size=_count(body, "size"),
        root=_digest(body, "root"),
        entries=_count(body, "entries"),
        signed=_part(body, "signed", bool),
        made_at=_part(body, "made_at", str),
        newer=_count(body, "newer"),
        wanted={name: _part(wanted, name, str) for name in wanted},
        absent={digest: _part(absent, digest, str) for digest in absent},
        files={name: _measured(name, each) for name, each in _part(body, "files", dict).items()},
    )
    if found.entries > found.size or (not found.wanted and found.entries != found.size):
        raise BadBundle(f"{MANIFEST} says {found.entries} of {found.size} entries, which fits no bundle.")
    return found


def _part(body: Mapping[str, Plain], name: str, kind: type[T]) -> T:
    value = body.get(name)
    if type(value) is not kind:
        raise BadBundle(f"{MANIFEST} has no proper {name[:80]!r}.")
    return value


def _count(body: Mapping[str, Plain], name: str) -> int:
    value = _part(body, name, int)
    if not 0 <= value <= MAX_SIZE:
        raise BadBundle(f"{MANIFEST} has no proper {name!r}.")
    return value


def _digest(body: Mapping[str, Plain], name: str) -> str:
    value = _part(body, name, str)
    if not _DIGEST.fullmatch(value):
        raise BadBundle(f"{MANIFEST} has no proper {name!r}: it is no SHA-256 in hex.")
    return value


def _measured(name: str, value: Plain) -> Measured:
    if not is_plain_name(name) or not isinstance(value, dict):
        raise BadBundle(f"{MANIFEST} has no proper line for {name[:80]!r}.")
    return Measured(_digest(value, "sha256"), _count(value, "bytes"))


def csv_line(cells: Iterable[str]) -> str:
    """Write a line of a table for a spreadsheet: every cell in quotes, and none that would be taken for a formula."""
    return ",".join(f'"{_harmless(cell)}"' for cell in cells) + "\r\n"


def _harmless(cell: str) -> str:
    led = f"'{cell}" if cell.startswith(_FORMULA) else cell
    return led.replace('"', '""')
