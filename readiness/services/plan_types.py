"""The words of the plan file: texts, keys, switches, shares, durations, each with the sentence that refuses it.

Values stay text in the document (`10m`, `5%`, `0.05`), so that its canonical bytes hold no fraction; `core/plan_build`
reads them again.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from readiness.core.plan_conditions import FOR_PHASE
from readiness.core.quantities import (
    parse_duration,
    parse_duration_range,
    parse_share,
)

TAG = "→"
"""Marks what pydantic adds to the place of a fault when it chooses among alternatives; never part of a path."""
OMITTED: Any = None
"""Stands for a key that was not written. Never read: the document holds what was written and nothing else."""
_ON, _OFF = ("on", "true", "yes"), ("off", "false", "no")
_MOST_LIMITS = 10
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Part(BaseModel):
    """A mapping of the plan file: no key is silently ignored, and no value is silently turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def text_or_mapping(value: object) -> str:
    """Whether something that has a short and a long form is written in the long one."""
    return TAG + ("mapping" if isinstance(value, dict | BaseModel) else "text")


def text_or_list(value: object) -> str:
    """Whether something that is one text or several is written as several."""
    return TAG + ("list" if isinstance(value, list) else "text")


def stated_kind(value: object) -> str | None:
    """The kind that a mapping states, as the tag of the alternative that it chooses."""
    found = getattr(value, "kind", None) if isinstance(value, BaseModel) else None
    found = value.get("kind") if isinstance(value, dict) else found
    return f"{TAG}{found}" if found is not None else None


def as_text(value: object) -> object:
    """A number written without quotes is the text that it looks like."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def checked(parse: Callable[[str], object]) -> AfterValidator:
    """Keep the text as written when `parse` can read it."""

    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("This is empty; write something, or leave the key out.")
    return text


def _as_switch(value: object) -> object:
    word = str(value).lower()
    return word in _ON if isinstance(value, bool | str) and word in _ON + _OFF else value


def _as_share(value: object) -> object:
    """`on` and `off` in any spelling, or a percentage."""
    word = str(value).lower()
    if isinstance(value, bool | str) and word in _ON + _OFF:
        return "on" if word in _ON else "off"
    return value


def _share(text: str) -> str:
    if text not in {"on", "off"}:
        _refuse_unless(parse_share, text, f"{text!r} is not a share; write on, off or a percentage such as 5%.")
    return text


def _share_or_previous(text: str) -> str:
    return text if text == "previous_phase" else _share(text)


def _refuse_unless(parse: Callable[[str], object], text: str, sentence: str) -> None:
    try:
        parse(text)
    except ValueError:
        raise ValueError(sentence) from None


def _day(text: str) -> str:
    _refuse_unless(date.fromisoformat, text, f"{text!r} is not a date; write one such as 2025-12-08.")
    return text


def _moment(text: str) -> str:
    _refuse_unless(datetime.fromisoformat, text, f"{text!r} is not a date or time; write one such as 2025-12-08.")
    return text


def _span(text: str) -> str:
    if not parse_duration(text):
        raise ValueError(f"{text!r} is no time at all; write one such as 30s, 10m or 7d.")
    return text


def _web_path(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError(f"{text!r} is not a path of an address; write one that begins with /.")
    return text


def worded(pattern: str, sentence: str) -> AfterValidator:
    """Refuse text that does not match, with a sentence that begins with what was found."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} {sentence}")
        return text

    return AfterValidator(check)


def _zone(text: str) -> str:
    _refuse_unless(_zone_info, text, f"{text!r} is not a time zone; write one such as UTC or Europe/Berlin.")
    return text


def _zone_info(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(text) from None


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as trouble:
        raise ValueError(f"{text!r} is not a regular expression: {trouble}.") from None
    return text


def _variables(text: str) -> str:
    """`${NAME}` is read from the environment when used; a typing slip would otherwise be sent as it stands."""
    names = _VARIABLE.findall(text)
    if text.count("${") != len(names) or not all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in names):
        raise ValueError(f"{text!r} holds an unfinished variable; write ${{NAME}}.")
    return text


def _secret(text: str) -> str:
    if not _VARIABLE.search(_variables(text)):
        raise ValueError("A secret is never written in a plan; name an environment variable, such as ${TOKEN}.")
    return text


def _without_password(text: str) -> str:
    """An address may hold a user, but a password only by the name of a variable."""
    user = re.search(r"://([^/@\s]*)@", text)
    if user and ":" in user[1] and not _VARIABLE.search(user[1].partition(":")[2]):
        raise ValueError("A secret is never written in a plan; give the whole address by a variable, such as ${URL}.")
    return text


def _expect(value: JsonValue) -> JsonValue:
    lists = value if isinstance(value, list) else [value]
    texts = [text for part in lists for text in (part if isinstance(part, list) else [part])]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError('A limit is text with an operator, such as "<= 15ms", or a list of such texts.')
    if len(texts) > _MOST_LIMITS:
        raise ValueError(f"Found {len(texts)} limits on one gate; at most {_MOST_LIMITS} are read.")
    return value


def _version(value: object) -> object:
    """Python takes true for 1."""
    if isinstance(value, bool):
        raise ValueError(f"Found {str(value).lower()}; write 1.")
    return value


def _hold_for(text: str) -> str:
    if text != FOR_PHASE:
        _refuse_unless(parse_duration, text, f"{text!r} is not a duration; write one such as 10m, or phase.")
    return text


_EXPECT_SCHEMA: JsonDict = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    ]
}
LOOSE_TEXT = WithJsonSchema({"type": ["string", "integer"]})
_LOOSE_SWITCH = WithJsonSchema({"enum": [True, False, "on", "off", "yes", "no", "true", "false"]})
_KEY = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

Text: TypeAlias = Annotated[str, BeforeValidator(as_text), LOOSE_TEXT]
Words: TypeAlias = Annotated[str, BeforeValidator(as_text), AfterValidator(_filled), LOOSE_TEXT]
Key: TypeAlias = Annotated[
    str,
    BeforeValidator(as_text),
    Field(pattern=_KEY),
    WithJsonSchema({"type": ["string", "integer"], "pattern": _KEY}),
]
Origin: TypeAlias = Annotated[
    Annotated[Words, Tag(TAG + "text")] | Annotated[list[Words], Field(min_length=1), Tag(TAG + "list")],
    Discriminator(text_or_list),
]
Switch: TypeAlias = Annotated[bool, BeforeValidator(_as_switch), _LOOSE_SWITCH]
Share: TypeAlias = Annotated[
    str, BeforeValidator(_as_share), AfterValidator(_share), WithJsonSchema({"type": ["string", "boolean"]})
]
ShareOrPrevious: TypeAlias = Annotated[
    str, BeforeValidator(_as_share), AfterValidator(_share_or_previous), WithJsonSchema({"type": ["string", "boolean"]})
]
Duration: TypeAlias = Annotated[str, checked(parse_duration)]
Span: TypeAlias = Annotated[Duration, AfterValidator(_span)]
DurationRange: TypeAlias = Annotated[str, checked(parse_duration_range)]
Clock: TypeAlias = Annotated[
    str, worded(r"([01]\d|2[0-3]):[0-5]\d", 'is not a time of day; write one such as "02:00".')
]
Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
Day: TypeAlias = Annotated[str, AfterValidator(_day)]
Moment: TypeAlias = Annotated[str, AfterValidator(_moment)]
WebPath: TypeAlias = Annotated[Words, AfterValidator(_web_path)]
Pattern: TypeAlias = Annotated[str, AfterValidator(_pattern)]
Address: TypeAlias = Annotated[str, AfterValidator(_filled), AfterValidator(_variables)]
Url: TypeAlias = Annotated[Address, AfterValidator(_without_password)]
Secret: TypeAlias = Annotated[str, AfterValidator(_secret)]
Expect: TypeAlias = Annotated[JsonValue, AfterValidator(_expect), WithJsonSchema(_EXPECT_SCHEMA)]
HoldFor: TypeAlias = Annotated[str, AfterValidator(_hold_for)]
Version: TypeAlias = Annotated[Literal[1], BeforeValidator(_version)]
Severity: TypeAlias = Literal["blocking", "high", "medium", "low"]
