"""The document of a plan: where its conditions stand, what they name, and paths into it.

A document is the validated plan file as plain values: text, int, bool, None, lists and mappings. Numbers with a
fraction are kept as the decimal text that was written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias, cast

from readiness.core.conditions import ConditionKind, ConditionList
from readiness.core.quantities import parse_duration

Path: TypeAlias = tuple[str | int, ...]
Entry: TypeAlias = Mapping[str, object]
Definitions: TypeAlias = Mapping[ConditionKind, Mapping[str, Entry]]
CLOSE = "close"
EVERY_PHASE = "every_phase"
SECTIONS = {
    "gates": ConditionKind.GATE,
    "checks": ConditionKind.CHECK,
    "experiments": ConditionKind.EXPERIMENT,
    "drills": ConditionKind.DRILL,
    "reviews": ConditionKind.REVIEW,
}
PHASE_LISTS = (ConditionList.ENTER, ConditionList.SUCCEED, ConditionList.ABORT)


@dataclass(frozen=True, slots=True)
class Site:
    """A condition as written: at which path, in which place and list, with which keys.

    `owner` answers for it where neither it nor the thing it names has an owner: that of the gap.
    """

    at: Path
    place: str
    list: ConditionList
    entry: Entry
    owner: str | None = None

    @property
    def kind(self) -> ConditionKind:
        """The kind of thing it names."""
        return next(kind for kind in ConditionKind if kind.value in self.entry)

    @property
    def key(self) -> str:
        """The key of the thing it names."""
        return str(self.entry[self.kind.value])


def format_path(path: Path) -> str:
    """A path as people write it: `phases[2].succeed[0].gate`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def entries_of(value: object) -> list[Entry]:
    """The mappings in a list of the document; an absent list is empty."""
    return [entry for _, entry in numbered_entries(value)]


def numbered_entries(value: object) -> Iterator[tuple[int, Entry]]:
    """The mappings in a list of the document with their places, past whatever could not be read."""
    for index, entry in enumerate(value if isinstance(value, list | tuple) else ()):
        if isinstance(entry, Mapping):
            yield index, entry


def keyed_entries(value: object) -> Iterator[tuple[str, Entry]]:
    """The mappings in a mapping of the document with their keys, past whatever could not be read."""
    for key, entry in mapping_of(value).items():
        if isinstance(entry, Mapping):
            yield key, entry


def mapping_of(value: object) -> Entry:
    """A mapping of the document; an absent one is empty."""
    return value if isinstance(value, Mapping) else {}


def texts_of(value: object) -> tuple[str, ...]:
    """The texts in a list of the document; an absent list is empty."""
    return tuple(cast("list[str]", value or []))


def written_text(said: Entry, key: str, default: str = "") -> str:
    """The text under `key`; numbers and switches as they were written."""
    return str(said.get(key, default))


def optional_text(said: Entry, key: str) -> str | None:
    """The text under `key`, if it is there."""
    return None if said.get(key) is None else str(said[key])


def duration_of(said: Entry, key: str, default: timedelta) -> timedelta:
    """The duration under `key`. Raises UnreadableQuantity."""
    return parse_duration(str(said[key])) if key in said else default


def optional_duration(said: Entry, key: str) -> timedelta | None:
    """The duration under `key`, if it is there. Raises UnreadableQuantity."""
    return parse_duration(str(said[key])) if key in said else None


def origins_of(said: Entry) -> tuple[str, ...]:
    """Where a thing was written down: what its `from` says as `file#line`."""
    return tuple(part for part in _from_parts(said) if "#" in part)


def environments_of(said: Entry) -> tuple[str, ...]:
    """The environments whose evidence is enough for a thing: what its `from` says without a `#`."""
    return tuple(part for part in _from_parts(said) if "#" not in part)


def _from_parts(said: Entry) -> list[str]:
    value = said.get("from", [])
    return [str(part) for part in (value if isinstance(value, list | tuple) else [value])]


def definitions_of(document: Entry) -> Definitions:
    """What the plan defines to be named by conditions, by kind and key."""
    return {kind: _keyed(document.get(section)) for section, kind in SECTIONS.items()}


def _keyed(found: object) -> dict[str, Entry]:
    """A section by key. Reviews are a list of entries with a `key`, the others are mappings."""
    if isinstance(found, list | tuple):
        return {str(entry["key"]): _without_key(entry) for entry in entries_of(found) if "key" in entry}
    return dict(keyed_entries(found))


def _without_key(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name != "key"}


def sites_of(document: Entry) -> Iterator[Site]:
    """Every condition that stands somewhere, in the order of the phases, then gaps and rollback levels."""
    for holder, at, place in _holders(document):
        for name in PHASE_LISTS:
            yield from _listed(holder, at, place, name)
    for index, gap in numbered_entries(document.get("gaps")):
        owner = cast("str | None", gap.get("owner"))
        for site in _listed(gap, ("gaps", index), f"gap:{gap.get('key')}", ConditionList.CLOSED_WHEN):
            yield replace(site, owner=owner)
    for index, level in numbered_entries(document.get("rollbacks")):
        if _names_something(verify := mapping_of(level.get("verify"))):
            at = ("rollbacks", index, "verify")
            yield Site(at, f"rollback:{level.get('key')}", ConditionList.PROOF, verify)


def _holders(document: Entry) -> Iterator[tuple[Entry, Path, str]]:
    """Everything that has `enter`, `succeed` and `abort`: what every phase has, the phases, and the close."""
    yield mapping_of(document.get(EVERY_PHASE)), (EVERY_PHASE,), EVERY_PHASE
    for index, phase in numbered_entries(document.get("phases")):
        yield phase, ("phases", index), str(phase.get("key"))
    yield mapping_of(document.get(CLOSE)), (CLOSE,), CLOSE


def _listed(holder: Entry, at: Path, place: str, name: ConditionList) -> Iterator[Site]:
    for index, entry in numbered_entries(holder.get(name.value)):
        if _names_something(entry):
            yield Site((*at, name.value, index), place, name, entry)


def _names_something(entry: Entry) -> bool:
    return any(kind.value in entry for kind in ConditionKind)
