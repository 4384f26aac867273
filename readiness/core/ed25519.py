"""Verification of Ed25519 (RFC 8032, section 5.1) in the standard library alone: a reader needs nothing installed.

It is for the verifier of bundles, and cannot sign. All that it reads is public, so its time may depend on it. A key's
multiples are kept: the first of its signatures takes ten milliseconds, every other one less than one.
Verification refuses a scalar beyond the order and a point in any but its one spelling.
"""

from functools import lru_cache
from hashlib import sha512
from typing import TypeAlias

Point: TypeAlias = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, and T with X·Y = T·Z."""
Multiples: TypeAlias = tuple[tuple[Point, ...], ...]
"""Row i holds 0 to 15 times 16**i times a point."""

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL: Point = (0, 1, 1, 0)
KEY_BYTES, SIGNATURE_BYTES = 32, 64
MAX_KEYS = 16


class NoPoint(ValueError):
    """These 32 bytes are no point of the curve."""


def is_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of this public key signed this message."""
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    try:
        negative = _negative_multiples(public)
    except NoPoint:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    if scalar >= ORDER:
        return False
    return _encode(_add(_multiply(scalar, OF_BASE), _multiply(challenge, negative))) == signature[:32]


@lru_cache(MAX_KEYS)
def _negative_multiples(public: bytes) -> Multiples:
    x, y, z, t = _decode(public)
    return _multiples((-x % P, y, z, -t % P))


def _multiples(point: Point) -> Multiples:
    rows = []
    for _ in range(64):
        row = [NEUTRAL]
        for _ in range(15):
            row.append(_add(row[-1], point))
        rows.append(tuple(row))
        point = _add(row[-1], point)
    return tuple(rows)


def _add(one: Point, two: Point) -> Point:
    """Add two points, also a point and itself: the formula has no exceptions on this curve."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * D * one[3] * two[3] % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar: int, multiples: Multiples) -> Point:
    """Add up the multiples that the digits of a scalar name, by 16."""
    found = NEUTRAL
    for row in multiples:
        if digit := scalar & 15:
            found = _add(found, row[digit])
        scalar >>= 4
    return found


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


OF_BASE = _multiples(_decode((4 * pow(5, -1, P) % P).to_bytes(32, "little")))
