"""The fold of the log here: the governed rows as the record has them, and where the tables differ from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps

from readiness.core.canonical import PlainDict, digest_of
from readiness.core.codec import from_plain
from readiness.core.entries import parse_entry
from readiness.core.facts import RowDifference
from readiness.core.replay import DoesNotFold, Folded, RowKey, fold_entries, with_columns
from readiness.models import AuditEntry, AuditHead, RecordCheck, RowDigest
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.queries.states import State, column_defaults, governed_models, load_state, load_states

SHOWN_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the record says: what it is here and what it is there (None: there is none).

    `unsound` says which entry changed it while it was not as recorded; `recorded` is from before that entry.
    """

    key: RowKey
    here: State | None
    recorded: "PlainDict | None"
    unsound: str = ""


@dataclass(frozen=True, slots=True)
class KeptDifference:
    """A difference as the last comparison left it: the digest found, since when, and whether it was found twice.

    An empty rollout is that of a row which belongs to none, or to one that nobody can tell: it concerns them all.
    """

    type: str
    row: str
    digest: str
    rollout: str
    since_at: datetime
    confirmed: bool = False
    found: str = ""


def governed_types() -> frozenset[str]:
    """Name the types of rows that the record accounts for."""
    return frozenset(model._meta.model_name or "" for model in governed_models())


def load_folded(upto: int | None = None) -> Folded:
    """Fold the log through an entry, or all of it. Raises DoesNotFold where it does not add up."""
    return fold_entries(load_bodies(upto=upto), column_defaults(), _kept)


def load_bodies(start: int = 0, upto: int | None = None) -> Iterator[PlainDict]:
    """Read what entries say, from one to another, in their order."""
    rows = AuditEntry.objects.order_by("seq").filter(seq__gte=start)
    rows = rows if upto is None else rows.filter(seq__lte=upto)
    for body in rows.values_list("body", flat=True).iterator(chunk_size=500):
        yield parse_entry(bytes(body))


@dataclass(frozen=True, slots=True)
class Fold:
    """What the record gives through a size of it."""

    folded: Folded
    size: int


def load_fold(start: Fold | None = None) -> Fold:
    """Fold the log, or what came since an earlier fold. Raises DoesNotFold, or BlobAltered."""
    size: int = AuditHead.objects.values_list("size", flat=True).get(pk=1)
    bodies = load_bodies(start.size if start else 0, size - 1)
    return Fold(fold_entries(bodies, column_defaults(), _kept, start.folded if start else None), size)


def load_difference(key: RowKey, fold: Fold) -> Difference | None:
    """Compare one row with the record; None when they agree, or when no such row is governed."""
    model = next((each for each in governed_models() if each._meta.model_name == key[0]), None)
    return _difference(key, load_state(model, key[1]), fold.folded, column_defaults()) if model is not None else None


def _difference(key: RowKey, here: State | None, folded: Folded, defaults: dict[str, State]) -> Difference | None:
    state, unsound = folded.rows.get(key), folded.unsound.get(key, "")
    recorded = with_columns(state, defaults[key[0]]) if state is not None else None
    return Difference(key, here, recorded, unsound) if unsound or here != recorded else None


def _kept(digest: str) -> bytes:
    data = load_blob(digest)
    if data is None:
        raise BlobAltered(f"The value {digest} that an entry refers to is not kept here")
    return data


def load_differences() -> tuple[Difference, ...]:
    """Compare every governed row with the fold of the whole record, field by field."""
    folded, here, defaults = load_folded(), dict(load_states()), column_defaults()
    keys = sorted(folded.rows.keys() | folded.unsound.keys() | here.keys())
    found = (_difference(key, here.get(key), folded, defaults) for key in keys)
    return tuple(each for each in found if each is not None)


def load_digests_that_differ() -> dict[RowKey, str]:
    """Compare the digest of every governed row with what the record says; give what was found (empty: no row)."""
    here = {key: digest_of(state) for key, state in load_states()}
    recorded = {(row.type, row.row): row.digest for row in RowDigest.objects.all()}
    keys = here.keys() | recorded.keys()
    found = {key: here.get(key, "") for key in keys if here.get(key) != recorded.get(key)}
    return _really_differ(found) if any(key in here and key in recorded for key in found) else found


def _really_differ(found: dict[RowKey, str]) -> dict[RowKey, str]:
    """Leave out rows that only have columns which came after they were recorded."""
    try:
        differ = {each.key for each in load_differences()}
    except (DoesNotFold, BlobAltered):
        return found
    return {key: digest for key, digest in found.items() if key in differ}


def difference_words(found: Difference) -> str:
    """Say what differs: which entry rests on another row, and the first fields as they stand here and as recorded."""
    return "; ".join(filter(None, (found.unsound, _fields_words(found.here, found.recorded))))


def _fields_words(here: State | None, recorded: "PlainDict | None") -> str:
    if here == recorded:
        return ""
    if here is None:
        return "it is gone"
    if recorded is None:
        return "no entry tells of it"
    names = [name for name in sorted(here.keys() | recorded.keys()) if here.get(name) != recorded.get(name)]
    told = [f"{name} is {here.get(name)!r}, recorded {recorded.get(name)!r}" for name in names[:SHOWN_FIELDS]]
    more = len(names) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def kept_differences(check: RecordCheck) -> tuple[KeptDifference, ...]:
    """Read what the last comparison left."""
    return tuple(from_plain(KeptDifference, each) for each in check.differences)


def confirmed_differences(check: RecordCheck, rollout_key: str) -> tuple[RowDifference, ...]:
    """Give what was found twice of one rollout, or of rows that concern all."""
    concerned = (each for each in kept_differences(check) if each.confirmed and each.rollout in ("", rollout_key))
    return tuple(
        RowDifference(f"{each.type}:{each.row}", row_title(each.type, each.row), each.found) for each in concerned
    )


def row_title(row_type: str, row: str) -> str:
    """Name a row for people: `Role grant 11`."""
    model = apps.all_models["readiness"].get(row_type)
    name = str(model._meta.verbose_name) if model is not None else row_type
    return f"{name[:1].upper()}{name[1:]} {row}"
