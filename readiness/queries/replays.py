"""The fold of the log here: the governed rows as the record has them, and where the tables differ from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.core.canonical import PlainDict
from readiness.core.entries import parse_entry
from readiness.core.replay import RowKey, Rows, fold_entries
from readiness.models import AuditEntry
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.queries.states import State, governed_models, load_states


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the record says: what it is here and what it is there (None: there is none)."""

    key: RowKey
    here: State | None
    recorded: "PlainDict | None"


def load_folded(upto: int | None = None) -> Rows:
    """Fold the log through an entry, or all of it. Raises DoesNotFold where it does not add up."""
    types = {model._meta.model_name or "" for model in governed_models()}
    return fold_entries(_bodies(upto), types, _kept)


def _bodies(upto: int | None) -> Iterator[PlainDict]:
    rows = AuditEntry.objects.order_by("seq")
    rows = rows if upto is None else rows.filter(seq__lte=upto)
    for body in rows.values_list("body", flat=True).iterator(chunk_size=500):
        yield parse_entry(bytes(body))


def _kept(digest: str) -> bytes:
    data = load_blob(digest)
    if data is None:
        raise BlobAltered(f"The value {digest} that an entry refers to is not kept here")
    return data


def load_differences() -> tuple[Difference, ...]:
    """Compare every governed row with what the record says of it."""
    recorded, here = load_folded(), dict(load_states())
    keys = sorted(recorded.keys() | here.keys())
    return tuple(
        Difference(key, here.get(key), recorded.get(key)) for key in keys if here.get(key) != recorded.get(key)
    )
