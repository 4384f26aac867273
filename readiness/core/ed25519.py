"""Ed25519 (RFC 8032, section 5.1) in the standard library alone, so that a reader needs nothing installed to verify.

A signature takes a few milliseconds. Each multiplication does the same steps whatever the secret's bits are; Python's
numbers do not promise equal time, so this is for a signer that works on its own, a few times a minute.
Verification refuses a scalar beyond the order and a point in any but its one spelling.
"""

from hashlib import sha512
from typing import TypeAlias

Point: TypeAlias = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, and T with X·Y = T·Z."""

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL: Point = (0, 1, 1, 0)
KEY_BYTES, SIGNATURE_BYTES = 32, 64


class NoPoint(ValueError):
    """These 32 bytes are no point of the curve."""


def public_key(seed: bytes) -> bytes:
    """Return the public key of a secret seed of 32 bytes."""
    return _encode(_multiply(_secret_scalar(seed)[0], BASE))


def make_signature(seed: bytes, message: bytes) -> bytes:
    """Sign a message with a secret seed; the same message has the same signature."""
    scalar, prefix = _secret_scalar(seed)
    nonce = _digest_number(prefix + message)
    point = _encode(_multiply(nonce, BASE))
    challenge = _digest_number(point + public_key(seed) + message)
    return point + ((nonce + challenge * scalar) % ORDER).to_bytes(32, "little")


def is_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of this public key signed this message."""
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    try:
        x, y, z, t = _decode(public)
    except NoPoint:
        return False
    challenge = _digest_number(signature[:32] + public + message)
    found = _add(_multiply(scalar, BASE), _multiply(challenge, (-x % P, y, z, -t % P)))
    return scalar < ORDER and _encode(found) == signature[:32]


def _secret_scalar(seed: bytes) -> tuple[int, bytes]:
    if len(seed) != KEY_BYTES:
        raise ValueError(f"A secret seed has {KEY_BYTES} bytes, and this has {len(seed)}")
    digest = sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return scalar & (1 << 254) - 8 | 1 << 254, digest[32:]


def _digest_number(data: bytes) -> int:
    return int.from_bytes(sha512(data).digest(), "little") % ORDER


def _add(one: Point, two: Point) -> Point:
    """Add two points, also a point and itself: the formula has no exceptions on this curve."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * D * one[3] * two[3] % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar: int, point: Point) -> Point:
    """Climb Montgomery's ladder: one addition and one doubling for each bit, whichever it is."""
    rungs = [NEUTRAL, point]
    for place in range(255, -1, -1):
        bit = scalar >> place & 1
        both = _add(rungs[0], rungs[1])
        rungs[bit], rungs[1 - bit] = _add(rungs[bit], rungs[bit]), both
    return rungs[0]


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise NoPoint("These bytes are no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
