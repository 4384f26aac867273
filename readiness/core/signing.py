"""The key that signs checkpoints.

A key is kept as one line, `PRIVATE+KEY+name+id+base64(algorithm, seed)`, which is the form of Go's note package.
"""

from dataclasses import dataclass, field

from readiness.core.checkpoint import (
    ED25519,
    Checkpoint,
    MalformedNote,
    Note,
    NoteSignature,
    VerifierKey,
    checkpoint_text,
    decode_base64,
    encode_base64,
    write_note,
)
from readiness.core.signatures import make_signature, public_key

SEED_BYTES = 32
LEAD = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret key under its name, which is the origin of the log that it signs."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        """Return what everybody may know of it."""
        return VerifierKey(self.name, public_key(self.seed))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return make_signature(self.seed, message)


def write_signing_key(key: SigningKey) -> str:
    """Write a secret key as its line."""
    return f"{LEAD}{key.name}+{key.verifier.key_id.hex()}+{encode_base64(bytes([ED25519]) + key.seed)}\n"


def parse_signing_key(text: str) -> SigningKey:
    """Read a secret key's line. Raises MalformedNote, whose words never repeat the secret."""
    parts = text.removesuffix("\n").removeprefix(LEAD).split("+", 2)
    if not text.startswith(LEAD) or len(parts) != 3:
        raise MalformedNote(f"A signing key is one line that begins with {LEAD}.")
    data = decode_base64(parts[2])
    if data is None or len(data) != 1 + SEED_BYTES or data[0] != ED25519:
        raise MalformedNote("The signing key is not an Ed25519 key: base64 of the byte 01 and 32 bytes.")
    key = SigningKey(parts[0], data[1:])
    if key.verifier.key_id.hex() != parts[1]:
        raise MalformedNote(f"The signing key calls itself {parts[1]}; its name and bytes make another id.")
    return key


def sign_checkpoint(checkpoint: Checkpoint, keys: tuple[SigningKey, ...]) -> bytes:
    """Give a checkpoint as a note that each of the keys signed. Raises MalformedNote."""
    text = checkpoint_text(checkpoint)
    lines = tuple(NoteSignature(key.name, key.verifier.key_id, key.sign(text.encode())) for key in keys)
    return write_note(Note(text, lines))
