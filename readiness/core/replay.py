"""The fold of the record: from its entries to the governed rows as they stood after any of them.

Each entry says of every row that it changed what each field was and is, and the digests of the row before and after.
The fold checks both digests at every step, so that it gives the rows of the record or says where it does not add up.
Whoever changes a row in the database and lets the application change it again has made such a step: from there on the
row is unsound, and stays as it was recorded last, until two people have accepted it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias, cast

from readiness.core.acceptance import ACCEPTED
from readiness.core.audit import KEPT
from readiness.core.canonical import Plain, PlainDict, digest_of, parse_canonical

RowKey: TypeAlias = tuple[str, str]
"""The type and the id of a row."""
Defaults: TypeAlias = "Mapping[str, PlainDict]"
MOST_ADDED = 8
"""So many columns may have come since an entry; each further one doubles what has to be tried."""
Rows: TypeAlias = "dict[RowKey, PlainDict]"


class DoesNotFold(ValueError):
    """An entry contradicts itself; the message names the entry and the row."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The rows of the record; and for each that is unsound, which entry changed it while it was not as recorded."""

    rows: Rows = field(default_factory=dict)
    unsound: dict[RowKey, str] = field(default_factory=dict)


def fold_entries(
    bodies: Iterable[PlainDict], defaults: "Defaults", kept: Callable[[str], bytes], start: Folded | None = None
) -> Folded:
    """Give the rows of the types in `defaults` after the last of the entries, in order of their numbers.

    `defaults` gives for each type what a column holds in rows that were there before it; `kept` gives the bytes of a
    large value by its digest; `start` is what an earlier fold gave. Raises DoesNotFold.
    """
    folded = Folded(dict(start.rows), dict(start.unsound)) if start is not None else Folded()
    for body in bodies:
        for key, side in row_changes(body):
            if key[0] in defaults and (key not in folded.unsound or accepts_rows(body)):
                _apply(folded, key, side, kept, cast(int, body["seq"]), defaults[key[0]])
    return folded


def accepts_rows(body: PlainDict) -> bool:
    """Say whether two people accepted with this entry that rows are as they are."""
    return body["action"] == ACCEPTED


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
    folded: Folded,
    key: RowKey,
    side: Mapping[str, Plain],
    kept: Callable[[str], bytes],
    seq: int,
    defaults: PlainDict,
) -> None:
    old = _grown(folded.rows.get(key), side["before"], defaults)
    if _digest(old) != side["before"]:
        folded.unsound[key] = f"entry {seq} changed it while it was not as recorded"
        return
    folded.unsound.pop(key, None)
    if side["after"] is None:
        folded.rows.pop(key, None)
        return
    fields = cast("Mapping[str, list[Plain]]", side["fields"])
    new: PlainDict = {**(old or {}), **{name: _whole(pair[1], kept) for name, pair in fields.items()}}
    if _digest(new) != side["after"]:
        raise DoesNotFold(
            f"Entry {seq} says that {key[0]} {key[1]} is {side['after']} after it, and what it changed gives "
            f"{_digest(new)}."
        )
    folded.rows[key] = new


def _digest(state: "PlainDict | None") -> str | None:
    return digest_of(state) if state is not None else None


def _grown(state: "PlainDict | None", digest: Plain, defaults: PlainDict) -> "PlainDict | None":
    """Give the state that has this digest: as it is, or with columns that were added since it was recorded."""
    if state is None or digest_of(state) == digest:
        return state
    added = [name for name in defaults if name not in state][:MOST_ADDED]
    subsets = (names for size in range(1, len(added) + 1) for names in combinations(added, size))
    grown = ({**state, **{name: defaults[name] for name in names}} for names in subsets)
    return next((each for each in grown if digest_of(each) == digest), state)


def _whole(value: Plain, kept: Callable[[str], bytes]) -> Plain:
    """Put a large value back in its place."""
    if isinstance(value, Mapping) and set(value) == {KEPT}:
        return parse_canonical(kept(str(value[KEPT])))
    return value
