"""A proof as a text file: C2SP tlog-proof, an entry's index, the hashes that lead to the root, and a checkpoint."""

from base64 import b64decode, b64encode
from dataclasses import dataclass

from readiness.core.merkle import HASH_BYTES

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_INDEX = 2**63 - 1


class NotAProof(ValueError):
    """A text is no tlog-proof; the message says why."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """What a proof file says. `checkpoint` is the signed note as it is; empty when the log has no key."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


def write_log_proof(proof: LogProof) -> str:
    """Write the text of a proof."""
    extra = [] if proof.extra is None else [f"extra {b64encode(proof.extra).decode()}"]
    hashes = [b64encode(each).decode() for each in proof.hashes]
    return "\n".join([HEADER, *extra, f"index {proof.index}", *hashes, "", proof.checkpoint])


def parse_log_proof(text: str) -> LogProof:
    """Read the text of a proof, strictly. Raises NotAProof."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != HEADER:
        raise NotAProof(f"A proof begins with {HEADER} and has an empty line before its checkpoint")
    extra = _base64(lines.pop(0)[6:], None) if lines and lines[0].startswith("extra ") else None
    index = _index(lines.pop(0) if lines else "")
    if len(lines) > MAX_HASHES:
        raise NotAProof(f"A proof has at most {MAX_HASHES} hashes, not {len(lines)}")
    return LogProof(index, tuple(_base64(line, HASH_BYTES) for line in lines), checkpoint, extra)


def _index(line: str) -> int:
    word, _, digits = line.partition(" ")
    plain = digits.isascii() and digits.isdecimal() and len(digits) < 20 and str(int(digits)) == digits
    if word != "index" or not plain or int(digits) > MAX_INDEX:
        raise NotAProof(f"{line[:40]!r} is no index")
    return int(digits)


def _base64(line: str, length: int | None) -> bytes:
    try:
        data = b64decode(line, validate=True)
    except ValueError:
        raise NotAProof(f"{line[:60]!r} is not base64") from None
    if b64encode(data).decode() != line or length not in (None, len(data)):
        raise NotAProof(f"{line[:60]!r} is not the base64 of {length or 'any'} bytes")
    return data
