"""One value, one sequence of bytes: RFC 8785 canonical JSON under the rules of the house.

Rules on top of RFC 8785: no floats (they travel as decimal strings), no integers beyond 2**53 - 1, text in Unicode
normal form C, keys are text. Frozen dataclasses come and go through `to_plain` and `from_plain` (`core/codec.py`).
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from readiness.core.codec import Plain, PlainDict, UnexpectedShape, from_plain, to_plain
from readiness.core.strict import NotCanonical, digest_bytes, parse_canonical

__all__ = [
    "NotCanonical",
    "Plain",
    "PlainDict",
    "UnexpectedShape",
    "canonical_bytes",
    "digest_bytes",
    "digest_of",
    "from_plain",
    "parse_canonical",
    "to_plain",
]

MAX_INT = 2**53 - 1
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False, default=dict
)
_LEAVES = frozenset({str, bool, type(None)})
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


def canonical_bytes(value: Plain) -> bytes:
    """Return the RFC 8785 bytes of a plain value; raise `NotCanonical` when it has none.

    Without floats, the encoder of the standard library differs from RFC 8785 only in the order of keys beyond U+FFFF
    (by code point, not by UTF-16 unit); text that reaches there is left to the `rfc8785` package.
    """
    _check(value)
    text = _ENCODER.encode(value)
    if text.isascii():
        return text.encode()
    try:
        if not unicodedata.is_normalized("NFC", text):
            return canonical_bytes(_normal(value))
        return rfc8785.dumps(_normal(value)) if _BEYOND_BMP.search(text) else text.encode()
    except UnicodeEncodeError as problem:
        raise NotCanonical(f"Half of a surrogate pair has no bytes: {problem}") from problem


def digest_of(value: Plain) -> str:
    """Return `sha256:<hex>` of the canonical bytes of a plain value."""
    return digest_bytes(canonical_bytes(value))


def _check(value: object) -> None:
    """Raise `NotCanonical` unless the value is made of text, small integers, booleans, null, lists and mappings."""
    items: Iterable[object] = ()
    if isinstance(value, list | tuple):
        items = value
    elif isinstance(value, Mapping):
        _check_keys(value)
        items = value.values()
    elif value is not None and not isinstance(value, str | bool):
        _check_number(value)
    for item in items:
        if type(item) not in _LEAVES:
            _check(item)


def _check_keys(value: Mapping[object, object]) -> None:
    for key in value:
        if not isinstance(key, str):
            raise NotCanonical(f"The key {key!r} is not text")


def _check_number(value: object) -> None:
    if not isinstance(value, int):
        raise NotCanonical(f"{value!r} is {type(value).__name__}, which has no canonical form; to_plain gives it one")
    if abs(value) > MAX_INT:
        raise NotCanonical(f"{value} is beyond 2**53 - 1; write it as a decimal string")


def _normal(value: Any) -> Any:
    """Return a copy with all text in normal form C."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        found = {_normal(key): _normal(item) for key, item in value.items()}
        if len(found) != len(value):
            raise NotCanonical("Two keys become one in normal form C")
        return found
    return [_normal(item) for item in value] if isinstance(value, list | tuple) else value
