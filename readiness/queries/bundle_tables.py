"""Sign-offs of a bundle as a table for a spreadsheet, from what the entries say."""

from collections.abc import Iterator, Mapping
from typing import cast

from django.db.models import QuerySet

from readiness.core.bundle import csv_line
from readiness.core.codec import Plain, PlainDict
from readiness.core.entries import parse_entry
from readiness.core.strict import NotCanonical
from readiness.models import AuditEntry

COLUMNS = ("entry", "time", "rollout", "action", "by", "by id", "how they confirmed")
FIELDS = ("phase", "run", "role", "go", "meaning", "statement", "expires_at")
MARK = "\ufeff"
"""Tells spreadsheets that the text is UTF-8."""


def sign_off_lines(rows: QuerySet[AuditEntry]) -> Iterator[bytes]:
    """Write every entry about a sign-off among these, one a line, in their order."""
    yield (MARK + csv_line([*COLUMNS, *FIELDS, "reason"])).encode()
    signed = rows.filter(action__startswith="sign_off.").values_list("seq", "body")
    for seq, data in signed.iterator(chunk_size=200):
        yield csv_line(_cells(seq, _body(bytes(data)))).encode()


def _body(data: bytes) -> PlainDict:
    try:
        return parse_entry(data)
    except NotCanonical:
        return {}


def _cells(seq: int, body: PlainDict) -> list[str]:
    fields = cast("Mapping[str, list[Plain]]", _part(body, "change").get("fields") or {})
    actor, auth = _part(body, "actor"), _part(body, "auth")
    said = [body.get("time"), _part(body, "object").get("rollout"), body.get("action"), actor.get("name")]
    methods = auth.get("methods")
    confirmed = ", ".join(map(str, methods)) if isinstance(methods, list) else ""
    values = [fields[name][1] if name in fields else None for name in FIELDS]
    return [str(seq), *map(_text, [*said, actor.get("id"), confirmed, *values, body.get("reason")])]


def _part(body: PlainDict, name: str) -> Mapping[str, Plain]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Plain) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
