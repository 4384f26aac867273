"""From what the schema refuses to sentences for people: where it stands, what was found, what is allowed."""

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from readiness.core.conditions import ConditionKind, ConditionList
from readiness.core.plan_document import SECTIONS, Path, format_path
from readiness.core.plan_fault import Fault, listed_words, nearest_word
from readiness.services.plan_schema import PlanPart
from readiness.services.plan_types import TAG

_LONGEST = 60
_TRIGGERS = ("item", "gate", "experiment")
_PROOFS = ("gate", "check")
_CONDITION_LISTS = {each.value for each in ConditionList}
_WRITE = {
    "string_type": "write text",
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "list_type": "write a list",
    "dict_type": "write a mapping",
    "model_type": "write a mapping",
}


def schema_faults(refused: ValidationError) -> list[Fault]:
    """Every fault of the schema, once. A key that is missing because it is misspelt is told only as misspelt."""
    faults = [_fault(error) for error in refused.errors(include_url=False)]
    meant = {(*fault.at[:-1], fault.suggestion) for fault in faults if fault.at_key and fault.suggestion}
    return [fault for fault in faults if not (fault.found == "nothing" and (*fault.at, fault.allowed) in meant)]


def without_faults(document: object, faults: Iterable[Fault], *, whole: bool = False) -> object:
    """The document without the values that faults point at, with every other thing at its place.

    With `whole` a definition or condition that has a fault is taken out as a whole, so that nothing is judged by half
    of what it says. What is only missing leaves nothing else to take out.
    """
    left_out = {fault.at for fault in faults if fault.found != "nothing"}
    return _without(document, (), {*left_out, *(_whole_of(fault.at) for fault in faults)} if whole else left_out)


def _whole_of(at: Path) -> Path:
    """The definition or condition that a path is in; one that is nowhere when it is in none."""
    if at[:1] and at[0] in SECTIONS:
        return at[:2]
    lists = [index for index, part in enumerate(at) if part in _CONDITION_LISTS]
    return at[: lists[0] + 2] if lists else ("nowhere",)


def _without(value: object, at: Path, left_out: set[Path]) -> object:
    if at in left_out:
        return None
    if isinstance(value, Mapping):
        kept = {key: (*at, key) for key in value if (*at, key) not in left_out}
        return {key: _without(value[key], path, left_out) for key, path in kept.items()}
    if isinstance(value, list):
        return [_without(part, (*at, index), left_out) for index, part in enumerate(value)]
    return value


def _fault(error: ErrorDetails) -> Fault:
    speak = _SPEAKERS.get(error["type"], _wrong_type)
    return speak(error, _place(error["loc"]))


def _place(loc: Iterable[str | int]) -> Path:
    """The path of an error, without what tells which alternative was tried."""
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith(TAG)) and part != "[key]")


def _unknown_key(error: ErrorDetails, at: Path) -> Fault:
    allowed = _keys_at(error["loc"][:-1])
    name = str(at[-1])
    meant = nearest_word(name, allowed)
    hint = f"did you mean {meant}?" if meant else f"allowed are {listed_words(allowed)}."
    if error["input"] is None and not meant:
        hint = "inside { } a comma ends a text, so write a text with a comma in quotes."
    sentence = f"{name!r} is not a key of {_whole(at[:-1])}; {hint}"
    return Fault(at, sentence, repr(name), listed_words(allowed), meant, at_key=True)


def _missing(error: ErrorDetails, at: Path) -> Fault:
    name = str(at[-1])
    return Fault(at[:-1], f"{_whole(at[:-1])} needs {name}, which is missing.", "nothing", name)


def _whole(at: Path) -> str:
    return format_path(at) if at else "a plan"


def _not_allowed(error: ErrorDetails, at: Path) -> Fault:
    allowed = [word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    if at[-1] == "blocks":
        allowed.append("a list of phases")
    return _one_of(at, error["input"], allowed)


def _one_of(at: Path, found: object, allowed: list[str]) -> Fault:
    words, meant = listed_words(allowed, "or"), nearest_word(str(found), allowed)
    hint = f" Did you mean {meant}?" if meant else ""
    return Fault(at, f"Found {describe_value(found)}; write {words}.{hint}", describe_value(found), words, meant)


def _said_so(error: ErrorDetails, at: Path) -> Fault:
    sentence = str(error["ctx"]["error"])
    return Fault(at, sentence, describe_value(error["input"]), sentence.partition("; ")[2].rstrip("."))


def _no_key(error: ErrorDetails, at: Path) -> Fault:
    allowed = "letters, digits, dots, dashes and underscores, at most 64, beginning with a letter or digit"
    sentence = f"{describe_value(error['input'])} cannot be a key; write {allowed}."
    return Fault(at, sentence, describe_value(error["input"]), allowed, at_key="[key]" in error["loc"])


def _too_short(error: ErrorDetails, at: Path) -> Fault:
    return Fault(at, f"{_whole(at)} is empty; write one entry at least.", "nothing", "one at least")


def _unknown_kind(error: ErrorDetails, at: Path) -> Fault:
    expected = error["ctx"]["expected_tags"].split(", ")
    return _one_of((*at, "kind"), error["ctx"]["tag"].removeprefix(TAG), [tag.strip("'" + TAG) for tag in expected])


def _no_kind(error: ErrorDetails, at: Path) -> Fault:
    if not isinstance(error["input"], dict):
        return _wrong_type({**error, "type": "dict_type"}, at)
    return Fault(at, f"{_whole(at)} needs kind, which is missing.", "nothing", "kind")


def _no_condition(error: ErrorDetails, at: Path) -> Fault:
    """A condition that names no kind, several, or one that cannot stand here."""
    found = error["input"]
    kinds = _TRIGGERS if "abort" in at else _PROOFS if at[-1] == "verify" else tuple(ConditionKind)
    noun = {_TRIGGERS: "An abort trigger", _PROOFS: "What verifies a way back"}.get(kinds, "A condition")
    allowed = listed_words(kinds, "or")
    if not isinstance(found, Mapping):
        return Fault(at, f"Found {describe_value(found)}; write a mapping such as {{{kinds[0]}: key}}.")
    meant = next((word for key in found if (word := nearest_word(str(key), kinds)) and key != word), "")
    named = [str(key) for key in found if key in tuple(ConditionKind)] or [str(key) for key in found]
    hint = f" Did you mean {meant}?" if meant else ""
    sentence = f"{noun} names exactly one of {allowed}; found {listed_words(named)}.{hint}"
    return Fault(at, sentence, listed_words(named), allowed, meant)


def _wrong_type(error: ErrorDetails, at: Path) -> Fault:
    at_least = error.get("ctx", {}).get("ge")
    write = f"write {at_least} or more" if at_least is not None else _WRITE.get(error["type"], error["msg"])
    found = describe_value(error["input"])
    return Fault(at, f"Found {found} at {_whole(at)}; {write}.", found, write.removeprefix("write "))


def describe_value(value: object) -> str:
    """What was found, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return repr(value if isinstance(value, int) or len(value) <= _LONGEST else f"{value[:_LONGEST]}…")
    return "a mapping" if isinstance(value, Mapping) else "a list"


_SPEAKERS: Mapping[str, Callable[[ErrorDetails, Path], Fault]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "literal_error": _not_allowed,
    "value_error": _said_so,
    "string_pattern_mismatch": _no_key,
    "too_short": _too_short,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _no_kind,
    "condition_kind": _no_condition,
}


# A type hint has no narrower static type than Any.
def _keys_at(loc: Iterable[str | int]) -> list[str]:
    """The keys that the schema allows at a place; `loc` names the alternatives that were chosen on the way."""
    hint: Any = PlanPart
    for part in loc:
        hint = _step(hint, part)
    hint = _bare(hint)
    return [field.alias or name for name, field in cast(type[BaseModel], hint).model_fields.items()]


def _step(hint: Any, part: str | int) -> Any:
    if isinstance(part, str) and part.startswith(TAG):
        return next(member for member in _members(hint) if _tag(member) == part)
    hint = _bare(hint)
    if typing.get_origin(hint) in (list, dict):
        return typing.get_args(hint)[-1]
    return next(f.annotation for name, f in hint.model_fields.items() if part == (f.alias or name))


def _members(hint: Any) -> Iterator[Any]:
    """The alternatives of a union, below what is annotated."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    yield from typing.get_args(hint)


def _tag(hint: Any) -> str:
    return next((meta.tag for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Tag)), "")


def _bare(hint: Any) -> Any:
    """A hint without annotations and without None."""
    while typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return _bare(next(member for member in typing.get_args(hint) if member is not type(None)))
    return hint
