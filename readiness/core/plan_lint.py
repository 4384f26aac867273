"""Warnings: what a plan may say and probably does not mean. Each one is true of the plan as it stands."""

from collections.abc import Iterator
from datetime import timedelta

from readiness.core.conditions import GATE_EVERY, GATE_MAX_AGE, Condition, ConditionKind, ConditionList
from readiness.core.criteria import needs_comparand, parse_criteria
from readiness.core.gaps import gap_blocks
from readiness.core.plan import Phase, Plan
from readiness.core.plan_common import common_warnings
from readiness.core.plan_conditions import FOR_PHASE, expect_of, merged_entry
from readiness.core.plan_document import (
    EVERY_PHASE,
    Entry,
    Path,
    definitions_of,
    duration_of,
    sites_of,
    written_text,
)
from readiness.core.plan_fault import Fault, listed_words
from readiness.core.plan_trials import trial_warnings
from readiness.core.plan_ways import changes_nothing, share_in
from readiness.core.quantities import compact_duration, format_number, parse_duration, parse_share
from readiness.core.selectors import reads_only_past

_NOTHING = timedelta(0)


def plan_warnings(document: Entry, plan: Plan) -> Iterator[Fault]:
    """Everything worth a warning in a plan that can be imported."""
    yield from _gate_warnings(document)
    yield from common_warnings(document)
    yield from _mirror_warnings(plan)
    yield from _gap_warnings(plan)
    yield from _split_warnings(plan)
    yield from _way_warnings(document, plan)
    yield from _owner_warnings(plan)
    yield from _empty_phase_warnings(plan)
    yield from trial_warnings(plan)


def _gate_warnings(document: Entry) -> Iterator[Fault]:
    """Gates where they are defined, and where they stand with something of their own."""
    definitions = definitions_of(document)
    for key, gate in definitions[ConditionKind.GATE].items():
        yield from _timing_warnings(("gates", key), gate, gate)
        yield from _comparison_warnings(("gates", key), gate, gate)
        yield from _past_warnings(("gates", key), gate)
    for site in sites_of(document):
        if site.kind is ConditionKind.GATE:
            said = merged_entry(definitions, site)
            yield from _timing_warnings(site.at, site.entry, said)
            yield from _comparison_warnings(site.at, site.entry, said)
            yield from _past_warnings(site.at, site.entry)


def _timing_warnings(at: Path, entry: Entry, said: Entry) -> Iterator[Fault]:
    if not {"for", "every", "max_age"} & set(entry):
        return
    every, max_age = duration_of(said, "every", GATE_EVERY), duration_of(said, "max_age", GATE_MAX_AGE)
    window = written_text(said, "for", "0s")
    if window != FOR_PHASE and _NOTHING < parse_duration(window) < 2 * every:
        sentence = (
            f"A window of {window} holds less than two measurements, which are taken every {compact_duration(every)}; "
            f"write {compact_duration(2 * every)} at least."
        )
        yield Fault((*at, "for") if "for" in entry else at, sentence, window, compact_duration(2 * every))
    if every > max_age and {"every", "max_age"} & set(entry):
        sentence = (
            f"It is measured every {compact_duration(every)} and a sample counts for {compact_duration(max_age)}, "
            "so it will be stale between two measurements."
        )
        yield Fault(at, sentence, compact_duration(every), compact_duration(max_age))


def _comparison_warnings(at: Path, entry: Entry, said: Entry) -> Iterator[Fault]:
    if "against" in entry and not needs_comparand(parse_criteria(expect_of(said), written_text(said, "unit"))):
        sentence = (
            f'{said["expect"]!r} is absolute, so what it stands against is never asked; write a sign, such as "<= +5%".'
        )
        yield Fault((*at, "against"), sentence)


def _past_warnings(at: Path, entry: Entry) -> Iterator[Fault]:
    """A gate that is measured as things were; what it compares with may well be the past."""
    query = written_text(entry, "query")
    if query and reads_only_past(query):
        sentence = (
            "Every part of the query reads the past (offset), so it never says how it is now; and its age is that of "
            "today’s sample. Take the offset away."
        )
        yield Fault((*at, "query"), sentence, query[:60])


def _mirror_warnings(plan: Plan) -> Iterator[Fault]:
    """A mirror that is fetched more rarely than its evidence counts."""
    slow = {source.key: source.every for source in plan.sources if "url" in source.settings and source.kind == "git"}
    for condition in plan.checks:
        every = slow.get(condition.check.source) if condition.check is not None else None
        if condition.check is not None and every is not None and every > condition.check.max_age:
            source, counts = condition.check.source, compact_duration(condition.check.max_age)
            sentence = (
                f"{source} is fetched every {compact_duration(every)} and what this finds counts for {counts}, so it "
                "will be stale between two fetches."
            )
            yield Fault(("checks", condition.key), sentence, compact_duration(every), counts)


def _gap_warnings(plan: Plan) -> Iterator[Fault]:
    """A gap of weight that blocks nothing. A low one that says so was meant so."""
    for index, gap in enumerate(plan.gaps):
        if not gap.blocks and gap.severity != "low":
            sentence = f"Gap {gap.key} is {gap.severity} and blocks no phase; name the phases, or call it low."
            yield Fault(("gaps", index, "blocks"), sentence, "[]", "all, or a list of phases")


def _split_warnings(plan: Plan) -> Iterator[Fault]:
    """Two splits of one share: what reaches the change is their product."""
    for index, phase in enumerate(plan.phases):
        traffic = parse_share(phase.traffic) if phase.traffic else 1.0
        partial = {key: share for key in phase.flags if 0 < (share := _number(share_in(plan, phase, key))) < 1}
        if 0 < traffic < 1 and partial:
            share = max(partial.values())
            named = [key for key in partial if partial[key] == share]
            flags, takes = listed_words(named), "takes" if len(named) == 1 else "take"
            sentence = (
                f"In {phase.key} the deployer sends {_percent(traffic)} of traffic and {flags} {takes} "
                f"{_percent(share)} of that, so {_percent(traffic * share)} of all requests get the change; if one "
                "split is meant, make the other 100%."
            )
            yield Fault(("phases", index, "traffic"), sentence, phase.traffic)


def _number(share: str) -> float:
    return parse_share({"on": "100%", "off": "0%"}.get(share, share))


def _percent(share: float) -> str:
    return f"{format_number(share * 100, 6)} %"


def _way_warnings(document: Entry, plan: Plan) -> Iterator[Fault]:
    for index, level in enumerate(plan.rollbacks):
        if level.verify is None:
            sentence = f"Nothing verifies way back {level.key}, so a rollback by it is never seen to have worked."
            yield Fault(("rollbacks", index), sentence, "nothing", "verify")
    idle = {
        level.key: [phase.key for phase in plan.phases if changes_nothing(plan, phase, level)]
        for level in plan.rollbacks
    }
    told: set[str] = set()
    for site in sites_of(document):
        level_key = written_text(site.entry, "roll_back")
        if site.place == EVERY_PHASE and site.list is ConditionList.ABORT and idle[level_key] and level_key not in told:
            told.add(level_key)
            sentence = (
                f"Triggers of every phase take way back {level_key}, which changes nothing in "
                f"{listed_words(idle[level_key])}; give those phases triggers with a way back of their own."
            )
            yield Fault((*site.at, "roll_back"), sentence, level_key)


def _owner_warnings(plan: Plan) -> Iterator[Fault]:
    """Once for each owner of conditions that a poll covers without polling them: these belong to `last`."""
    missed: dict[str, list[str]] = {}
    before: Phase | None = None
    for phase in (*plan.phases, *((plan.close,) if plan.close else ())):
        polled = {*phase.sign_off.roles, phase.sign_off.last} if phase.sign_off else set()
        for condition in _covered(plan, before, phase):
            if condition.owner not in polled:
                places = missed.setdefault(condition.owner or "", [])
                places += [phase.key] if phase.key not in places else []
        before = phase
    for owner, places in missed.items():
        if owner:
            sentence = f"{owner} owns conditions of {listed_words(places)} and is not polled there; "
        else:
            sentence = f"Some conditions of {listed_words(places)} have no owner; "
        sentence += "the role that answers last answers for them."
        yield Fault(("roles", owner) if owner else ("phases",), sentence, owner, at_key=True)


def _covered(plan: Plan, before: Phase | None, phase: Phase) -> Iterator[Condition]:
    """What the poll to enter a phase covers."""
    yield from before.succeed if before else ()
    yield from phase.enter
    for gap in plan.gaps:
        if gap_blocks(gap, phase.key):
            yield from gap.closed_when


def _empty_phase_warnings(plan: Plan) -> Iterator[Fault]:
    before: Phase | None = None
    for index, phase in enumerate(plan.phases):
        if not phase.enter and not (before and before.succeed):
            sentence = f"Nothing is asked before {phase.key}; a phase that nothing is asked for can never be entered."
            yield Fault(("phases", index), sentence, "nothing", "enter")
        before = phase
