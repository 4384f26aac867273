"""The draft while it is made: where conditions stand, under which keys, and how much room is left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from readiness.core.runbook.naming import Namer
from readiness.core.runbook.reading import CLOSE, EVERY, Finding, Reading, Stage
from readiness.core.runbook.to_gates import Gates
from readiness.core.runbook.to_people import People

Entry = dict[str, object]
MOST_NODES = 8_000
"""Of the 10,000 that a plan may have; the rest is for what is not counted while it is made."""
_SAME = ("item", "gate", "check", "drill", "review", "expect", "for", "against")


@dataclass(slots=True)
class Draft:
    """What the plan is made of. `phases` and `ways` are keys by the number or title that the document gives."""

    reading: Reading
    stages: list[Stage]
    people: People
    gates: Gates
    phases: dict[str, str]
    ways: dict[str, str] = field(default_factory=dict)
    lists: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    checks: dict[str, Entry] = field(default_factory=dict)
    nodes: int = 0
    _namers: dict[tuple[str, str], Namer] = field(default_factory=dict)

    def place_of(self, place: str) -> str:
        """Where a condition stands: the key of a phase, `every_phase`, `close` or a gap; else the first phase."""
        if place in (EVERY, CLOSE) or place.startswith("gap:"):
            return place
        return self.phases.get(place, next(iter(self.phases.values())))

    def item_key(self, place: str, name: str, wanted: str) -> str:
        """The key of an item that no other item of its list has."""
        return self._namers.setdefault((place, name), Namer()).name(wanted)

    def add(self, place: str, name: str, entry: Entry) -> bool:
        """Put a condition into a list, where it is not there already. False when the plan is full."""
        there = self.lists.setdefault((place, name), [])
        same = next((each for each in there if _asks(each) == _asks(entry)), None)
        if same is not None:
            self._tell_twice(same, entry)
            return True
        self.nodes += nodes_of(entry)
        if self.nodes > MOST_NODES:
            return False
        there.append(entry)
        return True

    def _tell_twice(self, same: Entry, entry: Entry) -> None:
        if "gate" in entry and same.get("from") != entry.get("from"):
            sentence = (
                f"“{str(entry['title'])[:80]}” asks for what {same['from']} asks for already; the plan has it once."
            )
            line = self.reading.book.line_at(str(entry["from"]))
            self.gates.findings.append(
                Finding("said-twice", (line, self.reading.book.line_at(str(same["from"]))), sentence)
            )


def _asks(entry: Mapping[str, object]) -> list[object]:
    return [entry.get(name) for name in _SAME]


def nodes_of(value: object) -> int:
    """How many nodes a value has in a file, its keys included."""
    if isinstance(value, Mapping):
        return 1 + sum(1 + nodes_of(part) for part in value.values())
    if isinstance(value, list | tuple):
        return 1 + sum(nodes_of(part) for part in value)
    return 1
