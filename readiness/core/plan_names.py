"""The names that a plan gives: what its parts may refer to. Read whatever else is wrong in the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from readiness.core.plan_document import CLOSE, Entry, entries_of, mapping_of

_MAPPINGS = ("roles", "groups", "flags", "gates", "checks", "experiments", "drills")
_LISTS = ("reviews", "gaps", "rollbacks", "phases")


@dataclass(frozen=True, slots=True)
class Names:
    """Names by section; the kind of each source; the gates that each baseline is recorded of."""

    by_section: Mapping[str, frozenset[str]]
    sources: Mapping[str, str]
    baselines: Mapping[str, frozenset[str]]

    def of(self, *sections: str) -> frozenset[str]:
        """Every name of these sections."""
        return frozenset().union(*(self.by_section[section] for section in sections))


def names_of(document: Entry) -> Names:
    """The names of a document, which may be wrong in any other way."""
    found = {section: frozenset(mapping_of(document.get(section))) for section in _MAPPINGS}
    found |= {
        section: frozenset(str(entry["key"]) for entry in entries_of(document.get(section)) if "key" in entry)
        for section in _LISTS
    }
    found[CLOSE] = frozenset({CLOSE} if CLOSE in document else ())
    sources = mapping_of(document.get("sources")).items()
    return Names(found, {key: str(mapping_of(said).get("kind")) for key, said in sources}, _baselines(document))


def _baselines(document: Entry) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for records in _records(document):
        gates = records.get("gates")
        named = frozenset(str(gate) for gate in gates) if isinstance(gates, list | tuple) else frozenset()
        found[str(records.get("baseline"))] = found.get(str(records.get("baseline")), frozenset()) | named
    return found


def _records(value: object) -> Iterator[Entry]:
    """Whatever an item says that it records, wherever it stands."""
    if isinstance(value, Mapping):
        if isinstance(value.get("records"), Mapping):
            yield value["records"]
        for part in value.values():
            yield from _records(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _records(part)
