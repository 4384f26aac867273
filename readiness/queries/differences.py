"""What an entry changed, field by field, as people can compare it. The exact bytes stand below for machines."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from readiness.core.audit import KEPT
from readiness.core.canonical import Plain, canonical_bytes
from readiness.queries.audit import Entry
from readiness.queries.pages.audit import ChangedRow
from readiness.queries.pages.parts import Change
from readiness.queries.replays import row_title
from readiness.queries.trail import Fields, entry_fields
from readiness.queries.words import without_stop

MOST_CHARACTERS = 200
SAME = "as before"
PREFIX = "sha256:"
_REASON = re.compile(r"[A-Z_]+ [a-z_]+:\S*(?= )")


def entry_changes(entry: Entry) -> tuple[ChangedRow, ...]:
    """Give what an entry is about with each field that it changed, and every other row that it changed along with it.

    Of a list only what is gone and what is new is told.
    """
    change = cast("Mapping[str, Plain]", entry.body.get("change") or {})
    own = ChangedRow("", _told(entry_fields(entry)), *_begins_or_ends(change))
    also = cast("Sequence[Mapping[str, Plain]]", change.get("also") or ())
    return ((own,) if own.changes else ()) + tuple(_changed_row(row) for row in also)


def _changed_row(row: Mapping[str, Plain]) -> ChangedRow:
    fields = cast("Mapping[str, Sequence[Plain]]", row.get("fields") or {})
    changes = _told({name: (pair[0], pair[1]) for name, pair in fields.items()})
    title, (is_new, is_gone) = row_title(str(row["type"]), str(row["id"])), _begins_or_ends(row)
    return ChangedRow(title, changes, is_new, is_gone)


def _begins_or_ends(side: Mapping[str, Plain]) -> tuple[bool, bool]:
    return side.get("before") is None, side.get("after") is None


def _told(fields: Fields) -> tuple[Change, ...]:
    """Say each field that says something: one that is empty before and after tells nothing."""
    said = (plain_change(name, old, new) for name, (old, new) in sorted(fields.items()))
    return tuple(change for change in said if change.before or change.after)


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


def _subject(item: str) -> str:
    """A reason without the path of its condition, which repeats its subject; anything else as it is."""
    found = _REASON.match(item)
    return found[0] if found else without_stop(item)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS].rstrip()}…"


def short_digest(digest: str) -> str:
    """The first six and the last four characters, as the pages show digests."""
    hexes = digest.removeprefix(PREFIX)
    return f"{hexes[:6]}…{hexes[-4:]}"
