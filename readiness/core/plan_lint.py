"""Warnings: what a plan may say and probably does not mean. Each one is true of the plan as it stands."""

from collections.abc import Iterator
from dataclasses import replace

from readiness.core.conditions import ConditionKind, ConditionList
from readiness.core.criteria import needs_comparand, parse_criteria
from readiness.core.plan import Phase, Plan
from readiness.core.plan_common import common_warnings
from readiness.core.plan_conditions import expect_of
from readiness.core.plan_document import EVERY_PHASE, Entry, Path, mapping_of, sites_of, written_text
from readiness.core.plan_fault import Fault, listed_words
from readiness.core.plan_polls import poll_warnings
from readiness.core.plan_queries import query_warnings
from readiness.core.plan_times import stated_entries, time_warnings
from readiness.core.plan_trials import trial_warnings
from readiness.core.plan_ways import changes_nothing, share_in
from readiness.core.quantities import format_number, parse_share
from readiness.core.selectors import reads_only_past


def plan_warnings(document: Entry, plan: Plan) -> Iterator[Fault]:
    """Everything worth a warning in a plan that can be imported."""
    yield from _gate_warnings(document)
    yield from query_warnings(document)
    yield from time_warnings(document, plan)
    yield from common_warnings(document)
    yield from _gap_warnings(plan)
    yield from _split_warnings(plan)
    yield from _way_warnings(document, plan)
    yield from poll_warnings(plan)
    yield from _empty_phase_warnings(plan)
    yield from _unguarded_warnings(plan)
    yield from trial_warnings(plan)


def _gate_warnings(document: Entry) -> Iterator[Fault]:
    """Gates where they are defined, and where they stand with something of their own."""
    for stated in stated_entries(document, ConditionKind.GATE):
        yield from _comparison_warnings(stated.at, stated.entry, stated.said)
        yield from _creep_warnings(stated.at, stated.entry, stated.said)
        yield from _past_warnings(stated.at, stated.entry)


def _comparison_warnings(at: Path, entry: Entry, said: Entry) -> Iterator[Fault]:
    if "against" in entry and not needs_comparand(parse_criteria(expect_of(said), written_text(said, "unit"))):
        sentence = (
            f'{said["expect"]!r} is absolute, so what it stands against is never asked; write a sign, such as "<= +5%".'
        )
        yield Fault((*at, "against"), sentence)


def _creep_warnings(at: Path, entry: Entry, said: Entry) -> Iterator[Fault]:
    """A limit that moves with every result that kept to it, and nothing that stands still beside it."""
    if "against" not in entry or not mapping_of(said.get("against")).get("previous"):
        return
    criteria = parse_criteria(expect_of(said), written_text(said, "unit"))
    if any(all(c.relative for c in conjunction) for conjunction in criteria.alternatives):
        sentence = (
            "Each result that is accepted is what the next is compared with, so this creeps step by step without end; "
            'write an absolute limit beside it, such as ["<= +1%", "<= 20ms"].'
        )
        yield Fault((*at, "against"), sentence, "previous", "an absolute limit beside it")


def _past_warnings(at: Path, entry: Entry) -> Iterator[Fault]:
    """A gate that is measured as things were; what it compares with may well be the past."""
    query = written_text(entry, "query")
    if query and reads_only_past(query):
        sentence = (
            "Every part of the query reads the past (offset), so it never says how it is now; and its age is that of "
            "today’s sample. Take the offset away."
        )
        yield Fault((*at, "query"), sentence, query[:60])


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


def _empty_phase_warnings(plan: Plan) -> Iterator[Fault]:
    before: Phase | None = None
    for index, phase in enumerate(plan.phases):
        if not phase.enter and not (before and before.succeed):
            sentence = f"Nothing is asked before {phase.key}; a phase that nothing is asked for can never be entered."
            yield Fault(("phases", index), sentence, "nothing", "enter")
        before = phase


def _unguarded_warnings(plan: Plan) -> Iterator[Fault]:
    """Phases in which somebody gets the change while nothing could stop it, or nothing has to be shown."""
    for index, phase in enumerate(plan.phases):
        moved = _moved(plan, phase)
        if moved and not phase.abort and phase.watch is None:
            sentence = (
                f"{phase.key} moves {moved}, and neither it nor every_phase has an abort trigger, so nothing stops it; "
                "say under abort what must hold."
            )
            yield Fault(("phases", index), sentence, "no trigger", "abort")
        if moved and not phase.succeed:
            sentence = (
                f"{phase.key} moves {moved}, and nothing has to be shown while it runs but that nothing stops it; say "
                "under succeed what must have held."
            )
            yield Fault(("phases", index), sentence, "nothing", "succeed")


def _moved(plan: Plan, phase: Phase) -> str:
    """What a phase changes for users: traffic, and the flags that are not as they are outside of every phase."""
    flags = [key for key in plan.flags if share_in(plan, phase, key) != share_in(plan, replace(phase, flags={}), key)]
    traffic = ["traffic"] if phase.traffic and parse_share(phase.traffic) > 0 else []
    return listed_words([*traffic, *flags])
