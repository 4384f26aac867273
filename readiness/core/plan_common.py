"""Conditions of a phase that are those of every phase: which takes the place of which, and what that changes.

A phase's own condition takes the place of the common one with the same identity. An abort trigger that somebody else
decides does not: both stand, so that no person quietly replaces automation.
"""

from collections.abc import Iterator

from readiness.core.conditions import Condition, ConditionList
from readiness.core.plan_conditions import build_condition
from readiness.core.plan_document import EVERY_PHASE, Entry, Site, definitions_of, format_path, sites_of
from readiness.core.plan_fault import Fault, listed_words
from readiness.core.plan_words import condition_words

_MAY_DIFFER = {"title", "owner", "section", "from", "added", "roll back"}


def decides_otherwise(own: Condition, common: Condition) -> bool:
    """Whether two triggers are decided by different people or machines."""
    return own.abort is not None and common.abort is not None and own.abort.decided_by != common.abort.decided_by


def common_warnings(document: Entry) -> Iterator[Fault]:
    """Every condition of a phase that is one of every phase and says something else than that."""
    definitions = definitions_of(document)
    common: dict[tuple[ConditionList, str], tuple[Site, Condition]] = {}
    for site in sites_of(document):
        condition = build_condition(definitions, site)
        identity = site.list, condition.path.partition("/")[2]
        if site.place == EVERY_PHASE:
            common[identity] = site, condition
        elif site.at[0] == "phases" and identity in common:
            yield from _replacement(site, condition, *common[identity])


def _replacement(site: Site, own: Condition, other: Site, common: Condition) -> Iterator[Fault]:
    where = format_path(other.at)
    if decides_otherwise(own, common) and own.abort is not None and common.abort is not None:
        sentence = (
            f"{own.key} stops every phase already ({where}), decided by {common.abort.decided_by} with way back "
            f"{common.abort.roll_back}; here {own.abort.decided_by} decides with {own.abort.roll_back}. Both stand."
        )
        yield Fault(site.at, sentence, own.abort.decided_by, common.abort.decided_by)
    elif differs := _differences(own, common):
        sentence = f"This takes the place of {where}, with {listed_words(differs)}."
        yield Fault(site.at, sentence)


def _differences(own: Condition, common: Condition) -> list[str]:
    """What the own one says otherwise, of all that it is judged by."""
    here, there = condition_words(own), condition_words(common)
    names = [name for name in dict.fromkeys([*here, *there]) if name not in _MAY_DIFFER]
    return [
        f"{name} {here.get(name) or 'not said'} rather than {there.get(name) or 'not said'}"
        for name in names
        if here.get(name) != there.get(name)
    ]
