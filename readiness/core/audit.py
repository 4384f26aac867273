"""The audit entry: what changed, who did it and how, and the exact bytes that become one leaf of the log.

A service builds a `Change` and passes it, with the `Act` that a view, task or command built, to `services/audit.py`.
An entry has at most 65,535 bytes (C2SP tlog-tiles count entry lengths in 16 bits).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from readiness.core.canonical import (
    Plain,
    PlainDict,
    canonical_bytes,
    digest_of,
    to_plain,
)

FORMAT = 1
MAX_ENTRY_BYTES = 65_535
MAX_FIELD_BYTES = 2_048
KEPT = "$kept"
REHEARSAL = "REHEARSAL: "
"""What leads the label of everything that belongs to a rehearsal."""
_ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class EntryTooLarge(ValueError):
    """An entry would have more bytes than a log entry can have."""


class ActorType(StrEnum):
    """What kind of actor acted."""

    USER = "user"
    SERVICE = "service"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class ChannelKind(StrEnum):
    """The way an act came in."""

    WEB = "web"
    API = "api"
    CELERY = "celery"
    BEAT = "beat"
    SHELL = "shell"
    MIGRATION = "migration"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, copied as they were then: `id` is like "u:7", `roles` are role keys."""

    type: ActorType
    id: str
    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """How the act came in: request id, address of the connection, user agent, digest of the session, code version."""

    kind: ChannelKind
    request: str = ""
    ip: str = ""
    ua: str = ""
    session: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Auth:
    """How the actor proved who they are, when, and how many seconds before the act."""

    methods: tuple[str, ...] = ()
    at: datetime | None = None
    age_s: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Who did it, how, and for whom (`on_behalf_of`: the person who started a task that a machine finished)."""

    actor: Actor
    channel: Channel
    auth: Auth = Auth()
    on_behalf_of: Actor | None = None


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """What it was done to. `rollout` is the rollout's key, empty when there is none; `rev` counts its revisions."""

    type: str
    id: str
    label: str
    rollout: str = ""
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Signature:
    """What a sign-off says and covers: digests of the statement, the evidence and the policy, and the verdict."""

    meaning: str
    statement: str
    evidence: str
    verdict: str
    policy: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A governed row that changed along with the object of an act: what it was and is (None: no row)."""

    type: str
    id: str
    before: Mapping[str, Plain] | None
    after: Mapping[str, Plain] | None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened: a dotted verb, its object, and the object's canonical state before and after (None: no object).

    One act is one entry. `also` holds every other governed row that it changed, so that folding the entries gives all
    rows.
    """

    action: str
    object: ObjectRef
    before: Mapping[str, Plain] | None = None
    after: Mapping[str, Plain] | None = None
    reason: str = ""
    signature: Signature | None = None
    also: tuple[RowChange, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an action that is not like "claim.made"."""
        if not _ACTION.fullmatch(self.action):
            raise ValueError(f"The action {self.action!r} must be dotted lower-case words such as 'claim.made'")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: the log's origin, the sequence number, and the database's time under the head lock."""

    log: str
    seq: int
    at: datetime


def changed_fields(change: Change | RowChange, keep: Callable[[bytes], str]) -> PlainDict:
    """Return {name: [old, new]} for every field that differs; all of them when the object is made or removed.

    A value of more than 2,048 canonical bytes goes to `keep` and stands in the entry as {"$kept": digest}.
    """
    before, after = change.before or {}, change.after or {}
    return {
        name: [_field(before.get(name), keep), _field(after.get(name), keep)]
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name] != after[name]
    }


def also_changed(change: Change, keep: Callable[[bytes], str]) -> list[Plain]:
    """Write the rows that changed along with the object, each like the object itself."""
    return [{"type": row.type, "id": row.id, **_sides(row), "fields": changed_fields(row, keep)} for row in change.also]


def _field(value: Plain, keep: Callable[[bytes], str]) -> Plain:
    data = canonical_bytes(value)
    looks_kept = isinstance(value, Mapping) and KEPT in value
    return {KEPT: keep(data)} if len(data) > MAX_FIELD_BYTES or looks_kept else value


def entry_bytes(place: Place, change: Change, act: Act, fields: PlainDict, also: Sequence[Plain] = ()) -> bytes:
    """Return the canonical bytes of one entry; raise `EntryTooLarge` beyond 65,535 bytes."""
    changed: PlainDict = {**_sides(change), "fields": fields} | ({"also": also} if also else {})
    data = canonical_bytes(
        {
            "v": FORMAT,
            "log": place.log,
            "seq": place.seq,
            "time": to_plain(place.at),
            "action": change.action,
            "object": to_plain(change.object),
            **_act_plain(act),
            "change": changed,
            "reason": change.reason,
            "signature": to_plain(change.signature),
        }
    )
    if len(data) > MAX_ENTRY_BYTES:
        raise EntryTooLarge(
            f"The entry for {change.action} has {len(data):,} bytes; at most {MAX_ENTRY_BYTES:,} fit. "
            "Keep large values as blobs and record their digest."
        )
    return data


def _act_plain(act: Act) -> PlainDict:
    """Write who and how: the one place where names, addresses and user agents enter an entry."""
    return cast(PlainDict, to_plain(act))


def _sides(change: Change | RowChange) -> PlainDict:
    return {"before": _state_digest(change.before), "after": _state_digest(change.after)}


def _state_digest(state: Mapping[str, Plain] | None) -> str | None:
    return None if state is None else digest_of(state)
