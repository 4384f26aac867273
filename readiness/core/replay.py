"""The fold of the record: from its entries to the governed rows as they stood after any of them.

Each entry says of every row that it changed what each field was and is, and the digests of the row before and after.
The fold checks both digests at every step, so that it gives the rows of the record or says where it does not add up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import TypeAlias, cast

from readiness.core.audit import KEPT
from readiness.core.canonical import Plain, PlainDict, digest_of, parse_canonical

RowKey: TypeAlias = tuple[str, str]
"""The type and the id of a row."""
Defaults: TypeAlias = "Mapping[str, PlainDict]"
MOST_ADDED = 8
"""So many columns may have come since an entry; each further one doubles what has to be tried."""
Rows: TypeAlias = "dict[RowKey, PlainDict]"


class DoesNotFold(ValueError):
    """An entry does not follow from those before it; the message names the entry and the row."""


def fold_entries(
    bodies: Iterable[PlainDict], defaults: "Defaults", kept: Callable[[str], bytes], start: "Rows | None" = None
) -> "Rows":
    """Give the rows of the types in `defaults` after the last of the entries, in order of their numbers.

    `defaults` gives for each type what a column holds in rows that were there before it; `kept` gives the bytes of a
    large value by its digest; `start` is what an earlier fold gave. Raises DoesNotFold.
    """
    rows: Rows = dict(start or {})
    for body in bodies:
        for key, side in row_changes(body):
            if key[0] in defaults:
                _apply(rows, key, side, kept, cast(int, body["seq"]), defaults[key[0]])
    return rows


def with_columns(state: PlainDict, defaults: PlainDict) -> PlainDict:
    """Give a recorded state with the columns that came after it, as they stand in rows that nobody has touched."""
    return {**defaults, **state}


def row_changes(body: PlainDict) -> "Iterator[tuple[RowKey, Mapping[str, Plain]]]":
    """Yield each row that an entry changed: its object, and what changed along with it."""
    change = cast("Mapping[str, Plain]", body["change"])
    thing = cast("Mapping[str, str]", body["object"])
    if change["before"] is not None or change["after"] is not None:
        yield (thing["type"], thing["id"]), change
    for row in cast("list[Mapping[str, Plain]]", change.get("also", [])):
        yield (str(row["type"]), str(row["id"])), row


def _apply(
    rows: "Rows",
    key: RowKey,
    side: Mapping[str, Plain],
    kept: Callable[[str], bytes],
    seq: int,
    defaults: PlainDict,
) -> None:
    old = _grown(rows.get(key), side["before"], defaults)
    _agree(old, side["before"], key, seq, "before")
    if side["after"] is None:
        del rows[key]
        return
    fields = cast("Mapping[str, list[Plain]]", side["fields"])
    new: PlainDict = {**(old or {}), **{name: _whole(pair[1], kept) for name, pair in fields.items()}}
    _agree(new, side["after"], key, seq, "after")
    rows[key] = new


def _grown(state: "PlainDict | None", digest: Plain, defaults: PlainDict) -> "PlainDict | None":
    """Give the state that has this digest: as it is, or with columns that were added since it was recorded."""
    if state is None or digest_of(state) == digest:
        return state
    added = [name for name in defaults if name not in state][:MOST_ADDED]
    subsets = (names for size in range(1, len(added) + 1) for names in combinations(added, size))
    grown = ({**state, **{name: defaults[name] for name in names}} for names in subsets)
    return next((each for each in grown if digest_of(each) == digest), state)


def _agree(state: "PlainDict | None", digest: Plain, key: RowKey, seq: int, when: str) -> None:
    found = None if state is None else digest_of(state)
    if found != digest:
        raise DoesNotFold(
            f"Entry {seq} says that {key[0]} {key[1]} was {digest or 'not there'} {when} it, "
            f"and the entries through it give {found or 'none'}."
        )


def _whole(value: Plain, kept: Callable[[str], bytes]) -> Plain:
    """Put a large value back in its place."""
    if isinstance(value, Mapping) and set(value) == {KEPT}:
        return parse_canonical(kept(str(value[KEPT])))
    return value
