"""Canonical JSON read back, and digests of bytes: with the standard library alone, for whoever verifies without us."""

import hashlib
import json
from typing import NoReturn, cast

from readiness.core.codec import Plain, PlainDict


class NotCanonical(ValueError):
    """A value has no canonical bytes: a float, a large integer, a key that is no text, a lone surrogate."""


def digest_bytes(data: bytes) -> str:
    """Return `sha256:<hex>` of the bytes as they are."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse_canonical(data: bytes) -> Plain:
    """Read JSON under the same rules; raise `NotCanonical` for floats, repeated keys, or bytes that are no JSON."""
    try:
        found = _DECODER.decode(data.decode())
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as problem:
        raise NotCanonical(f"These bytes are not JSON: {problem}") from problem
    return cast(Plain, found)


def _one_each(pairs: list[tuple[str, Plain]]) -> PlainDict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("A key appears twice; the last would silently win")
    return found


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is a float; write it as a decimal string")


_DECODER = json.JSONDecoder(object_pairs_hook=_one_each, parse_float=_no_float, parse_constant=_no_float)
