"""Documents: JSON, YAML and TOML as values, the keys in them, and patterns in text, all within bounds."""

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence

import regex
import yaml

FORMATS_BY_ENDING = {"json": "json", "yaml": "yaml", "yml": "yaml", "toml": "toml"}
MOST_BYTES = 5_000_000
PATTERN_TIMEOUT_S = 1.0
TYPES: Mapping[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "table": lambda value: isinstance(value, Mapping),
}


class UnreadableDocument(ValueError):
    """The bytes are not the document they should be; the message completes "PATH …"."""


class NoSuchKey(LookupError):
    """A document has no such key."""


def document_format(path: str) -> str:
    """The format that the ending of `path` names. Raises UnreadableDocument when it names none."""
    ending = path.rpartition(".")[2].lower()
    if ending not in FORMATS_BY_ENDING:
        raise UnreadableDocument("is neither JSON, YAML nor TOML by its ending")
    return FORMATS_BY_ENDING[ending]


def read_document(data: bytes, document_format: str) -> object:
    """The value of a JSON, YAML (one document) or TOML text. Raises UnreadableDocument with the place."""
    readers: Mapping[str, Callable[[str], object]] = {
        "json": json.loads,
        "yaml": yaml.safe_load,
        "toml": tomllib.loads,
    }
    return _read(data, document_format.upper(), readers[document_format])


def read_manifests(data: bytes) -> Sequence[object]:
    """Every document of a YAML stream. Raises UnreadableDocument."""
    documents = _read(data, "YAML", lambda text: list(yaml.safe_load_all(text)))
    return [document for document in documents if document is not None] if isinstance(documents, list) else []


def _read(data: bytes, name: str, reader: Callable[[str], object]) -> object:
    if len(data) > MOST_BYTES:
        raise UnreadableDocument(f"has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    try:
        return reader(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableDocument("is not UTF-8 text") from None
    except RecursionError:
        raise UnreadableDocument(f"is {name} nested too deep to read") from None
    except yaml.MarkedYAMLError as problem:
        place = f" at line {problem.problem_mark.line + 1}" if problem.problem_mark else ""
        raise UnreadableDocument(f"does not parse as {name}{place}") from None
    except json.JSONDecodeError as problem:
        raise UnreadableDocument(f"does not parse as {name} at line {problem.lineno}") from None
    except (ValueError, yaml.YAMLError):
        raise UnreadableDocument(f"does not parse as {name}") from None


def is_of_type(value: object, name: str) -> bool:
    """Whether a value is of the type that a plan calls text, integer, number, boolean, list or table."""
    fits = TYPES.get(name)
    return fits is not None and fits(value)


def find_key(document: object, dotted: str) -> object:
    """The value under a dotted key; a part may be a list index, and a key may hold dots itself. Raises NoSuchKey."""
    if isinstance(document, Mapping) and dotted in document:
        return document[dotted]
    parts = dotted.split(".")
    for count in range(len(parts) - 1, 0, -1):
        head, rest = ".".join(parts[:count]), ".".join(parts[count:])
        if isinstance(document, Mapping) and head in document:
            return find_key(document[head], rest)
    return _find_in_list(document, parts)


def _find_in_list(document: object, parts: Sequence[str]) -> object:
    if not isinstance(document, list) or not parts[0].isdecimal() or int(parts[0]) >= len(document):
        raise NoSuchKey(".".join(parts))
    value = document[int(parts[0])]
    return find_key(value, ".".join(parts[1:])) if len(parts) > 1 else value


def same_value(found: object, stated: object) -> bool:
    """Whether two values are equal, with 1 and 1.0 the same and 1 and true not."""
    if isinstance(found, bool) or isinstance(stated, bool):
        return found is stated
    if isinstance(found, Mapping) and isinstance(stated, Mapping):
        return found.keys() == stated.keys() and all(same_value(found[key], stated[key]) for key in found)
    if isinstance(found, list) and isinstance(stated, list):
        return len(found) == len(stated) and all(map(same_value, found, stated))
    return found == stated


def missing_in(found: object, shape: object, path: str = "") -> list[str]:
    """What `found` lacks of `shape`: the paths of keys that are absent or hold another value.

    A mapping asks for its keys at least, an empty one only for a mapping; a list for its elements in order; anything
    else for that very value.
    """
    if isinstance(shape, Mapping):
        if not isinstance(found, Mapping):
            return [path or "an object"]
        keys = [(key, f"{path}.{key}".lstrip(".")) for key in shape]
        return [lack for key, at in keys for lack in (missing_in(found[key], shape[key], at) if key in found else [at])]
    if isinstance(shape, list):
        if not isinstance(found, list) or len(found) < len(shape):
            return [path or "a list"]
        return [lack for n, part in enumerate(shape) for lack in missing_in(found[n], part, f"{path}.{n}".lstrip("."))]
    return [] if same_value(found, shape) else [path or "the value"]


def has_pattern(text: str, pattern: str) -> bool:
    """Whether `pattern` occurs in `text`. Raises UnreadableDocument when it cannot be searched for, or not in time."""
    try:
        return regex.search(pattern, text, timeout=PATTERN_TIMEOUT_S) is not None
    except TimeoutError:
        raise UnreadableDocument(
            f"cannot be searched within {PATTERN_TIMEOUT_S:g} s; the pattern is too wide"
        ) from None
    except regex.error:
        raise UnreadableDocument("cannot be searched, because the pattern is not a regular expression") from None
