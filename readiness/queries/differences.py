"""What an entry changed, field by field, as people can compare it. The exact bytes stand below for machines."""

from collections.abc import Mapping

from readiness.core.audit import KEPT
from readiness.core.canonical import Plain, canonical_bytes
from readiness.queries.audit import Entry
from readiness.queries.pages.parts import Change
from readiness.queries.trail import entry_fields

MOST_CHARACTERS = 200
SAME = "as before"
PREFIX = "sha256:"


def entry_changes(entry: Entry) -> tuple[Change, ...]:
    """Give every changed field; of a list only what is gone and what is new."""
    return tuple(plain_change(name, old, new) for name, (old, new) in sorted(entry_fields(entry).items()))


def plain_change(name: str, old: Plain, new: Plain) -> Change:
    """Show a field as it was and is; of a list only what is gone and what is new."""
    title = name.replace("_", " ")
    if isinstance(old, list) and isinstance(new, list):
        gone, added = ([item for item in one if item not in other] for one, other in ((old, new), (new, old)))
        return Change(title, _text(gone) or SAME, _text(added) or SAME, f"{len(old)} to {len(new)}")
    return Change(title, _text(old), _text(new))


def _text(value: Plain) -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, str):
        return short_digest(value) if value.startswith(PREFIX) else value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return _shortened(", ".join(_subject(str(item)) for item in value))
    if isinstance(value, Mapping) and KEPT in value:
        return f"kept apart as {short_digest(str(value[KEPT]))}"
    return _shortened(canonical_bytes(value).decode())


def _subject(reason: str) -> str:
    """A reason without the path of its condition, which repeats its subject."""
    return " ".join(reason.split(" ")[:2])


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS].rstrip()}…"


def short_digest(digest: str) -> str:
    """The first six and the last four characters, as the pages show digests."""
    hexes = digest.removeprefix(PREFIX)
    return f"{hexes[:6]}…{hexes[-4:]}"
