"""References: whatever a plan names must be in the plan, and a source must be of the kind that is asked of it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from readiness.core.plan_document import CLOSE, Entry, Path, Site, keyed_entries, mapping_of, numbered_entries, sites_of
from readiness.core.plan_fault import Fault, listed_words, nearest_word, unknown_name
from readiness.core.plan_names import Names

AUTOMATION = "automation"
PREVIOUS = "previous"
SECTION_OF = {"gate": "gates", "check": "checks", "experiment": "experiments", "drill": "drills", "review": "reviews"}
_SOURCE_KINDS = {
    "file": "git",
    "config": "git",
    "kubernetes": "git",
    "alert_rule": "prometheus",
    "series": "prometheus",
    "target": "prometheus",
    "dashboard": "grafana",
    "http": "http",
}


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name at a place, and the names that it may be."""

    at: Path
    noun: str
    name: str
    known: Collection[str]


def reference_faults(document: Entry, names: Names) -> Iterator[Fault]:
    """Every name in the document that the plan does not have."""
    for mention in _mentions(document, names):
        if mention.name not in mention.known:
            yield unknown_name(mention.at, mention.noun, mention.name, mention.known)
    yield from _source_faults(document, names)
    yield from _baseline_faults(document, names)


def _mentions(document: Entry, names: Names) -> Iterator[_Mention]:
    yield from _people(document, names)
    yield from _definitions(document, names)
    yield from _gaps(document, names)
    yield from _ways_back(document, names)
    yield from _phases(document, names)
    for site in sites_of(document):
        yield from _site(site, names)


def _one(entry: Entry, key: str, at: Path, noun: str, known: Collection[str]) -> Iterator[_Mention]:
    """The name under `key`, or every name of the list under it."""
    value = entry.get(key)
    if isinstance(value, str | int):
        yield _Mention((*at, key), noun, str(value), known)
    for index, name in enumerate(value if isinstance(value, list | tuple) else ()):
        if isinstance(name, str | int):
            yield _Mention((*at, key, index), noun, str(name), known)


def _people(document: Entry, names: Names) -> Iterator[_Mention]:
    roles = names.of("roles")
    for key, group in keyed_entries(document.get("groups")):
        yield from _one(group, "owner", ("groups", key), "role", roles)
    for right in mapping_of(document.get("authority")):
        yield from _one(mapping_of(document["authority"]), right, ("authority",), "role", roles)


def _definitions(document: Entry, names: Names) -> Iterator[_Mention]:
    roles = names.of("roles")
    for section in ("gates", "checks", "experiments", "drills"):
        for key, entry in keyed_entries(document.get(section)):
            yield from _one(entry, "owner", (section, key), "role", roles)
    for key, drill in keyed_entries(document.get("drills")):
        yield from _one(drill, "level", ("drills", key), "way back", names.of("rollbacks"))
    for index, review in numbered_entries(document.get("reviews")):
        yield from _one(review, "by", ("reviews", index), "role", roles)
        yield from _one(review, "owner", ("reviews", index), "role", roles)


def _gaps(document: Entry, names: Names) -> Iterator[_Mention]:
    for index, gap in numbered_entries(document.get("gaps")):
        at: Path = ("gaps", index)
        yield from _one(gap, "owner", at, "role", names.of("roles"))
        yield from _one(gap, "after", at, "gap", names.of("gaps"))
        if gap.get("blocks") != "all":
            yield from _one(gap, "blocks", at, "phase", names.of("phases", CLOSE))
        tasks = list(numbered_entries(gap.get("tasks")))
        keys = {str(task.get("key")) for _, task in tasks}
        for number, task in tasks:
            yield from _one(task, "owner", (*at, "tasks", number), "role", names.of("roles"))
            yield from _one(task, "after", (*at, "tasks", number), "task of this gap", keys)


def _ways_back(document: Entry, names: Names) -> Iterator[_Mention]:
    for index, level in numbered_entries(document.get("rollbacks")):
        yield from _one(level, "to", ("rollbacks", index), "phase", {*names.of("phases"), PREVIOUS})
        for flag in mapping_of(level.get("sets")):
            yield _Mention(("rollbacks", index, "sets", flag), "flag", flag, names.of("flags"))


def _phases(document: Entry, names: Names) -> Iterator[_Mention]:
    holders: list[tuple[Path, Entry]] = [
        (("phases", n), phase) for n, phase in numbered_entries(document.get("phases"))
    ]
    for at, holder in [*holders, ((CLOSE,), mapping_of(document.get(CLOSE)))]:
        for flag in mapping_of(holder.get("flags")):
            yield _Mention((*at, "flags", flag), "flag", flag, names.of("flags"))
        sign_off = mapping_of(holder.get("sign_off"))
        yield from _one(sign_off, "roles", (*at, "sign_off"), "role", names.of("roles"))
        yield from _one(sign_off, "last", (*at, "sign_off"), "role", names.of("roles"))
        yield from _one(mapping_of(holder.get("watch")), "triggers", (*at, "watch"), "gate", names.of("gates"))


def _site(site: Site, names: Names) -> Iterator[_Mention]:
    entry, at = site.entry, site.at
    if site.kind in SECTION_OF:
        yield from _one(entry, site.kind, at, site.kind, names.of(SECTION_OF[site.kind]))
    yield from _one(entry, "owner", at, "role", names.of("roles"))
    yield from _one(entry, "decided_by", at, "role or group", {*names.of("roles", "groups"), AUTOMATION})
    yield from _one(entry, "roll_back", at, "way back", names.of("rollbacks"))
    yield from _one(entry, "each", at, "group", names.of("groups"))
    proofs = names.of("checks", "gates", "drills", "experiments")
    yield from _one(entry, "proved_by", at, "check, gate, drill or experiment", proofs)
    yield from _one(mapping_of(entry.get("records")), "gates", (*at, "records"), "gate", names.of("gates"))


def _source_faults(document: Entry, names: Names) -> Iterator[Fault]:
    for at, name, kind in _asked_sources(document):
        known = [key for key, found in names.sources.items() if found == kind]
        if name not in names.sources:
            yield unknown_name(at, f"{kind} source", name, known)
        elif name not in known:
            meant = nearest_word(name, known)
            hint = f"the plan has {listed_words(known, 'or')}." if known else "the plan has none."
            sentence = f"{name!r} is a {names.sources[name]} source; a {kind} source is needed, and {hint}"
            yield Fault(at, sentence, repr(name), listed_words(known), meant)


def _asked_sources(document: Entry) -> Iterator[tuple[Path, str, str]]:
    """Every place that names a source, with the kind that it needs."""
    asked: list[tuple[Path, Entry, str]] = []
    asked += [(("gates", key), gate, "prometheus") for key, gate in keyed_entries(document.get("gates"))]
    for key, check in keyed_entries(document.get("checks")):
        asked.append((("checks", key), check, _SOURCE_KINDS.get(str(check.get("kind")), "")))
    for key, experiment in keyed_entries(document.get("experiments")):
        asked.append((("experiments", key, "metric"), mapping_of(experiment.get("metric")), "prometheus"))
    for key, flag in keyed_entries(document.get("flags")):
        asked.append((("flags", key, "apply"), mapping_of(flag.get("apply")), "http"))
        asked.append((("flags", key, "observed"), mapping_of(flag.get("observed")), "prometheus"))
    for at, entry, kind in asked:
        if kind and isinstance(entry.get("source"), str | int):
            yield (*at, "source"), str(entry["source"]), kind


def _baseline_faults(document: Entry, names: Names) -> Iterator[Fault]:
    """A baseline must be recorded by an item, and of the gate that is compared with it."""
    places: list[tuple[Path, Entry, str]] = [
        (("gates", key), gate, key) for key, gate in keyed_entries(document.get("gates"))
    ]
    told: set[tuple[str, str]] = set()
    places += [(site.at, site.entry, site.key) for site in sites_of(document) if site.kind == "gate"]
    for at, entry, gate in places:
        baseline = mapping_of(entry.get("against")).get("baseline")
        here = (*at, "against", "baseline")
        if baseline is None:
            continue
        if str(baseline) not in names.baselines:
            yield unknown_name(here, "baseline that an item records,", str(baseline), set(names.baselines))
        elif gate not in names.baselines[str(baseline)] and (str(baseline), gate) not in told:
            told.add((str(baseline), gate))
            recorded = listed_words(sorted(names.baselines[str(baseline)]))
            sentence = f"Baseline {baseline} is not recorded of {gate}, only of {recorded}; add {gate} to its records."
            yield Fault(here, sentence, repr(baseline), recorded)
