"""Rules between the parts of a plan: nothing twice, no circle, sums that add up, and polls that can be answered."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from readiness.core.conditions import ConditionList
from readiness.core.plan_conditions import UnknownThing, condition_path, merged_entry
from readiness.core.plan_document import (
    CLOSE,
    EVERY_PHASE,
    Entry,
    Path,
    definitions_of,
    entries_of,
    format_path,
    mapping_of,
    numbered_entries,
    sites_of,
    written_text,
)
from readiness.core.plan_fault import Fault, listed_words, nearest_word
from readiness.core.plan_references import AUTOMATION, PREVIOUS
from readiness.core.quantities import UnreadableQuantity, format_number, parse_estimate

_RESERVED = {"phases": {CLOSE, EVERY_PHASE, PREVIOUS, "all"}, "roles": {AUTOMATION}, "groups": {AUTOMATION}}
_LISTS = ("phases", "gaps", "reviews", "rollbacks")
_PLACEHOLDERS = ("phase", "reason", "action", "eta", "since")


def rule_faults(document: Entry) -> Iterator[Fault]:
    """Every rule between parts that the document does not keep."""
    for name in _LISTS:
        yield from _keys_twice(document.get(name), (name,))
    yield from _reserved_keys(document)
    yield from _conditions_twice(document)
    for index, gap in numbered_entries(document.get("gaps")):
        yield from _keys_twice(gap.get("tasks"), ("gaps", index, "tasks"))
        yield from _circles(gap.get("tasks"), ("gaps", index, "tasks"))
        yield from _estimate_faults(gap, ("gaps", index))
    yield from _circles(document.get("gaps"), ("gaps",))
    yield from _poll_faults(document)
    yield from _report_faults(document)
    yield from _message_faults(mapping_of(document.get("communication")))


def _keys_twice(entries: object, at: Path) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, entry in numbered_entries(entries):
        key = written_text(entry, "key")
        if key in seen:
            first = format_path((*at, seen[key]))
            yield Fault((*at, index, "key"), f"{key!r} is the key of {first} already; give this another.", repr(key))
        elif key:
            seen[key] = index


def _reserved_keys(document: Entry) -> Iterator[Fault]:
    for index, phase in numbered_entries(document.get("phases")):
        if phase.get("key") in _RESERVED["phases"]:
            yield _reserved(("phases", index, "key"), str(phase["key"]), "phase", at_key=False)
    for section, noun in (("roles", "role"), ("groups", "group")):
        for key in _RESERVED[section] & set(mapping_of(document.get(section))):
            yield _reserved((section, key), key, noun)
    for key in set(mapping_of(document.get("roles"))) & set(mapping_of(document.get("groups"))):
        sentence = f"{key!r} is a role already; give the group another key, so that it is clear who is meant."
        yield Fault(("groups", key), sentence, repr(key), at_key=True)


def _reserved(at: Path, key: str, noun: str, *, at_key: bool = True) -> Fault:
    return Fault(at, f"{key!r} has a meaning of its own here; give the {noun} another key.", repr(key), at_key=at_key)


def _conditions_twice(document: Entry) -> Iterator[Fault]:
    """Two conditions of one list that nothing tells apart: same thing, same limit, same window."""
    definitions = definitions_of(document)
    seen: dict[tuple[ConditionList, str], Path] = {}
    for site in sites_of(document):
        try:
            identity = site.list, condition_path(site, merged_entry(definitions, site))
        except (UnknownThing, ValueError, KeyError):
            continue
        if identity in seen:
            first = format_path(seen[identity])
            yield Fault(site.at, f"This stands at {first} already; remove one, or give it another limit.", site.key)
        else:
            seen[identity] = site.at


def _circles(entries: object, at: Path) -> Iterator[Fault]:
    """Things that wait for each other, so that none can begin; each circle is told once, and only of clear keys."""
    places = {written_text(entry, "key"): index for index, entry in numbered_entries(entries)}
    after = {written_text(entry, "key"): _texts(entry.get("after")) for _, entry in numbered_entries(entries)}
    told: set[str] = set()
    if len(after) < len(entries_of(entries)):
        return
    for key in after:
        circle = _circle_from(key, after)
        if circle and not told & set(circle):
            told |= set(circle)
            words = " → ".join([*circle, circle[0]])
            yield Fault((*at, places[key], "after"), f"These wait for each other: {words}; remove one of them.", words)


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list | tuple) else []


def _circle_from(start: str, after: Mapping[str, list[str]]) -> list[str]:
    """The way from `start` back to itself; empty when there is none."""
    trail: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while trail:
        here, way = trail.pop()
        for following in after.get(here, []):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                trail.append((following, [*way, following]))
    return []


def _estimate_faults(gap: Entry, at: Path) -> Iterator[Fault]:
    """A gap's estimate is the sum of its tasks' where all of them are given."""
    tasks = entries_of(gap.get("tasks"))
    if "estimate" not in gap or not tasks or not all("estimate" in task for task in tasks):
        return
    try:
        given = parse_estimate(written_text(gap, "estimate"))
        parts = [parse_estimate(written_text(task, "estimate")) for task in tasks]
    except UnreadableQuantity:
        return
    total = tuple(float(sum(Fraction(part[end]) for part in parts)) for end in (0, 1))
    if total != given:
        days = "-".join(dict.fromkeys(format_number(end) for end in total)) + "d"
        sentence = f"The estimate is {gap['estimate']} and its tasks add up to {days}; make them agree."
        yield Fault((*at, "estimate"), sentence, repr(gap["estimate"]), days, days)


def _poll_faults(document: Entry) -> Iterator[Fault]:
    """A role that is polled twice, which no second person could answer for."""
    holders: list[tuple[Path, Entry]] = [
        (("phases", n), phase) for n, phase in numbered_entries(document.get("phases"))
    ]
    for at, holder in [*holders, ((CLOSE,), mapping_of(document.get(CLOSE)))]:
        roles = _texts(mapping_of(holder.get("sign_off")).get("roles"))
        for number, role in enumerate(roles):
            if role in roles[:number]:
                yield Fault((*at, "sign_off", "roles", number), f"{role!r} is polled twice; name each role once.", role)


def _report_faults(document: Entry) -> Iterator[Fault]:
    """An item among the abort triggers is something that people report, and nothing else."""
    for site in sites_of(document):
        if (
            site.list is ConditionList.ABORT
            and site.kind == "item"
            and site.entry.get("reported") in (False, "off", "no")
        ):
            sentence = "An item that stops a phase is reported by people; write reported: true."
            yield Fault((*site.at, "reported"), sentence, "false", "true")


def _message_faults(communication: Entry) -> Iterator[Fault]:
    """A misspelt placeholder would be sent as it stands."""
    for key in ("rollback_internal", "rollback_public"):
        for name in re.findall(r"\{([^{}]*)\}", written_text(communication, key)):
            if name not in _PLACEHOLDERS:
                meant = nearest_word(name, _PLACEHOLDERS)
                hint = f" Did you mean {{{meant}}}?" if meant else ""
                allowed = listed_words([f"{{{each}}}" for each in _PLACEHOLDERS])
                sentence = f"{{{name}}} would be sent as it stands; a text may hold {allowed}.{hint}"
                yield Fault(("communication", key), sentence, f"{{{name}}}", allowed, meant)
