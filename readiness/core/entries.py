"""Entries read back: what their bytes say, the columns that stand beside them for search, the words in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from readiness.core.canonical import NotCanonical, Plain, PlainDict, canonical_bytes, parse_canonical


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands beside the bytes for search. Never trusted: verification computes it from the bytes again."""

    at: str
    actor: str
    action: str
    object: str
    rollout: str
    verdict: str


def parse_entry(data: bytes) -> PlainDict:
    """Read an entry's bytes; raise `NotCanonical` when they are not one JSON object."""
    found = parse_canonical(data)
    if not isinstance(found, dict):
        raise NotCanonical("An entry is one JSON object")
    return found


def columns_of(body: Mapping[str, Plain]) -> Columns:
    """Return the search columns of a parsed entry."""
    entry = cast("Mapping[str, Mapping[str, Plain]]", body)
    thing = entry["object"]
    return Columns(
        at=str(body["time"]),
        actor=str(entry["actor"]["id"]),
        action=str(body["action"]),
        object=f"{thing['type']}:{thing['id']}",
        rollout=str(thing["rollout"]),
        verdict=_verdict_of(entry),
    )


def _verdict_of(entry: "Mapping[str, Mapping[str, Plain]]") -> str:
    """Return the verdict that a signature covers, or that the change brought about, or nothing."""
    if entry["signature"]:
        return str(entry["signature"]["verdict"])
    fields = cast("Mapping[str, list[Plain]]", entry["change"]["fields"])
    new = fields["verdict"][1] if "verdict" in fields else ""
    return new if isinstance(new, str) else ""


def text_of(body: Mapping[str, Plain]) -> str:
    """Return the words of an entry that a person would search for, one a line."""
    entry = cast("Mapping[str, Mapping[str, Plain]]", body)
    fields = canonical_bytes(entry["change"]["fields"]).decode()
    words = [body["action"], entry["object"]["label"], entry["object"]["id"], entry["actor"]["name"], body["reason"]]
    return "\n".join([*map(str, words), fields])
