"""Written reports: a JSON object that states named fields, as a form writes it or a tool does."""

import json
import math
from collections.abc import Mapping, Sequence

from readiness.collectors.contents import NotText, read_text

LONGEST = 20_000


class NotWritten(ValueError):
    """The bytes are no report of named fields."""


def read_written(data: bytes, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The named fields that a JSON object states, as texts. Raises NotWritten when it states none of them.

    They may stand under `fields`. What is neither text nor number says nothing.
    """
    try:
        document = json.loads(read_text(data))
    except (NotText, ValueError, RecursionError):
        raise NotWritten("The file is not JSON") from None
    inner = document.get("fields", document) if isinstance(document, Mapping) else None
    if not isinstance(inner, Mapping) or not set(names) & set(inner):
        raise NotWritten("The file states none of the fields")
    return tuple(sorted((name, _text(inner.get(name))) for name in names))


def _text(value: object) -> str:
    """A text or a finite number as text, without what a database or a page cannot hold."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return str(value)[:LONGEST].replace("\0", "").encode("utf-8", "ignore").decode()
