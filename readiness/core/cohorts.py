"""Cohorts: which value of a flag somebody gets, always the same one, and more people with every larger share.

A seed and a key are hashed with murmur3 (x86, 32 bit) over their UTF-8 bytes and scaled to 10,000 basis points; whoever
lies below the share gets the change. The seed is the flag's salt, else its key, so that no phase changes a cohort but
by adding to it. Words and reasons are those of OpenFeature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import mmh3

from readiness.core.exposure import WHOLE_BP
from readiness.core.plan import Plan
from readiness.core.plan_document import mapping_of, written_text

BUCKETING: Final = "murmur3-raw-v1"
FlagValue: TypeAlias = bool | str | int | float | Mapping[str, object]


class FlagType(StrEnum):
    """What kind of value a flag has."""

    BOOLEAN = "boolean"
    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    OBJECT = "object"


class ResolutionReason(StrEnum):
    """Why somebody gets a value: everybody does, their cohort does, or the flag was turned off."""

    STATIC = "STATIC"
    SPLIT = "SPLIT"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class FlagSpec:
    """A flag as the plan defines it: its two values, and how people are put into cohorts."""

    key: str
    title: str
    on: FlagValue
    off: FlagValue
    bucket_by: str
    salt: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """A value, which of the two it is, and why."""

    value: FlagValue
    variant: str
    reason: ResolutionReason


class TargetingKeyMissing(ValueError):
    """The share splits people, and the context names none."""


def flag_spec(plan: Plan, key: str) -> FlagSpec:
    """Read a flag of the plan."""
    said = plan.flags[key]
    kind = FlagType(written_text(said, "type", FlagType.BOOLEAN))
    values = mapping_of(said.get("values")) or {"on": True, "off": False}
    return FlagSpec(
        key=key,
        title=written_text(said, "title", key),
        on=_typed(kind, values["on"]),
        off=_typed(kind, values["off"]),
        bucket_by=written_text(said, "bucket_by"),
        salt=written_text(said, "salt"),
    )


def _typed(kind: FlagType, value: object) -> FlagValue:
    """Give a value its type again; the plan's document keeps fractions as text."""
    if kind is FlagType.FLOAT:
        return float(str(value))
    if not isinstance(value, bool | str | int | Mapping):
        raise TypeError(f"{value!r} is no value of a flag")
    return value


def bucket_bp(seed: str, targeting_key: str) -> int:
    """Give where somebody lies among 10,000: 0 to 9,999."""
    hashed: int = mmh3.hash((seed + targeting_key).encode(), signed=False)
    return hashed * WHOLE_BP >> 32


def targeting_key(spec: FlagSpec, context: Mapping[str, object]) -> str:
    """Give what a context is told apart by: the attribute that the flag names, else its targeting key."""
    found = context.get(spec.bucket_by) if spec.bucket_by else None
    chosen = found if isinstance(found, str | int) and not isinstance(found, bool) else context.get("targetingKey")
    return str(chosen) if isinstance(chosen, str | int) else ""


def resolve_flag(spec: FlagSpec, share_bp: int, killed: bool, context: Mapping[str, object]) -> Resolution:
    """Give the value that a context gets at a share of 0 to 10,000 basis points. Raises TargetingKeyMissing."""
    if killed or share_bp <= 0:
        return Resolution(spec.off, "off", ResolutionReason.DISABLED if killed else ResolutionReason.STATIC)
    if share_bp >= WHOLE_BP:
        return Resolution(spec.on, "on", ResolutionReason.STATIC)
    key = targeting_key(spec, context)
    if not key:
        by = f"{spec.bucket_by} or targetingKey" if spec.bucket_by else "targetingKey"
        raise TargetingKeyMissing(f"{spec.key} is given to a share of people. Send {by} in the context.")
    if bucket_bp(spec.salt or spec.key, key) < share_bp:
        return Resolution(spec.on, "on", ResolutionReason.SPLIT)
    return Resolution(spec.off, "off", ResolutionReason.SPLIT)
