"""Limits and queries: a criterion can be read and can decide, a window fits its list, PromQL parses."""

from collections.abc import Iterator

from readiness.core.conditions import ConditionKind, ConditionList
from readiness.core.criteria import UnreadableCriterion, always_or_never, needs_comparand, parse_criteria
from readiness.core.plan_conditions import FOR_PHASE, UnknownThing, expect_of, merged_entry
from readiness.core.plan_document import (
    Definitions,
    Entry,
    Path,
    Site,
    definitions_of,
    keyed_entries,
    mapping_of,
    sites_of,
    texts_of,
    written_text,
)
from readiness.core.plan_fault import Fault
from readiness.core.quantities import UnreadableQuantity
from readiness.core.query_shapes import reads_nothing
from readiness.core.selectors import UnreadableQuery, reads_fixed_time

_EVIDENCE_KEYS = {
    "junit": {"min_suites"},
    "loadtest": {"min_duration", "p99", "error_rate"},
    "report": {"fields"},
}

READS_NOTHING = (
    "The query reads no series, so it says the same whatever happens; name what is measured, such as "
    "max(latency_seconds)."
)
PINNED = (
    "The query is pinned with @ to one moment, so it says the same for ever, however old that is; take the @ away, "
    "or record a baseline to compare with."
)


def limit_faults(document: Entry) -> Iterator[Fault]:
    """Every limit, window and query that cannot be read or cannot decide."""
    definitions = definitions_of(document)
    for key, gate in definitions[ConditionKind.GATE].items():
        yield from _criteria_faults(("gates", key, "expect"), gate)
        yield from _query_faults(("gates", key), gate)
    for site in sites_of(document):
        if site.kind is ConditionKind.GATE:
            yield from _gate_faults(definitions, site)
        if site.kind is ConditionKind.ITEM:
            yield from _evidence_faults((*site.at, "evidence"), mapping_of(site.entry.get("evidence")))
            yield from _report_faults((*site.at, "evidence"), site.entry.get("evidence"))
    for key, flag in keyed_entries(document.get("flags")):
        yield from _query_faults(("flags", key, "observed"), mapping_of(flag.get("observed")))


def _gate_faults(definitions: Definitions, site: Site) -> Iterator[Fault]:
    try:
        said = merged_entry(definitions, site)
    except UnknownThing:
        return
    if {"expect", "against"} & set(site.entry):
        yield from _criteria_faults((*site.at, "expect") if "expect" in site.entry else site.at, said)
    yield from _query_faults(site.at, site.entry)
    yield from _window_faults(site, said)


def _criteria_faults(here: Path, said: Entry) -> Iterator[Fault]:
    """What is wrong with the criteria that `said` makes, told at `here`."""
    unit, expect = written_text(said, "unit"), said.get("expect")
    if expect is None:
        return
    try:
        criteria = parse_criteria(expect_of(said), unit)
        decides = always_or_never(criteria, unit)
    except (UnreadableCriterion, UnreadableQuantity) as refusal:
        yield Fault(here, str(refusal), repr(expect))
        return
    if decides is not None:
        sentence = f"{expect!r} {decides} holds for a value in {unit or 'any unit'}, so it decides nothing; change it."
        yield Fault(here, sentence, repr(expect))
    if needs_comparand(criteria) and not mapping_of(said.get("against")):
        sentence = f"{expect!r} is relative; say against what: a query, a baseline or previous."
        yield Fault(here, sentence, repr(expect), "against: {query: …}, {baseline: …} or {previous: true}")


def _query_faults(at: Path, entry: Entry) -> Iterator[Fault]:
    """PromQL that does not parse, in the entry itself, its comparand and its measure of traffic."""
    for place, holder in ((at, entry), *(((*at, key), mapping_of(entry.get(key))) for key in ("against", "enough"))):
        query = holder.get("query")
        if isinstance(query, str):
            yield from _text_faults((*place, "query"), query)


def _text_faults(at: Path, query: str) -> Iterator[Fault]:
    try:
        pinned, empty = reads_fixed_time(query), reads_nothing(query)
    except UnreadableQuery as refusal:
        text = " ".join(str(refusal).split())
        yield Fault(at, f"{text[:1].upper()}{text[1:]}", repr(query[:60]), "PromQL")
        return
    if pinned:
        yield Fault(at, PINNED, repr(query[:60]), "the query without @")
    if empty:
        yield Fault(at, READS_NOTHING, repr(query[:60]), "a query of what is measured")


def _window_faults(site: Site, said: Entry) -> Iterator[Fault]:
    whole = str(said.get("for", "")) == FOR_PHASE
    here = (*site.at, "for") if "for" in site.entry else site.at
    if whole and site.list is not ConditionList.SUCCEED:
        sentence = (
            "'for: phase' measures the phase that runs, so it stands in succeed only; write a duration such as 10m."
        )
        yield Fault(here, sentence, "phase", "a duration such as 10m")
    if whole and "at_least" not in said:
        yield Fault(here, "'for: phase' needs at_least, the share of the phase, such as 99.9%.", "phase", "at_least")
    if "at_least" in site.entry and not whole:
        yield Fault(
            (*site.at, "at_least"), "at_least counts only with 'for: phase'; add that, or remove it.", "at_least"
        )


def _evidence_faults(at: Path, evidence: Entry) -> Iterator[Fault]:
    """Limits that the kind of evidence does not have, or that cannot be read."""
    kind = written_text(evidence, "kind")
    for key in set(evidence) - {"kind"} - _EVIDENCE_KEYS.get(kind, set()):
        allowed = ", ".join(sorted(_EVIDENCE_KEYS.get(kind, set()))) or "none"
        sentence = f"Evidence of kind {kind} has no {key}; its limits are {allowed}."
        yield Fault((*at, key), sentence, key, allowed, at_key=True)
    for key, unit in (("p99", "s"), ("error_rate", "ratio")):
        if isinstance(evidence.get(key), str):
            yield from _criteria_faults((*at, key), {"expect": evidence[key], "unit": unit})


def _report_faults(at: Path, evidence: object) -> Iterator[Fault]:
    """A report without fields would prove nothing, and one name twice cannot be filled in twice."""
    said = mapping_of(evidence)
    if evidence != "report" and said.get("kind") != "report":
        return
    fields = [name for name in texts_of(said.get("fields")) if name.strip()]
    if not fields:
        sentence = "A report names what it states; write evidence: {kind: report, fields: [cost, people]}."
        yield Fault(at, sentence, "report", "fields: [cost, people]")
    for place, name in enumerate(fields):
        if name in fields[:place]:
            yield Fault((*at, "fields", place), f"{name!r} is named twice; name each field once.", repr(name))
