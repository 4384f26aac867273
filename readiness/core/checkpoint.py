"""Checkpoints of the record as C2SP signed notes: what the log was, said by a key that the database does not hold.

A note is text, a blank line, and signature lines (c2sp.org/signed-note). A checkpoint is a text of three lines: origin,
size, root (c2sp.org/tlog-checkpoint). A verifier key is written `name+id+base64(algorithm, public key)`. Only the
standard library is needed here: who verifies passes a function that checks one Ed25519 signature (`is_signed` of
`core/signatures.py`; `is_signature` of `core/ed25519.py` where nothing is installed).
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

Check: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Says whether (public key, message, signature) fit: Ed25519, 32 and 64 bytes."""

ED25519, COSIGNATURE = 0x01, 0x04
"""The algorithms known here: a signature of the note, and one of note and time (c2sp.org/tlog-cosignature)."""
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64
ID_BYTES = 4
TIME_BYTES = 8
ROOT_BYTES = 32
MAX_SIGNATURES = 100
MAX_SIZE = 2**63 - 1
DASH = "\u2014 "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_KEY_ID = re.compile("[0-9a-f]{8}")
_SIZE = re.compile("0|[1-9][0-9]{0,18}")


class BadNote(ValueError):
    """A note or key cannot be accepted; the message says why."""


class MalformedNote(BadNote):
    """These bytes are no signed note, no checkpoint or no verifier key."""


class UnknownSigner(BadNote):
    """A note has no signature by a key that is known here."""


class BadSignature(BadNote):
    """A key that is known here did not sign this text, though the note says so."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under its name. The id is derived from both, so that a renamed key is another key."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that lead each signature of this key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:ID_BYTES]

    @property
    def text(self) -> str:
        """Write the key as one line, as `keys.txt` and every tool for signed notes have it."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.algorithm]) + self.public)}"

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 of the public key in hex, for people to compare."""
        return sha256(self.public).hexdigest()


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the name of the key, its id, and what the algorithm made."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and its signatures, of which none is verified by reading."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log called `origin` had `size` entries and this root. Lines of extension are read, never written here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key. Raises MalformedNote: an unknown algorithm, a wrong length, an id that does not fit."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    data = _unbase64(encoded, "The verifier key")
    _check_name(name)
    if not data or data[0] not in (ED25519, COSIGNATURE):
        raise MalformedNote(
            f"The key {name} has the algorithm byte {data[:1].hex() or 'none'}; 01 and 04 are known here."
        )
    if len(data) != 1 + PUBLIC_BYTES:
        raise MalformedNote(f"The key {name} has {len(data) - 1} bytes; an Ed25519 key has {PUBLIC_BYTES}.")
    key = VerifierKey(name, data[1:], data[0])
    if not _KEY_ID.fullmatch(key_id) or bytes.fromhex(key_id) != key.key_id:
        raise MalformedNote(f"The key {name} calls itself {key_id}; its name and bytes make {key.key_id.hex()}.")
    return key


def parse_note(data: bytes) -> Note:
    """Read a signed note without verifying it. Raises MalformedNote."""
    text, gap, lines = _note_text(data).rpartition("\n\n")
    if not gap or not lines:
        raise MalformedNote("A signed note has a blank line before its signatures, and at least one signature.")
    signatures = lines[:-1].split("\n")
    if len(signatures) > MAX_SIGNATURES:
        raise MalformedNote(f"The note has {len(signatures)} signatures; at most {MAX_SIGNATURES} are read.")
    return Note(f"{text}\n", tuple(_parse_signature(line) for line in signatures))


def _note_text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        raise MalformedNote(f"The note is not UTF-8: {problem}.") from None
    if found := _CONTROL.search(text):
        raise MalformedNote(f"The note has the control character {ord(found[0]):#04x}.")
    if not text.endswith("\n"):
        raise MalformedNote("The note does not end with a newline.")
    return text


def _parse_signature(line: str) -> NoteSignature:
    name, gap, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not gap:
        raise MalformedNote("After the blank line of a note stand only lines of a dash, a name and a signature.")
    _check_name(name)
    data = _unbase64(encoded, f"The signature of {name}")
    if len(data) <= ID_BYTES:
        raise MalformedNote(f"The signature of {name} has only {len(data)} bytes.")
    return NoteSignature(name, data[:ID_BYTES], data[ID_BYTES:])


def write_note(note: Note) -> bytes:
    """Give the bytes of a signed note. Raises MalformedNote when the text cannot be one."""
    lines = (f"{DASH}{each.name} {encode_base64(each.key_id + each.data)}\n" for each in note.signatures)
    data = f"{note.text}\n{''.join(lines)}".encode()
    if parse_note(data) != note:
        raise MalformedNote("The text of a note ends with one newline and has no blank line at its end.")
    return data


def verify_note(note: Note, keys: Iterable[VerifierKey], check: Check) -> tuple[VerifierKey, ...]:
    """Return the known keys that signed, in the note's order.

    Raises UnknownSigner when none did, and BadSignature when one that is known did not, however many others did.
    Signatures by keys that are not known here say nothing and are passed over.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[VerifierKey, None] = {}
    for each in note.signatures:
        key = known.get((each.name, each.key_id))
        if key is not None and not _has_signed(key, note.text, each.data, check):
            raise BadSignature(f"The signature of {key.name} ({key.key_id.hex()}) is not of this text.")
        if key is not None:
            found[key] = None
    if not found:
        names = ", ".join(f"{each.name} ({each.key_id.hex()})" for each in note.signatures)
        raise UnknownSigner(f"No signature by a known key. Signed by {names}.")
    return tuple(found)


def _has_signed(key: VerifierKey, text: str, data: bytes, check: Check) -> bool:
    if key.algorithm == ED25519:
        return len(data) == SIGNATURE_BYTES and check(key.public, text.encode(), data)
    moment, signature = data[:TIME_BYTES], data[TIME_BYTES:]
    message = cosigned_bytes(text, int.from_bytes(moment, "big"))
    return len(signature) == SIGNATURE_BYTES and check(key.public, message, signature)


def cosigned_bytes(text: str, moment_s: int) -> bytes:
    """Return what a timestamped signature covers: the text of the note after a line with the time in Unix seconds."""
    return f"cosignature/v1\ntime {moment_s}\n{text}".encode()


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Write the text that is signed. Raises MalformedNote for what no reader would accept, and for a log of nothing."""
    root = encode_base64(checkpoint.root)
    text = "".join(f"{line}\n" for line in (checkpoint.origin, checkpoint.size, root, *checkpoint.extensions))
    if checkpoint.size < 1:
        raise MalformedNote("A log without entries has no checkpoint.")
    if parse_checkpoint(text) != checkpoint:
        raise MalformedNote("A line of a checkpoint cannot hold a newline.")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises MalformedNote."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or not all(lines):
        raise MalformedNote(
            "A checkpoint has a line each for origin, size and root, none empty, and ends with a newline."
        )
    origin, size, encoded = lines[:3]
    if not _SIZE.fullmatch(size) or int(size) > MAX_SIZE:
        raise MalformedNote(f"The size of a checkpoint is a decimal number below 2^63, and this is {size[:40]!r}.")
    root = _unbase64(encoded, "The root of the checkpoint")
    if len(root) != ROOT_BYTES:
        raise MalformedNote(f"The root of a checkpoint has {ROOT_BYTES} bytes, and this has {len(root)}.")
    return Checkpoint(origin, int(size), root, tuple(lines[3:]))


def open_checkpoint(data: bytes, origin: str, keys: Iterable[VerifierKey], check: Check) -> Checkpoint:
    """Read and verify a signed checkpoint of one log. Raises BadNote: malformed, unknown signer, or bad signature."""
    note = parse_note(data)
    found = parse_checkpoint(note.text)
    if found.origin != origin:
        raise MalformedNote(f"This is a checkpoint of the log {found.origin}, not of {origin}.")
    verify_note(note, keys, check)
    return found


def _check_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() for char in name):
        raise MalformedNote(f"A key's name is not empty and has no space and no plus sign, and this is {name!r}.")


def _unbase64(text: str, what: str) -> bytes:
    data = decode_base64(text)
    if not data:
        raise MalformedNote(f"{what} is not base64: {text[:60]!r}.")
    return data


def decode_base64(text: str) -> bytes | None:
    """Decode base64 in its one proper spelling: nothing beside the alphabet, padded, no bits left over. Else None."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode_base64(data) == text else None


def encode_base64(data: bytes) -> str:
    """Give bytes as base64 text."""
    return b64encode(data).decode()
