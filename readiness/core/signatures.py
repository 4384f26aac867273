"""Ed25519 by the `cryptography` package: how the signer signs, and how the server verifies.

Its steps take the same time whatever the secret is, and it verifies thousands of signatures a second. Who verifies
without it, as the bundle's own verifier does, uses `core/ed25519.py`.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def public_key(seed: bytes) -> bytes:
    """Return the public key of a secret seed. Raises ValueError unless it has 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def make_signature(seed: bytes, message: bytes) -> bytes:
    """Sign a message with a secret seed; the same message has the same signature. Raises ValueError for no seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of this public key signed this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
