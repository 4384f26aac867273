"""Warnings about durations: what is looked at too rarely for its limit, and what counts for too short or too long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from readiness.core.conditions import CHECK_EVERY, CHECK_MAX_AGE, GATE_EVERY, GATE_MAX_AGE, ConditionKind
from readiness.core.plan import MIRROR_EVERY, Plan
from readiness.core.plan_conditions import FOR_PHASE, merged_entry
from readiness.core.plan_document import (
    SECTIONS,
    Entry,
    Path,
    definitions_of,
    duration_of,
    mapping_of,
    optional_duration,
    sites_of,
    written_text,
)
from readiness.core.plan_fault import Fault
from readiness.core.quantities import compact_duration, parse_duration

LONGEST_AGE = timedelta(days=1)
SHORTEST_CLAIM = timedelta(hours=1)
LONGEST_CLAIM = timedelta(days=365)
_NOTHING = timedelta(0)
_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
_LOOKED_AT = {ConditionKind.GATE: (GATE_EVERY, GATE_MAX_AGE), ConditionKind.CHECK: (CHECK_EVERY, CHECK_MAX_AGE)}


@dataclass(frozen=True, slots=True)
class Stated:
    """A thing where it is defined or where it stands: what is written there, and all that counts there."""

    at: Path
    entry: Entry
    said: Entry
    defined: bool


def stated_entries(document: Entry, kind: ConditionKind) -> Iterator[Stated]:
    """Everything of a kind where the plan defines it, and then every place that names it."""
    definitions = definitions_of(document)
    for key, entry in definitions.get(kind, {}).items():
        yield Stated((_SECTION_OF[kind], key), entry, entry, True)
    for site in sites_of(document):
        if site.kind is kind:
            yield Stated(site.at, site.entry, merged_entry(definitions, site), False)


def time_warnings(document: Entry, plan: Plan) -> Iterator[Fault]:
    """Every duration that probably is not meant."""
    for kind in _LOOKED_AT:
        for stated in stated_entries(document, kind):
            yield from _window_warnings(stated, *_LOOKED_AT[kind])
            yield from _age_warnings(stated, *_LOOKED_AT[kind])
            yield from _source_warnings(document, stated, _LOOKED_AT[kind][1])
    for kind in (ConditionKind.ITEM, ConditionKind.DRILL):
        for stated in stated_entries(document, kind):
            yield from _claim_warnings(stated)
    yield from _planned_warnings(plan)


def _window_warnings(stated: Stated, usual_every: timedelta, _: timedelta) -> Iterator[Fault]:
    every, window = duration_of(stated.said, "every", usual_every), written_text(stated.said, "for", "0s")
    if not {"for", "every", "max_age"} & set(stated.entry) or window == FOR_PHASE:
        return
    if _NOTHING < parse_duration(window) < 2 * every:
        sentence = (
            f"A window of {window} holds less than two measurements, which are taken every {compact_duration(every)}; "
            f"write {compact_duration(2 * every)} at least."
        )
        at = (*stated.at, "for") if "for" in stated.entry else stated.at
        yield Fault(at, sentence, window, compact_duration(2 * every))


def _age_warnings(stated: Stated, usual_every: timedelta, usual_age: timedelta) -> Iterator[Fault]:
    """What is stale between two looks, and what is never stale."""
    every, max_age = duration_of(stated.said, "every", usual_every), duration_of(stated.said, "max_age", usual_age)
    if every > max_age and {"every", "max_age"} & set(stated.entry):
        sentence = (
            f"It is measured every {compact_duration(every)} and a sample counts for {compact_duration(max_age)}, "
            "so it will be stale between two measurements."
        )
        yield Fault(stated.at, sentence, compact_duration(every), compact_duration(max_age))
    if max_age > LONGEST_AGE and "max_age" in stated.entry:
        sentence = (
            f"What was seen {compact_duration(max_age)} ago would still count as now; write 1d at most, such as 2m."
        )
        yield Fault((*stated.at, "max_age"), sentence, compact_duration(max_age), compact_duration(LONGEST_AGE))


def _source_warnings(document: Entry, stated: Stated, usual_age: timedelta) -> Iterator[Fault]:
    """What counts for a shorter time than its source takes to have something new."""
    key = written_text(stated.said, "source")
    source = mapping_of(mapping_of(document.get("sources")).get(key))
    renewed, how = _renewed_every(source), "is fetched" if source.get("kind") == "git" else "has something new"
    max_age = duration_of(stated.said, "max_age", usual_age)
    if renewed is not None and renewed > max_age and (stated.defined or "max_age" in stated.entry):
        sentence = (
            f"{key} {how} every {compact_duration(renewed)} and what this finds counts for "
            f"{compact_duration(max_age)}, so it will be stale in between; write {compact_duration(renewed)} at least."
        )
        at = (*stated.at, "max_age") if "max_age" in stated.entry else stated.at
        yield Fault(at, sentence, compact_duration(max_age), compact_duration(renewed))


def _renewed_every(source: Entry) -> timedelta | None:
    """How often a source has something new; None where it says nothing, or is a checkout that is read as it is."""
    if source.get("kind") == "git":
        return duration_of(source, "every", MIRROR_EVERY) if "url" in source else None
    return optional_duration(source, "every")


def _claim_warnings(stated: Stated) -> Iterator[Fault]:
    """A claim or a pass that runs out at once, or in effect never."""
    counts = optional_duration(stated.entry, "valid_for")
    if counts is None:
        return
    at, said = (*stated.at, "valid_for"), compact_duration(counts)
    takes = optional_duration(stated.said, "target") or _NOTHING
    if counts < takes:
        sentence = f"It counts for {said} and may itself take {compact_duration(takes)}; write a longer time."
        yield Fault(at, sentence, said, compact_duration(takes))
    elif counts < SHORTEST_CLAIM:
        sentence = f"It runs out {said} after it was recorded, before others can sign over it; write 1h at least."
        yield Fault(at, sentence, said, compact_duration(SHORTEST_CLAIM))
    elif counts > LONGEST_CLAIM:
        sentence = f"It counts for {said}, so in effect it never runs out; write 365d at most, or leave valid_for out."
        yield Fault(at, sentence, said, compact_duration(LONGEST_CLAIM))


def _planned_warnings(plan: Plan) -> Iterator[Fault]:
    """A limit that must hold for longer than its phase is planned to run, whose run the window cannot begin before."""
    for index, phase in enumerate(plan.phases):
        planned = phase.late_after or phase.dwell
        for condition in phase.succeed:
            window = condition.gate.hold_for if condition.gate is not None else _NOTHING
            if _NOTHING < planned < window:
                sentence = (
                    f"{condition.key} must hold for {compact_duration(window)} within the phase, and {phase.key} is "
                    f"planned for {compact_duration(planned)}; make one of them fit the other."
                )
                yield Fault(
                    ("phases", index, "duration"), sentence, compact_duration(planned), compact_duration(window)
                )
