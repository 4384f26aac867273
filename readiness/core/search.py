"""The words of an entry for search: those a person would type, and marks for what pages narrow by.

A word is letters and digits, in lower case. A mark begins with an underscore, as no word does, so that nothing that is
typed is taken for one. A search finds the entries that have every word typed; a word that no entry has is taken for the
beginning of one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import cast

from readiness.core.canonical import Plain, PlainDict
from readiness.core.entries import text_of
from readiness.core.replay import RowKey, row_changes

_WORD = re.compile(r"[^\W_]+")
_NOT_A_MARK = re.compile(r"[^0-9a-z]+")
LONGEST_WORD = 80
PLACES = ("path", "item", "phase")
"""Fields of a row that say which phase it belongs to; a path begins with it."""


def words_in(text: str) -> tuple[str, ...]:
    """Give the words of a text, each once, in their order."""
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(text.casefold())))


def mark_of(kind: str, value: str) -> str:
    """Give the mark for a rollout (r), a phase (p), an actor (a), an action or its kind (k), or an object (o)."""
    return f"_{kind}_{_NOT_A_MARK.sub('_', value.casefold())}"


def phase_of(states: "Iterable[Mapping[str, Plain] | None]") -> str:
    """Give the phase that a changed row belongs to, from its states; nothing where it belongs to none."""
    for state in states:
        for name in PLACES:
            value = (state or {}).get(name)
            if isinstance(value, str) and value and not value.startswith("gap:"):
                return value.partition("/")[0]
    return ""


def search_words(body: Mapping[str, Plain], phase: str) -> tuple[str, ...]:
    """Give the words and marks of a parsed entry."""
    entry = cast("Mapping[str, Mapping[str, str]]", body)
    thing = entry["object"]
    marks = [
        mark_of("k", str(body["action"]).partition(".")[0]),
        mark_of("k", str(body["action"])),
        mark_of("a", entry["actor"]["id"]),
        mark_of("o", f"{thing['type']}:{thing['id']}"),
        *([mark_of("r", thing["rollout"])] if thing["rollout"] else []),
        *([mark_of("p", phase)] if phase else []),
    ]
    return tuple(dict.fromkeys([*marks, *words_in(text_of(body))]))


def entry_phase(body: PlainDict, phases: dict[RowKey, str]) -> str:
    """Find the phase of an entry when all are read in order.

    `phases` remembers the phase of each row: where its place did not change, the entry that made it tells.
    """
    found = ""
    for key, side in row_changes(body):
        fields = side["fields"]
        pairs = fields.items() if isinstance(fields, dict) else ()
        new = {name: pair[1] for name, pair in pairs if isinstance(pair, list)}
        phases[key] = phase_of([new]) or phases.get(key, "")
        found = found or phases[key]
    return found
