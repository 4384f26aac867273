"""Frozen dataclasses to plain JSON values and back, by their type hints, exactly.

Facts, statements and plans are stored this way, so that a stored verdict can be evaluated again. Every field is
written: datetimes become RFC 3339 in UTC with microseconds, timedeltas decimal seconds, floats and Decimals decimal
text ("NaN", "+Inf", "-Inf"), enums their value, tuples lists. A field declared `object` (settings kept as written) may
hold what YAML can: there, floats and dates carry a `$` tag, because no type hint says what they are.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from re import compile as pattern
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeAlias, TypeVar, cast

Plain: TypeAlias = "bool | int | str | Sequence[Plain] | Mapping[str, Plain] | None"
PlainDict: TypeAlias = "dict[str, Plain]"
# The hint vouches for the type of what passes through, which no static type can follow.
Convert: TypeAlias = Callable[[Any], Any]
Codec: TypeAlias = tuple[Convert, Convert]
T = TypeVar("T")

_MICROSECOND = timedelta(microseconds=1)
_SECONDS = pattern(r"-?\d{1,14}(\.\d{1,6})?")
_TIME = pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class UnexpectedShape(ValueError):
    """A value does not have the type that its field declares."""


def to_plain(value: object) -> Plain:
    """Turn a frozen dataclass, a scalar, or a sequence or mapping of them into a plain value."""
    if type(value) in _SCALARS:
        return cast(Plain, _SCALARS[type(value)][0](value))
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {_write_str(key): to_plain(item) for key, item in value.items()}
    kind: Any = type(value)
    return cast(Plain, _codec(kind)[0](value))


def from_plain(cls: type[T], value: Plain) -> T:
    """Read back what `to_plain` wrote, by the type hints of `cls`; raise `UnexpectedShape` for anything else.

    An absent field takes its default, so that what was stored before the field existed can still be read.
    """
    hint: Any = cls
    return cast(T, _codec(hint)[1](value))


def _refuse(value: object, wanted: str) -> NoReturn:
    raise UnexpectedShape(f"{value!r} is not {wanted}")


def _exactly(kind: type, convert: Convert | None = None) -> Convert:
    """Refuse every other type, then convert."""

    def check(value: object) -> object:
        if type(value) is not kind:
            _refuse(value, kind.__name__)
        return convert(value) if convert else value

    return check


def _from_text(read: Callable[[str], object]) -> Convert:
    """Wrap a reader of text, so that anything it cannot read is an `UnexpectedShape`."""

    def convert(value: object) -> object:
        try:
            return read(value) if isinstance(value, str) else _refuse(value, "text")
        except (ValueError, InvalidOperation) as problem:
            raise UnexpectedShape(str(problem)) from problem

    return convert


def _write_str(value: object) -> str:
    return str(value) if isinstance(value, str) else _refuse(value, "text")


def _write_float(value: object) -> str:
    if type(value) not in (float, int):
        _refuse(value, "a number")
    text = repr(float(cast(float, value)))
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(text, text)


def _write_moment(value: date | datetime) -> str:
    """Write a date, or a datetime with a time zone; the two stay apart by their length."""
    if type(value) is date:
        return value.isoformat()
    if not isinstance(value, datetime) or value.tzinfo is None:
        _refuse(value, "a datetime with a time zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _read_moment(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == 10 else _read_datetime(text)


def _read_datetime(text: str) -> datetime:
    return datetime.fromisoformat(text) if _TIME.fullmatch(text) else _refuse(text, "a time in UTC")


def _write_timedelta(value: timedelta) -> str:
    micros = value // _MICROSECOND
    whole, part = divmod(abs(micros), 1_000_000)
    return ("-" if micros < 0 else "") + str(whole) + (f".{part:06d}".rstrip("0") if part else "")


def _read_timedelta(text: str) -> timedelta:
    return int(Decimal(text).scaleb(6)) * _MICROSECOND if _SECONDS.fullmatch(text) else _refuse(text, "seconds")


_TAGS: dict[type, str] = {float: "$float", date: "$date", datetime: "$at", timedelta: "$seconds", Decimal: "$decimal"}


def _write_any(value: object) -> object:
    """Write a value that no hint describes; what JSON has no type for carries a tag."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, list | tuple):
        return [_write_any(item) for item in value]
    if isinstance(value, Mapping):
        found = {_write_str(key): _write_any(item) for key, item in value.items()}
        return {"$dict": found} if len(found) == 1 and next(iter(found)).startswith("$") else found
    kind: Any = type(value)
    tag = _TAGS.get(kind) or _refuse(value, "a value that can be kept as written")
    return {tag: _codec(kind)[0](value)}


def _read_any(value: object) -> object:
    if isinstance(value, list):
        return [_read_any(item) for item in value]
    if not isinstance(value, dict):
        return value
    key, item = next(iter(value.items())) if len(value) == 1 else ("", None)
    if key == "$dict":
        return {name: _read_any(inner) for name, inner in cast("dict[str, object]", item).items()}
    kind = next((kind for kind, tag in _TAGS.items() if tag == key), None)
    return _codec(kind)[1](item) if kind else {name: _read_any(inner) for name, inner in value.items()}


_MOMENTS = frozenset({date, datetime})
_SCALARS: dict[object, Codec] = {
    **{kind: (_exactly(kind), _exactly(kind)) for kind in (int, bool, NoneType)},
    str: (_write_str, _exactly(str)),
    float: (_write_float, _from_text(float)),
    date: (_exactly(date, date.isoformat), _from_text(date.fromisoformat)),
    datetime: (_exactly(datetime, _write_moment), _from_text(_read_datetime)),
    timedelta: (_exactly(timedelta, _write_timedelta), _from_text(_read_timedelta)),
    Decimal: (_exactly(Decimal, str), _from_text(Decimal)),
    object: (_write_any, _read_any),
    _MOMENTS: (_write_moment, _from_text(_read_moment)),
}


@cache
def _codec(hint: Any) -> Codec:
    """Return (writer, reader) for a type hint, built once."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if dataclasses.is_dataclass(hint):
        return _dataclass_codec(cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _enum_codec(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType) and NoneType in args:
        return _optional_codec(frozenset(args) - {NoneType})
    if origin is tuple:
        return _list_codec(args[0]) if args[-1] is Ellipsis else _row_codec(args)
    if origin in (dict, Mapping) and args[0] is str:
        return _mapping_codec(args[1])
    raise UnexpectedShape(f"{hint!r} has no plain form")


def _enum_codec(kind: type[StrEnum]) -> Codec:
    return _exactly(kind, lambda value: value.value), _from_text(kind)


def _optional_codec(kinds: frozenset[object]) -> Codec:
    write, read = _codec(kinds if len(kinds) > 1 else next(iter(kinds)))

    def optional(convert: Convert) -> Convert:
        return lambda value: None if value is None else convert(value)

    return optional(write), optional(read)


def _list_codec(hint: object) -> Codec:
    (write, read), is_tuple, is_list = _codec(hint), _exactly(tuple), _exactly(list)
    return (lambda value: [write(item) for item in is_tuple(value)]), (
        lambda value: tuple([read(item) for item in is_list(value)])
    )


def _row_codec(hints: tuple[object, ...]) -> Codec:
    codecs, is_tuple, is_list = [_codec(hint) for hint in hints], _exactly(tuple), _exactly(list)

    def write(value: object) -> object:
        return [codec[0](item) for codec, item in zip(codecs, is_tuple(value), strict=True)]

    def read(value: object) -> object:
        if len(is_list(value)) != len(codecs):
            _refuse(value, f"a list of {len(codecs)}")
        return tuple([codec[1](item) for codec, item in zip(codecs, is_list(value), strict=True)])

    return write, read


def _mapping_codec(hint: object) -> Codec:
    (write, read), is_dict = _codec(hint), _exactly(dict)

    def write_all(value: Mapping[str, object]) -> object:
        return {_write_str(key): write(item) for key, item in value.items()}

    return write_all, lambda value: {key: read(item) for key, item in is_dict(value).items()}


@cache
def _plan(cls: type) -> tuple[tuple[str, Convert, Convert, bool], ...]:
    """Return (name, writer, reader, has a default) for each field, on first use: classes may nest themselves."""
    hints, missing = typing.get_type_hints(cls), dataclasses.MISSING
    return tuple(
        (field.name, *_codec(hints[field.name]), field.default is not missing or field.default_factory is not missing)
        for field in dataclasses.fields(cls)
    )


def _dataclass_codec(cls: type) -> Codec:
    check, is_dict = _exactly(cls), _exactly(dict)

    def write(value: object) -> object:
        check(value)
        return {name: write_one(getattr(value, name)) for name, write_one, _, _ in _plan(cls)}

    def read(value: object) -> object:
        given, plan = is_dict(value), _plan(cls)
        if unknown := given.keys() - {name for name, *_ in plan}:
            _refuse(sorted(unknown), f"part of {cls.__name__}")
        if absent := {name for name, _, _, optional in plan if not optional} - given.keys():
            raise UnexpectedShape(f"{cls.__name__} lacks {', '.join(sorted(absent))}")
        return cls(**{name: read_one(given[name]) for name, _, read_one, _ in plan if name in given})

    return write, read
