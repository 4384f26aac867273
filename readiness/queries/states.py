"""The canonical state of a governed row: what an entry digests, and what the tables are compared with."""

from collections.abc import Iterator
from decimal import Decimal

from django.apps import apps
from django.db.models import BinaryField, DecimalField, Field, Model

from readiness.core.canonical import digest_bytes
from readiness.core.codec import Plain, to_plain
from readiness.models import Claim, Evidence

State = dict[str, Plain]


def state_of(row: Model) -> State:
    """Give the state of a governed row; that of a claim has its evidence in it."""
    return claim_state(row) if isinstance(row, Claim) else row_state(row)


def row_state(row: Model) -> State:
    """Give every column of a row as it reads from the database; stored bytes by their digest."""
    return {field.attname: _plain(field, getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _plain(field: "Field[object, object]", value: object) -> Plain:
    if isinstance(field, BinaryField) and isinstance(value, bytes | memoryview):
        return digest_bytes(bytes(value))
    if isinstance(field, DecimalField) and isinstance(value, Decimal):
        return str(round(value, field.decimal_places))
    return to_plain(value)


def claim_state(claim: Claim) -> State:
    """Give a claim's state, its evidence included."""
    pieces: list[Plain] = [row_state(piece) for piece in sorted(claim.evidence.all(), key=lambda piece: piece.pk)]
    return {**row_state(claim), "evidence": pieces}


def governed_models() -> tuple[type[Model], ...]:
    """Give every model whose rows the record accounts for; evidence is accounted for with its claim."""
    found = (model for model in apps.get_app_config("readiness").get_models() if getattr(model, "RECORDED", False))
    return tuple(model for model in found if model is not Evidence)


def column_defaults() -> dict[str, State]:
    """Give for each governed type what each column holds in rows that were there before it."""
    return {model._meta.model_name or "": _defaults(model) for model in governed_models()}


def _defaults(model: type[Model]) -> State:
    return {f.attname: _plain(f, f.get_default()) for f in model._meta.concrete_fields if not f.primary_key}


def load_states() -> Iterator[tuple[tuple[str, str], State]]:
    """Yield the state of every governed row under its type and id."""
    for model in governed_models():
        rows = model._default_manager.order_by("pk")
        rows = rows.prefetch_related("evidence") if model is Claim else rows
        for row in rows.iterator(chunk_size=500):
            yield (model._meta.model_name or "", str(row.pk)), state_of(row)


def load_state(model: type[Model], row: str) -> State | None:
    """Give the state of one governed row; None when there is none."""
    try:
        found = model._default_manager.filter(pk=row).first()
    except ValueError:
        return None
    return state_of(found) if found is not None else None
