"""Environments: what a source measures is of one, and a condition is about production unless it says `from:` another.

`from` holds up to two things: where a condition was written down (`file#line`), and the environment whose evidence is
enough for it. What has a `#` is the former; anything else must be an environment that a source of the plan names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from readiness.core.conditions import Condition, ConditionKind
from readiness.core.plan_conditions import UnknownThing, merged_entry
from readiness.core.plan_document import (
    Definitions,
    Entry,
    Path,
    Site,
    definitions_of,
    environments_of,
    keyed_entries,
    mapping_of,
    origins_of,
    sites_of,
    texts_of,
    written_text,
)
from readiness.core.plan_fault import Fault, unknown_name

PRODUCTION = "production"
_MEASURED = (ConditionKind.GATE, ConditionKind.CHECK, ConditionKind.EXPERIMENT)
HOW_IT_IS_ASKED = {"timeout", "every", "bearer", "basic", "token", "ca", "cert", "key"}


def source_words(document: Entry) -> dict[str, str]:
    """What each source measures, in words: its kind, where it is, and of which environment it is."""
    return {key: _words(said) for key, said in keyed_entries(document.get("sources"))}


def _words(said: Entry) -> str:
    """The same words in whatever order the keys stand: the file keeps its own, the stored document another."""
    return " ".join(_part(name, said[name]) for name in sorted(said) if name not in HOW_IT_IS_ASKED)


def _part(name: str, value: object) -> str:
    parts = mapping_of(value) if isinstance(value, Mapping) else {}
    return " ".join([name, *(f"{key} {parts[key]}" for key in sorted(parts))]) if parts else f"{name} {value}"


def located(condition: Condition, sources: Mapping[str, str]) -> Condition:
    """The condition with what its source measures, so that another source is another definition."""
    return replace(condition, reads=sources.get(_source_of(condition), ""))


def _source_of(condition: Condition) -> str:
    if condition.experiment is not None:
        return written_text(mapping_of(condition.experiment.settings.get("metric")), "source")
    spec = condition.gate or condition.check
    return spec.source if spec is not None else ""


def environment_faults(document: Entry) -> Iterator[Fault]:
    """Every condition whose evidence would be of another environment than the one that it is about."""
    definitions = definitions_of(document)
    environments = {key: written_text(said, "environment") for key, said in keyed_entries(document.get("sources"))}
    for kind in definitions:
        for key, entry in definitions[kind].items():
            yield from _name_faults((_SECTION_OF[kind], key), entry, environments)
    for site in sites_of(document):
        yield from _name_faults(site.at, site.entry, environments)
        yield from _site_faults(definitions, site, environments)
    for key, flag in keyed_entries(document.get("flags")):
        yield from _flag_faults(("flags", key), flag, environments)


_SECTION_OF = {
    ConditionKind.GATE: "gates",
    ConditionKind.CHECK: "checks",
    ConditionKind.EXPERIMENT: "experiments",
    ConditionKind.DRILL: "drills",
    ConditionKind.REVIEW: "reviews",
}


def _name_faults(at: Path, entry: Entry, environments: Mapping[str, str]) -> Iterator[Fault]:
    """A `from` that names no environment, or two of one thing."""
    known = sorted({name for name in environments.values() if name})
    for name in environments_of(entry):
        if name not in known:
            fault = unknown_name((*at, "from"), "environment of a source", name, known)
            yield replace(fault, sentence=f"{fault.sentence} Where something was written down is file#line.")
    if len(environments_of(entry)) > 1 or len(origins_of(entry)) > 1:
        sentence = "from holds one file#line and one environment at most; found two of one kind."
        yield Fault((*at, "from"), sentence, repr(entry.get("from")), "[file#line, environment]")


def _site_faults(definitions: Definitions, site: Site, environments: Mapping[str, str]) -> Iterator[Fault]:
    try:
        said = merged_entry(definitions, site)
    except UnknownThing:
        return
    names = environments_of(said)
    if len(names) > 1 or set(names) - set(environments.values()):
        return
    accepted = next(iter(names), "")
    for key, source in _read_sources(definitions, site, said):
        measures = environments.get(source, "")
        if accepted and measures != accepted:
            of = measures or "of no environment"
            sentence = f"This says from {accepted}, and {key} is read from {source}, which is {of}."
            yield Fault((*site.at, "from") if "from" in site.entry else site.at, sentence, accepted, measures)
        elif not accepted and measures not in ("", PRODUCTION):
            sentence = (
                f"{key} is read from {source}, which is {measures}, and this is about {PRODUCTION}; where evidence of "
                f"{measures} is enough, write from: {measures}."
            )
            yield Fault(site.at, sentence, measures, PRODUCTION, f"from: {measures}")


def _read_sources(definitions: Definitions, site: Site, said: Entry) -> Iterator[tuple[str, str]]:
    """What is read for a condition, and from which source: the thing itself, or what proves the item."""
    if site.kind in _MEASURED:
        yield site.key, _named_source(said)
    for key in texts_of(said.get("proved_by")) if site.kind is ConditionKind.ITEM else ():
        for kind in _MEASURED:
            if key in definitions[kind]:
                yield key, _named_source(definitions[kind][key])


def _named_source(said: Entry) -> str:
    holder = mapping_of(said.get("metric")) if "metric" in said else said
    return written_text(holder, "source")


def _flag_faults(at: Path, flag: Entry, environments: Mapping[str, str]) -> Iterator[Fault]:
    """What is in effect in production cannot be seen elsewhere, nor set there."""
    for name in ("apply", "observed"):
        source = written_text(mapping_of(flag.get(name)), "source")
        measures = environments.get(source, "")
        if measures not in ("", PRODUCTION):
            sentence = f"{source} is {measures}; the share that counts is that of {PRODUCTION}, so name a source of it."
            yield Fault((*at, name, "source"), sentence, measures, PRODUCTION)
