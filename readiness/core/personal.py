"""Personal values in entries: the leaf holds a salted commitment, and value and salt stand where they can be erased.

Without the salt nobody can try out values: all addresses there are would otherwise be tried in minutes. What was erased
leaves the commitment as it is, so every hash and every proof stays valid.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import cast

from readiness.core.audit import Act
from readiness.core.canonical import Plain, canonical_bytes

COMMITTED = "$c:"
SALT_BYTES = 16
ADDRESS, AGENT = "channel.ip", "channel.ua"
PATHS = (ADDRESS, AGENT)
"""Where personal values stand in an entry. A name is none of them: who decided is what the record is for."""
ERASED = "privacy.erased"


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal value of an entry, with the salt of its commitment."""

    path: str
    salt: bytes
    value: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """An entry that tells of an erasure: of whose entries, through which one."""

    seq: int
    actor: str
    through: int

    def covers(self, seq: int, actor: str) -> bool:
        """Say whether values of this entry were erased by it."""
        return actor == self.actor and seq <= self.through < self.seq


def commit_to(value: str, salt: bytes) -> str:
    """Give the commitment to a value."""
    return COMMITTED + b64encode(sha256(salt + canonical_bytes(value)).digest()).decode()


def conceal_act(act: Act, make_salt: Callable[[int], bytes]) -> tuple[Act, tuple[Personal, ...]]:
    """Put commitments in the place of personal values; give both. An empty value stays empty: it tells nothing."""
    given = {ADDRESS: act.channel.ip, AGENT: act.channel.ua}
    personal = tuple(Personal(path, make_salt(SALT_BYTES), value) for path, value in given.items() if value)
    said = {each.path: commit_to(each.value, each.salt) for each in personal}
    channel = replace(act.channel, ip=said.get(ADDRESS, ""), ua=said.get(AGENT, ""))
    return replace(act, channel=channel), personal


def commitments_in(body: Mapping[str, Plain]) -> dict[str, str]:
    """Give the commitments of a parsed entry by their path. Older entries hold the values themselves."""
    found = {}
    for path in PATHS:
        part, _, name = path.partition(".")
        value = cast("Mapping[str, Plain]", body.get(part) or {}).get(name)
        if isinstance(value, str) and value.startswith(COMMITTED):
            found[path] = value
    return found


def erasure_in(body: Mapping[str, Plain]) -> Erasure | None:
    """Read an entry that tells of an erasure."""
    if body.get("action") != ERASED:
        return None
    change = cast("Mapping[str, Mapping[str, list[Plain]]]", body["change"])
    fields = change["fields"]
    return Erasure(int(str(body["seq"])), str(fields["actor"][1]), int(str(fields["through"][1])))
