"""What the parts of a plan say, in words, field by field: the sides of a difference that people read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import TypeAlias

from readiness.core.conditions import Condition, GateSpec
from readiness.core.criteria import parse_criteria
from readiness.core.criteria_words import describe_criteria
from readiness.core.quantities import compact_duration, format_number

Said: TypeAlias = Mapping[str, str]
"""What a thing says, by the name of what it says; what it leaves out is not there."""
_SPECS = ("item", "gate", "check", "experiment", "drill", "review", "abort")
_IDENTITY = ("path", "kind", "key", "place", "list", "digest", "reads")
_NAMES = {"hold_for": "for", "dwell": "shortest duration", "late_after": "late after", "origin": "from", "last": "last"}


def condition_words(condition: Condition) -> Said:
    """What a condition says, its limit as a sentence would."""
    said = dict(fields_words(condition, _SPECS))
    for name in _SPECS:
        spec = getattr(condition, name)
        if isinstance(spec, GateSpec):
            said |= {"limit": _limit(spec)} | fields_words(spec, ("expect", "at_least")) | _share_of_phase(spec)
        elif spec is not None:
            said |= fields_words(spec)
    return said


def _limit(spec: GateSpec) -> str:
    title = spec.against.title or spec.against.baseline or "" if spec.against else ""
    return describe_criteria(parse_criteria(spec.expect, spec.unit), spec.unit, title)


def _share_of_phase(spec: GateSpec) -> dict[str, str]:
    return {} if spec.at_least is None else {"at least": f"{format_number(spec.at_least * 100, 6)} %"}


def fields_words(thing: object, leave: Iterable[str] = ()) -> dict[str, str]:
    """What the fields of a frozen value say, without those that tell it from others and those in `leave`."""
    if not is_dataclass(thing):
        return {}
    left = {*_IDENTITY, *leave}
    said = {f.name: value_words(getattr(thing, f.name), f.name) for f in fields(thing) if f.name not in left}
    return {_NAMES.get(name, name.replace("_", " ")): text for name, text in said.items() if text}


def value_words(value: object, name: str = "") -> str:
    """A value as people read it; empty for what says nothing."""
    if value is None or value is False or value == ():
        return ""
    if name == "estimate" and isinstance(value, tuple):
        return " to ".join(dict.fromkeys(format_number(end) for end in value)) + " days"
    return _plain_words(value)


def _plain_words(value: object) -> str:
    if isinstance(value, timedelta):
        return compact_duration(value) if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return format_number(value, 6)
    return _group_words(value)


def _group_words(value: object) -> str:
    """Mappings by key, because a stored plan no longer knows in which order they were written."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain_words(value[key])}" for key in sorted(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_plain_words(part) for part in value if part is not None)
    if is_dataclass(value):
        return ", ".join(f"{name} {text}" for name, text in fields_words(value).items())
    return str(value)


def joined_words(said: Said) -> str:
    """Everything that a thing says beside its title, on one line; what is only a text stands alone."""
    named = {name: text for name, text in said.items() if name != "title"}
    return named["text"] if list(named) == ["text"] else "; ".join(f"{name} {text}" for name, text in named.items())
